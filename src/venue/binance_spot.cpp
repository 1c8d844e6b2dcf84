#include "venue/binance_spot.hpp"

#include "venue/binance_codec.hpp"
#include "venue/binance_errors.hpp"
#include "venue/fields.hpp"

#include <algorithm>
#include <unordered_set>

namespace obscura::venue {
namespace {

using base::Result;
using ports::Task;

bool is_success(net::Response const& response) {
    return response.status >= 200 && response.status < 300;
}

Result<ports::OrderState> order_in(net::Response const& response) {
    auto const json = parse_binance(response.body);
    if (!json) return std::unexpected(json.error());
    return decode_order(*json);
}

base::Error not_called(std::string why) {
    return base::Error{.code = base::Errc::unavailable,
                       .reason = "venue_not_called",
                       .detail = "The request was not sent: " + std::move(why) + "."};
}

/// `["BTCUSDT","ETHUSDT"]`, percent-encoded.
std::string symbol_list(std::vector<std::string> const& symbols) {
    base::Json::Array list(symbols.begin(), symbols.end());
    return net::percent_encode(base::Json(std::move(list)).dump());
}

}  // namespace

std::expected<SignedCall, std::string> to_call(ports::SignedRequest signed_request,
                                               std::vector<std::string> const& rest_origins) {
    auto url = net::parse_url(signed_request.url);
    if (!url) return std::unexpected("its address cannot be read");
    auto origin = url->origin();
    if (std::ranges::find(rest_origins, origin) == rest_origins.end())
        return std::unexpected("its address is not one of this venue");
    SignedCall call;
    call.origin = std::move(origin);
    call.request.method = std::move(signed_request.method);
    call.request.target = std::move(url->target);
    for (auto& [name, value] : signed_request.headers)
        call.request.headers.add(std::move(name), std::move(value));
    call.request.body = std::move(signed_request.body);
    return call;
}

BinanceSpot::BinanceSpot(net::HttpClient& client, BinanceSpotConfig config,
                         base::Clock const& clock)
    : client_(client),
      config_(std::move(config)),
      clock_(clock),
      rest_origins_(rest_origins_of(config_.endpoints)) {}

Task<BinanceSpot::Answer> BinanceSpot::fetch(std::string origin, net::Request request,
                                             std::chrono::milliseconds timeout) {
    auto answer = co_await client_.fetch(origin, std::move(request), timeout);
    if (!answer) co_return answer;
    if (auto const weight = used_weight_of(*answer))
        weight_used_.insert_or_assign(std::move(origin),
                                      ports::WeightUsed{.weight = *weight, .at = clock_.steady()});
    co_return answer;
}

Task<ports::SubmitOutcome> BinanceSpot::submit(ports::SignedRequest request) {
    auto call = to_call(std::move(request), rest_origins_);
    if (!call) co_return ports::NotSent{call.error()};
    auto const answer =
        co_await fetch(std::move(call->origin), std::move(call->request), config_.order_timeout);
    if (!answer) co_return outcome_of(answer.error());
    if (!is_success(*answer)) co_return outcome_of_refusal(*answer);
    auto order = order_in(*answer);
    // The venue said yes in words that we cannot read: it may well hold the order.
    if (!order) co_return ports::OutcomeUnknown{order.error().detail};
    co_return ports::Accepted{std::move(*order)};
}

Task<ports::QueryOutcome> BinanceSpot::query(ports::SignedRequest request) {
    auto call = to_call(std::move(request), rest_origins_);
    if (!call) co_return ports::OutcomeUnknown{call.error()};
    auto const answer =
        co_await fetch(std::move(call->origin), std::move(call->request), config_.read_timeout);
    if (!answer) co_return ports::OutcomeUnknown{answer.error().detail};
    if (!is_success(*answer)) {
        auto const error = parse_binance_error(answer->body);
        if (is_throttled(*answer, error)) co_return throttled_of(*answer, error);
        bool const absent = answer->status >= 400 && answer->status < 500 && error &&
                            error->code == -2013;  // NO_SUCH_ORDER
        if (absent) co_return ports::OrderAbsent{};
        co_return ports::OutcomeUnknown{read_error(*answer).detail};
    }
    auto order = order_in(*answer);
    if (!order) co_return ports::OutcomeUnknown{order.error().detail};
    co_return std::move(*order);
}

Task<Result<std::vector<model::Trade>>> BinanceSpot::list_fills(ports::SignedRequest request) {
    auto call = to_call(std::move(request), rest_origins_);
    if (!call) co_return std::unexpected(not_called(call.error()));
    auto const answer =
        co_await fetch(std::move(call->origin), std::move(call->request), config_.read_timeout);
    if (!answer) co_return std::unexpected(read_error(answer.error()));
    if (!is_success(*answer)) co_return std::unexpected(read_error(*answer));
    auto const json = parse_binance(answer->body);
    if (!json) co_return std::unexpected(json.error());
    co_return decode_trades(*json);
}

std::optional<std::string> BinanceSpot::origin_of(model::Environment environment) const {
    auto const found = config_.endpoints.find(environment);
    if (found == config_.endpoints.end()) return std::nullopt;
    auto const url = net::parse_url(found->second.rest);
    if (!url) return std::nullopt;
    return url->origin();
}

std::optional<ports::WeightUsed> BinanceSpot::weight_used(model::Environment environment) const {
    auto const origin = origin_of(environment);
    if (!origin) return std::nullopt;
    auto const found = weight_used_.find(*origin);
    if (found == weight_used_.end()) return std::nullopt;
    return found->second;
}

Task<void> BinanceSpot::warm(model::Environment environment, std::size_t connections) {
    auto origin = origin_of(environment);
    if (!origin) co_return;
    co_await client_.warm(std::move(*origin), connections);
}

Task<Result<base::Json>> BinanceSpot::get(model::Environment environment, std::string target,
                                          std::chrono::milliseconds timeout) {
    auto origin = origin_of(environment);
    if (!origin) co_return std::unexpected(not_called("this environment is not configured"));
    net::Request request;
    request.target = std::move(target);
    auto const answer = co_await fetch(std::move(*origin), std::move(request), timeout);
    if (!answer) co_return std::unexpected(read_error(answer.error()));
    if (!is_success(*answer)) co_return std::unexpected(read_error(*answer));
    co_return parse_binance(answer->body);
}

Task<Result<std::vector<model::Instrument>>> BinanceSpot::instruments(
    model::Environment environment) {
    auto const json =
        co_await get(environment, "/api/v3/exchangeInfo", config_.instruments_timeout);
    if (!json) co_return std::unexpected(json.error());
    co_return decode_instruments(*json);
}

Task<Result<base::Timestamp>> BinanceSpot::server_time(model::Environment environment) {
    auto const json = co_await get(environment, "/api/v3/time", config_.read_timeout);
    if (!json) co_return std::unexpected(json.error());
    Fields in(*json, "time");
    auto const told = in.unix_ms("serverTime");
    if (auto const done = in.done(); !done) co_return std::unexpected(done.error());
    co_return told;
}

Task<Result<std::vector<std::pair<std::string, base::Price>>>> BinanceSpot::prices(
    model::Environment environment, std::vector<std::string> symbols) {
    using Prices = std::vector<std::pair<std::string, base::Price>>;
    if (symbols.empty()) co_return Prices{};
    auto json = co_await get(environment, "/api/v3/ticker/price?symbols=" + symbol_list(symbols),
                             config_.read_timeout);
    // One unknown symbol spoils the whole list: take all and pick.
    if (!json && json.error().reason == "unknown_symbol")
        json = co_await get(environment, "/api/v3/ticker/price", config_.read_timeout);
    if (!json) co_return std::unexpected(json.error());
    auto prices = decode_prices(*json);
    if (!prices) co_return std::unexpected(prices.error());
    std::unordered_set<std::string> const wanted(symbols.begin(), symbols.end());
    std::erase_if(*prices, [&](auto const& entry) { return !wanted.contains(entry.first); });
    co_return std::move(*prices);
}

}  // namespace obscura::venue
