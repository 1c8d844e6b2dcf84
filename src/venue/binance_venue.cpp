#include "venue/binance_venue.hpp"

#include "venue/binance_call.hpp"
#include "venue/binance_documents.hpp"
#include "venue/binance_errors.hpp"

#include <unordered_set>

namespace obscura::venue {

using base::Result;
using ports::Task;

namespace {

constexpr std::int64_t no_such_order = -2013;

}  // namespace

BinanceVenue::BinanceVenue(BinanceDialect const& dialect, net::HttpClient& client,
                           BinanceVenueConfig config, base::Clock const& clock)
    : dialect_(dialect),
      client_(client),
      config_(std::move(config)),
      clock_(clock),
      rest_origins_(rest_origins_of(config_.endpoints)) {}

void BinanceVenue::observe_weight(std::string const& origin, net::Response const& response) {
    if (auto const weight = used_weight_of(response))
        weight_used_.insert_or_assign(origin,
                                      ports::WeightUsed{.weight = *weight, .at = clock_.steady()});
}

Task<BinanceVenue::Fetched> BinanceVenue::fetch(std::string origin, net::Request request,
                                                std::chrono::milliseconds timeout) {
    auto answer = co_await client_.fetch(origin, std::move(request), timeout);
    if (answer) observe_weight(origin, *answer);
    co_return answer;
}

Task<BinanceVenue::Answer> BinanceVenue::relay(ports::SignItem item) {
    auto const origin = origin_of(item.environment);
    if (config_.relay == nullptr || !origin)
        co_return std::unexpected(
            ports::RelayFailure{.kind = ports::RelayFailure::Kind::not_sent,
                                .error = not_called("there is no relay to where it goes")});
    auto answer = co_await config_.relay->send(std::move(item));
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    observe_weight(*origin, *answer);
    co_return std::move(*answer);
}

Task<BinanceVenue::Answer> BinanceVenue::send(ports::VenueRequest request,
                                              std::chrono::milliseconds timeout) {
    if (auto* item = std::get_if<ports::SignItem>(&request))
        co_return co_await relay(std::move(*item));
    auto call = to_call(std::move(std::get<ports::SignedRequest>(request)), rest_origins_);
    if (!call)
        co_return std::unexpected(ports::RelayFailure{.kind = ports::RelayFailure::Kind::not_sent,
                                                      .error = not_called(call.error())});
    auto answer = co_await fetch(std::move(call->origin), std::move(call->request), timeout);
    if (!answer) co_return std::unexpected(std::move(answer.error()));
    co_return std::move(*answer);
}

Result<ports::OrderState> BinanceVenue::order_in(net::Response const& response) const {
    auto const json = parse_binance(response.body);
    if (!json) return std::unexpected(json.error());
    return dialect_.decode_order(*json);
}

Task<ports::SubmitOutcome> BinanceVenue::submit(ports::VenueRequest request) {
    auto const answer = co_await send(std::move(request), config_.order_timeout);
    if (!answer)
        co_return std::visit([](auto const& why) { return outcome_of(why); }, answer.error());
    if (!is_success(*answer)) co_return outcome_of_refusal(*answer, dialect_.market);
    auto order = order_in(*answer);
    // The venue said yes in words that we cannot read: it may well hold the order.
    if (!order) co_return ports::OutcomeUnknown{order.error().detail};
    co_return ports::Accepted{std::move(*order)};
}

Task<ports::QueryOutcome> BinanceVenue::query(ports::VenueRequest request) {
    auto const answer = co_await answer_to(std::move(request));
    if (!answer) co_return ports::OutcomeUnknown{answer.error().detail};
    if (!is_success(*answer)) {
        auto const error = parse_binance_error(answer->body);
        if (is_throttled(*answer, error)) co_return throttled_of(*answer, error);
        bool const absent =
            answer->status >= 400 && answer->status < 500 && error && error->code == no_such_order;
        if (absent) co_return ports::OrderAbsent{};
        co_return ports::OutcomeUnknown{read_error(*answer).detail};
    }
    auto order = order_in(*answer);
    if (!order) co_return ports::OutcomeUnknown{order.error().detail};
    co_return std::move(*order);
}

Task<Result<std::vector<model::Trade>>> BinanceVenue::list_fills(ports::VenueRequest request) {
    auto const json = co_await read(std::move(request));
    if (!json) co_return std::unexpected(json.error());
    co_return dialect_.decode_trades(*json);
}

Task<Result<net::Response>> BinanceVenue::answer_to(ports::VenueRequest request) {
    auto answer = co_await send(std::move(request), config_.read_timeout);
    if (!answer)
        co_return std::unexpected(
            std::visit([](auto const& why) { return read_error(why); }, answer.error()));
    co_return std::move(*answer);
}

Task<Result<base::Json>> BinanceVenue::read(ports::VenueRequest request) {
    auto const answer = co_await answer_to(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    if (!is_success(*answer)) co_return std::unexpected(read_error(*answer));
    co_return parse_binance(answer->body);
}

std::optional<std::string> BinanceVenue::origin_of(model::Environment environment) const {
    auto const found = config_.endpoints.find(environment);
    if (found == config_.endpoints.end()) return std::nullopt;
    auto const url = net::parse_url(found->second.rest);
    if (!url) return std::nullopt;
    return url->origin();
}

std::optional<ports::WeightUsed> BinanceVenue::weight_used(model::Environment environment) const {
    auto const origin = origin_of(environment);
    if (!origin) return std::nullopt;
    auto const found = weight_used_.find(*origin);
    if (found == weight_used_.end()) return std::nullopt;
    return found->second;
}

Task<void> BinanceVenue::warm(model::Environment environment, std::size_t connections) {
    auto origin = origin_of(environment);
    if (!origin) co_return;
    co_await client_.warm(std::move(*origin), connections);
}

Task<Result<base::Json>> BinanceVenue::get(model::Environment environment, std::string target,
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

Task<Result<std::vector<model::Instrument>>> BinanceVenue::instruments(
    model::Environment environment) {
    auto const json = co_await get(environment, std::string(dialect_.instruments_path),
                                   config_.instruments_timeout);
    if (!json) co_return std::unexpected(json.error());
    co_return dialect_.decode_instruments(*json);
}

Task<Result<base::Timestamp>> BinanceVenue::server_time(model::Environment environment) {
    auto const json =
        co_await get(environment, std::string(dialect_.time_path), config_.read_timeout);
    if (!json) co_return std::unexpected(json.error());
    co_return decode_time(*json);
}

Task<Result<std::vector<std::pair<std::string, base::Price>>>> BinanceVenue::prices(
    model::Environment environment, std::vector<std::string> symbols) {
    using Prices = std::vector<std::pair<std::string, base::Price>>;
    if (symbols.empty()) co_return Prices{};
    auto const all = std::string(dialect_.prices_path);
    auto json =
        co_await get(environment, all + dialect_.prices_query(symbols), config_.read_timeout);
    // One unknown symbol spoils the whole list: take all and pick.
    if (!json && json.error().reason == "unknown_symbol")
        json = co_await get(environment, all, config_.read_timeout);
    if (!json) co_return std::unexpected(json.error());
    auto prices = decode_prices(*json);
    if (!prices) co_return std::unexpected(prices.error());
    std::unordered_set<std::string> const wanted(symbols.begin(), symbols.end());
    std::erase_if(*prices, [&](auto const& entry) { return !wanted.contains(entry.first); });
    co_return std::move(*prices);
}

}  // namespace obscura::venue
