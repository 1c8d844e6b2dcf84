#include "citadel/journal_wait.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace obscura::citadel {

base::Task<bool> until_durable(std::shared_ptr<audit::Journal> journal,
                               audit::Journal::Ticket ticket) {
    if (journal->is_durable(ticket)) co_return true;
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const news = std::make_shared<boost::asio::steady_timer>(executor);
    journal->when_settled(
        ticket, [news, executor] { boost::asio::post(executor, [news] { news->cancel(); }); });
    while (!journal->is_durable(ticket)) {
        if (journal->standing() != audit::Standing::good) co_return false;
        // Cancelled by the news; the time is for a disk that neither takes nor refuses.
        news->expires_after(std::chrono::seconds(1));
        co_await news->async_wait(boost::asio::as_tuple(boost::asio::use_awaitable));
    }
    co_return true;
}

}  // namespace obscura::citadel
