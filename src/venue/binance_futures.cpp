#include "venue/binance_futures.hpp"

#include "venue/binance_call.hpp"
#include "venue/binance_errors.hpp"
#include "venue/binance_futures_codec.hpp"

namespace obscura::venue {

using base::Result;
using ports::Task;

namespace {

constexpr std::int64_t no_need_to_change_margin_mode = -4046;

/// The venue takes one symbol or none; all cost twice the weight of one.
std::string one_symbol(std::vector<std::string> const& symbols) {
    return symbols.size() == 1 ? "?symbol=" + net::percent_encode(symbols.front()) : "";
}

constexpr BinanceDialect futures_dialect{.market = model::Market::futures,
                                         .time_path = "/fapi/v1/time",
                                         .instruments_path = "/fapi/v1/exchangeInfo",
                                         .prices_path = "/fapi/v2/ticker/price",
                                         .prices_query = one_symbol,
                                         .decode_order = decode_futures_order,
                                         .decode_trades = decode_futures_trades,
                                         .decode_instruments = decode_futures_instruments};

}  // namespace

BinanceFutures::BinanceFutures(net::HttpClient& client, BinanceFuturesConfig config,
                               base::Clock const& clock)
    : BinanceVenue(futures_dialect, client, std::move(config), clock) {}

Task<Result<void>> BinanceFutures::configure(ports::VenueRequest request) {
    auto const answer = co_await answer_to(std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    if (is_success(*answer)) co_return Result<void>();
    auto const error = parse_binance_error(answer->body);
    bool const is_refusal = answer->status >= 400 && answer->status < 500 && error &&
                            refusal_of(*error, model::Market::futures) == Refusal::final;
    if (!is_refusal || is_throttled(*answer, error)) co_return std::unexpected(read_error(*answer));
    if (error->code == no_need_to_change_margin_mode) co_return Result<void>();
    co_return base::fail(
        base::Errc::invalid_argument, "venue_refused",
        "Binance refuses: " + error->message + " (" + std::to_string(error->code) + ")");
}

Task<Result<std::vector<ports::VenuePosition>>> BinanceFutures::positions(
    ports::VenueRequest request) {
    auto const json = co_await read(std::move(request));
    if (!json) co_return std::unexpected(json.error());
    co_return decode_positions(*json);
}

Task<Result<base::Quantity>> BinanceFutures::holding(ports::VenueRequest request,
                                                     ports::HoldingOf of) {
    auto const told = co_await positions(std::move(request));
    if (!told) co_return std::unexpected(told.error());
    base::Quantity held{};  // a position of nothing may be left out
    for (auto const& position : *told)
        if (position.symbol == of.symbol && position.side == of.position_side)
            held = position.quantity;
    co_return held;
}

Task<Result<model::PositionMode>> BinanceFutures::position_mode(ports::VenueRequest request) {
    auto const json = co_await read(std::move(request));
    if (!json) co_return std::unexpected(json.error());
    co_return decode_position_mode(*json);
}

}  // namespace obscura::venue
