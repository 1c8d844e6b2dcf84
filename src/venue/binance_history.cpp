#include "venue/binance_history.hpp"

#include "venue/binance_codec.hpp"
#include "venue/binance_futures_codec.hpp"

namespace obscura::venue {

using base::Result;
using ports::Task;

namespace {

model::ListTrades operation_of(PageAsk const& ask) {
    model::ListTrades list;
    list.symbol = ask.symbol;
    list.from_id = ask.from_id;
    list.start_time = ask.start_time;
    list.limit = static_cast<int>(PageAsk::page_size);
    return list;
}

}  // namespace

Task<Result<std::vector<model::Trade>>> read_history(BinanceAccountReader& reader,
                                                     ports::LeaderAccount const& account,
                                                     PageAsk ask) {
    auto const json = co_await reader.ask(account, operation_of(ask));
    if (!json) co_return std::unexpected(json.error());
    co_return reader.market() == model::Market::futures ? decode_futures_trades(*json)
                                                        : decode_trades(*json);
}

FillHistory binance_history_of(model::Market market) {
    FillHistory history{.market = market};
    if (market == model::Market::futures) {
        // Account-Trade-List: at most 7 days a page, and nothing older than three months; a day
        // less, for the clocks.
        history.window = std::chrono::hours(24 * 7);
        history.reach = std::chrono::hours(24 * 88);
    }
    return history;
}

}  // namespace obscura::venue
