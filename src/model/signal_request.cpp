#include "base/decode.hpp"
#include "model/signal.hpp"

#include <algorithm>
#include <span>

namespace obscura::model {
namespace {

// Fields that interfaces.md names and that this version does not act on yet are refused rather than
// accepted and ignored: a stop that nobody places is worse than an error.
constexpr std::array<std::string_view, 2> not_served{"max_slippage_bps", "source_trader_id"};
constexpr std::array<std::string_view, 2> terms{"leverage", "margin_mode"};
constexpr std::array<std::string_view, 2> protections{"stop_loss_pct", "take_profit_pct"};
constexpr std::string_view leave_out = "Is not served by this version; leave it out.";

bool is_one_of(std::span<std::string_view const> names, std::string_view name) {
    return std::ranges::find(names, name) != names.end();
}

void check_price(base::ObjectReader& in, SignalRequest const& request) {
    if (request.order_type == OrderType::limit && !request.price)
        in.add_error("price", "required", "A limit signal needs a price.");
    if (request.order_type == OrderType::market && request.price)
        in.add_error("price", "not_allowed", "A market signal has no price; use order_type limit.");
}

/// What jsonb can hold: no NUL in a text, no number beyond numeric.
bool is_storable(base::Json const& json) {
    if (json.is_string()) return !json.as_string().contains('\0');
    if (json.is_number()) return json.digits().size() <= 64 && json.to_decimal().has_value();
    if (json.is_array()) return std::ranges::all_of(json.as_array(), is_storable);
    if (!json.is_object()) return true;
    return std::ranges::all_of(json.as_object(), [](base::Json::Member const& member) {
        return !member.first.contains('\0') && is_storable(member.second);
    });
}

void check_metadata(base::ObjectReader& in) {
    auto const* metadata = in.optional_object("metadata");
    if (metadata == nullptr) return;
    if (metadata->dump().size() > 4096)
        in.add_error("metadata", "too_long", "Must be at most 4096 bytes of JSON.");
    else if (!is_storable(*metadata))
        in.add_error("metadata", "not_allowed",
                     "Must have no NUL characters, and numbers of at most 12 places.");
}

bool has_protections(ServedMarkets served) { return served.futures && served.protections; }

/// The members that are read; those that are not served are refused by name.
base::Json without_not_served(base::Json const& json, ServedMarkets served) {
    if (!json.is_object()) return json;
    base::Json::Object kept;
    for (auto const& member : json.as_object())
        if (!is_one_of(not_served, member.first) &&
            (served.futures || !is_one_of(terms, member.first)) &&
            (has_protections(served) || !is_one_of(protections, member.first)))
            kept.push_back(member);
    return base::Json(std::move(kept));
}

void refuse_not_served(base::ObjectReader& in, base::Json const& json, ServedMarkets served) {
    auto const refuse = [&](std::span<std::string_view const> names) {
        for (auto const key : names)
            if (!json[key].is_null()) in.add_error(key, "not_supported", std::string(leave_out));
    };
    if (!served.futures) refuse(terms);
    if (!has_protections(served)) refuse(protections);
    refuse(not_served);
}

void read_market(base::ObjectReader& in, SignalRequest& request, std::optional<Side> side,
                 ServedMarkets served) {
    request.market = in.optional_one_of("platform", market_names).value_or(Market::spot);
    if (request.market != Market::spot && !served.futures)
        in.add_error("platform", "not_supported", "Must be spot in this version.");
    request.reduce_only = in.optional_boolean("reduce_only").value_or(false);
    if (request.reduce_only && side == Side::buy && request.market == Market::spot)
        in.add_error("reduce_only", "not_allowed", "A spot position is reduced by selling.");
}

void refuse_of_spot(base::ObjectReader& in, base::Json const& json, SignalRequest const& request,
                    std::span<std::string_view const> names) {
    for (auto const key : names)
        if (!json[key].is_null() && request.market == Market::spot)
            in.add_error(key, "not_allowed", "Belongs to platform futures.");
}

/// What is off the scale is refused here, where the sender learns it; what a symbol does not allow
/// is the venue's to refuse.
void read_terms(base::ObjectReader& in, base::Json const& json, SignalRequest& request) {
    if (auto const leverage = in.optional_integer("leverage", {.min = 1, .max = max_leverage}))
        request.leverage = static_cast<int>(*leverage);
    request.margin_mode = in.optional_one_of("margin_mode", margin_mode_names);
    refuse_of_spot(in, json, request, terms);
}

void read_protections(base::ObjectReader& in, base::Json const& json, SignalRequest& request) {
    base::DecimalRule const below_all{.max = base::Decimal::from_scaled(9'999, 2),
                                      .positive = true};
    base::DecimalRule const any{.max = base::Decimal(1'000), .positive = true};
    bool const is_short = request.side == Side::sell;
    request.stop_loss_pct = in.optional_decimal("stop_loss_pct", is_short ? any : below_all);
    request.take_profit_pct = in.optional_decimal("take_profit_pct", is_short ? below_all : any);
    refuse_of_spot(in, json, request, protections);
    if (!request.reduce_only) return;
    for (auto const key : protections)
        if (!json[key].is_null())
            in.add_error(key, "not_allowed", "Protects what is opened; reduce_only opens nothing.");
}

}  // namespace

base::Result<SignalRequest> signal_request_from_json(base::Json const& json, ServedMarkets served) {
    auto const known = without_not_served(json, served);
    base::ObjectReader in(known);
    SignalRequest request;
    request.symbol = in.text("symbol", {.min = 2, .max = 24});
    for (char const c : request.symbol)
        if (!((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'))) {
            in.add_error("symbol", "not_allowed",
                         "Must be the venue's name, e.g. BTCUSDT: A-Z, 0-9.");
            break;
        }
    auto const side = in.optional_one_of("side", side_names, true);
    request.side = side.value_or(Side::buy);
    request.quantity = base::Quantity{in.decimal("quantity", {.positive = true})};
    auto const order_type = in.optional_one_of("order_type", order_type_names);
    request.order_type = order_type.value_or(OrderType::market);
    if (auto const price = in.optional_decimal("price", {.positive = true}))
        request.price = base::Price{*price};
    request.venue = in.optional_text("exchange", {.max = 32}).value_or("binance");
    if (request.venue != "binance")
        in.add_error("exchange", "not_supported", "Must be binance in this version.");
    read_market(in, request, side, served);
    if (served.futures) read_terms(in, json, request);
    if (has_protections(served)) read_protections(in, json, request);
    request.priority = in.optional_one_of("priority", priority_names).value_or(Priority::normal);
    if (in.optional_boolean("execute_immediately").value_or(false))
        request.priority = Priority::critical;
    request.expires_at = in.optional_timestamp("expires_at");
    request.max_age_ms = in.optional_integer("max_age_ms", {.min = 1, .max = 86'400'000});
    if (request.expires_at && request.max_age_ms)
        in.add_error("max_age_ms", "not_allowed", "Give expires_at or max_age_ms, not both.");
    request.external_trade_id = in.optional_text("external_trade_id", {.max = 128});
    request.external_trader_ref =
        in.optional_text("external_trader_ref", {.max = 128}).value_or("");
    refuse_not_served(in, json, served);
    // Whether a price belongs to it is told once the type is known.
    if (order_type || json["order_type"].is_null()) check_price(in, request);
    check_metadata(in);
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    request.body = json;
    return request;
}

}  // namespace obscura::model
