#include "venue/binance_history.hpp"

#include "venue/binance_codec.hpp"
#include "venue/binance_errors.hpp"
#include "venue/binance_spot.hpp"

namespace obscura::venue {

using base::Result;
using ports::Task;

namespace {

constexpr std::chrono::seconds request_lifetime{10};
constexpr std::chrono::milliseconds read_timeout{10'000};

model::ListTrades operation_of(PageAsk const& ask) {
    model::ListTrades list;
    list.symbol = ask.symbol;
    list.from_id = ask.from_id;
    list.start_time = ask.start_time;
    list.limit = static_cast<int>(PageAsk::page_size);
    return list;
}

}  // namespace

Task<Result<ports::SignedRequest>> sign_one(ports::Signer& signer,
                                            ports::LeaderAccount const& account,
                                            model::VenueOperation operation,
                                            base::Timestamp not_after) {
    ports::SignItem item;
    item.id = "1";
    item.venue = account.venue;
    item.environment = account.environment;
    item.market = model::Market::spot;
    item.context = account.credential_context;
    item.credentials = account.credentials;
    item.operation = std::move(operation);
    item.not_after = not_after;
    std::vector<ports::SignItem> items;
    items.push_back(std::move(item));
    auto answers = co_await signer.sign(std::move(items));
    if (!answers) co_return std::unexpected(std::move(answers.error()));
    if (answers->size() != 1)
        co_return base::fail(base::Errc::bad_gateway, "signer_answer_unreadable",
                             "The signer gave another number of answers than it was asked for.");
    co_return std::move(answers->front());
}

BinanceHistory::BinanceHistory(net::HttpClient& client, ports::Signer& signer,
                               std::string rest_origin, std::shared_ptr<RestGate> gate,
                               base::Clock const& clock)
    : client_(client),
      signer_(signer),
      rest_origins_{std::move(rest_origin)},
      gate_(std::move(gate)),
      clock_(clock) {}

Task<Result<std::vector<model::Trade>>> BinanceHistory::page(ports::LeaderAccount const& account,
                                                             PageAsk ask) {
    if (clock_.steady() < gate_->closed_until)
        co_return base::fail(base::Errc::rate_limited, "venue_throttled",
                             "Binance asked to slow down; waiting.");
    auto signed_request =
        co_await sign_one(signer_, account, operation_of(ask), clock_.now() + request_lifetime);
    if (!signed_request) co_return std::unexpected(std::move(signed_request.error()));
    auto call = to_call(std::move(*signed_request), rest_origins_);
    if (!call)
        co_return base::fail(base::Errc::unavailable, "venue_not_called",
                             "The request was not sent: " + call.error() + ".");
    auto const answer =
        co_await client_.fetch(std::move(call->origin), std::move(call->request), read_timeout);
    if (!answer) co_return std::unexpected(read_error(answer.error()));
    if (answer->status != 200) {
        auto error = read_error(*answer);
        if (error.retry_after) gate_->closed_until = clock_.steady() + *error.retry_after;
        co_return std::unexpected(std::move(error));
    }
    auto const json = parse_binance(answer->body);
    if (!json) co_return std::unexpected(json.error());
    co_return decode_trades(*json);
}

}  // namespace obscura::venue
