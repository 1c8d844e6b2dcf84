// Documents and messages of Binance, spot and USD-M futures: what is accepted is fit for the
// record, and what is not is an unreadable answer.
#include "fuzz/target.hpp"
#include "model/trade.hpp"
#include "venue/binance_codec.hpp"
#include "venue/binance_errors.hpp"
#include "venue/binance_futures_codec.hpp"
#include "venue/binance_stream.hpp"

#include <algorithm>

namespace obscura::fuzz {
namespace {

/// The rows that were read; null where the answer is unreadable.
template <class T>
T const* readable(base::Result<T> const& read) {
    if (read) return &*read;
    must(read.error().code == base::Errc::bad_gateway &&
             read.error().reason == "venue_answer_unreadable",
         "a document that is not understood is an unreadable answer");
    must(!read.error().detail.empty(), "an unreadable answer says what is wrong");
    return nullptr;
}

/// A fill with what its reader leaves to its caller goes through the outbox as it is.
void must_be_storable(model::Trade trade) {
    base::Uuid const id{.bytes = {1}};
    trade.id = model::TradeId{id};
    trade.tenant = model::TenantId{id};
    trade.connection = model::ConnectionId{id};
    trade.received_at = trade.executed_at;
    auto const json = base::parse_json(to_json(trade).dump());
    must(json.has_value(), "a fill is written as JSON");
    auto const again = model::trade_from_json(*json);
    must(again && *again == trade, "a fill reads as what was written");
}

void must_be_sizable(model::Instrument const& in) {
    must(!in.symbol.empty() && !in.base_asset.empty() && !in.quote_asset.empty(),
         "an instrument has names");
    must(in.tick.is_positive() && in.step.is_positive() && in.max_quantity.is_positive(),
         "an instrument has a tick, a step and a most");
    must(!in.min_quantity.is_negative() && !in.min_notional.is_negative() &&
             !in.limit_max_quantity.is_negative(),
         "no bound of an instrument is below 0");
}

void try_instruments(base::Json const& json) {
    for (auto const decode : {venue::decode_instruments, venue::decode_futures_instruments}) {
        auto const read = decode(json);
        if (auto const* rows = readable(read)) std::ranges::for_each(*rows, must_be_sizable);
    }
}

void try_orders(base::Json const& json) {
    for (auto const decode : {venue::decode_order, venue::decode_futures_order}) {
        auto const read = decode(json);
        auto const* order = readable(read);
        if (order == nullptr) continue;
        must(!order->client_order_id.empty(), "an order has the id that we gave it");
        must(!order->executed_quantity.is_negative(), "nothing is executed below 0");
        for (auto const& fill : order->fills)
            must(fill.price.is_positive() && fill.quantity.is_positive(), "a fill is of something");
    }
}

void try_trades(base::Json const& json) {
    for (auto const decode : {venue::decode_trades, venue::decode_futures_trades}) {
        auto const read = decode(json);
        auto const* trades = readable(read);
        if (trades == nullptr) continue;
        std::ranges::for_each(*trades, must_be_storable);
        auto const by_id = [](model::Trade const& a, model::Trade const& b) {
            return std::stoull(a.venue_trade_id) < std::stoull(b.venue_trade_id);
        };
        must(std::ranges::is_sorted(*trades, by_id), "fills come by their ids");
    }
}

void try_account(base::Json const& json) {
    auto const positions = venue::decode_positions(json);
    if (auto const* rows = readable(positions))
        for (auto const& row : *rows) must(!row.symbol.empty(), "a position has a symbol");
    (void)readable(venue::decode_position_mode(json));
    auto const key = venue::decode_listen_key(json);
    if (auto const* text = readable(key)) must(!text->empty(), "a listen key is not empty");
    auto const prices = venue::decode_prices(json);
    if (auto const* rows = readable(prices))
        for (auto const& [symbol, price] : *rows) must(price.is_positive(), "a price is above 0");
    (void)readable(venue::decode_time(json));
}

void try_message(std::string_view text) {
    auto const message = venue::decode_stream_message(text);
    if (auto const* fill = std::get_if<venue::StreamFill>(&message)) must_be_storable(fill->trade);
    if (auto const* broken = std::get_if<venue::StreamUnreadable>(&message))
        must(!broken->detail.empty(), "an unreadable message says what is wrong");
}

/// Also of an answer whose status says nothing good.
void try_refusal(std::string_view body) {
    for (unsigned const status : {400U, 403U, 409U, 418U, 429U, 503U}) {
        net::Response const response{.status = status, .body = std::string(body)};
        auto const error = venue::parse_binance_error(body);
        for (auto const market : {model::Market::spot, model::Market::futures}) {
            auto const outcome = venue::outcome_of_refusal(response, market);
            must(!std::holds_alternative<ports::Accepted>(outcome), "a refusal accepts nothing");
            if (!error) continue;
            bool const is_known = venue::refusal_of(*error, market) != venue::Refusal::unknown;
            must(is_known || !std::holds_alternative<ports::Rejected>(outcome),
                 "what is not known to be refused is not taken for refused");
        }
        must(!venue::read_error(response).reason.empty(), "a failed read has a reason");
        must(venue::retry_after_of(response).count() >= 0, "nobody waits backwards");
    }
}

}  // namespace

/// A body; each reader looks at it.
void try_input(std::string_view input) {
    try_message(input);
    try_refusal(input);
    auto const json = venue::parse_binance(input);
    if (readable(json) == nullptr) return;
    try_instruments(*json);
    try_orders(*json);
    try_trades(*json);
    try_account(*json);
}

}  // namespace obscura::fuzz
