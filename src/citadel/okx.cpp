// OKX's API v5: www.okx.com/docs-v5/en. One host and one stream serve both markets; the symbol
// tells them apart ("BTC-USDT", "BTC-USDT-SWAP"), and swaps are counted in contracts.
#include "citadel/okx.hpp"

#include "citadel/operation_rules.hpp"
#include "citadel/passphrase_login.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using model::PositionSide;
using ports::SignedRequest;

constexpr Spelling client_order_id{
    .upper = true, .lower = true, .says = "Must be 1 to 32 of A-Z, a-z and 0-9."};
constexpr OperationRules spot_rules{
    .symbol = {.min = 3, .upper = true, .between = '-', .says = "Must be written like BTC-USDT."},
    .client_order_id = client_order_id};
constexpr OperationRules swap_rules{.symbol = {.min = 11,
                                               .upper = true,
                                               .suffix = "-USDT-SWAP",
                                               .says = "Must be written like BTC-USDT-SWAP."},
                                    .client_order_id = client_order_id};
/// A request is refused when its time stamp is older.
constexpr std::chrono::seconds stamp_age{30};

OperationRules const& rules_of(Market market) {
    return market == Market::spot ? spot_rules : swap_rules;
}

std::string_view type_of(model::PlaceOrder const& order) {
    if (order.type == model::OrderType::market) return "market";
    // Of limit orders the type says how long they stand.
    if (order.time_in_force == model::TimeInForce::gtc) return "limit";
    return lower_time_in_force(order.time_in_force);
}

Result<VenueDraft> draft(Market market, model::PlaceOrder const& order) {
    if (auto good = check_order(rules_of(market), market, order); !good)
        return std::unexpected(std::move(good.error()));
    // Every order names its margin; positions that are copied stand alone.
    auto body = Json::object({{"instId", order.symbol},
                              {"tdMode", market == Market::spot ? "cash" : "isolated"},
                              {"clOrdId", order.client_order_id},
                              {"side", to_string(order.side)},
                              {"ordType", type_of(order)},
                              {"sz", order.quantity}});
    if (order.limit_price) body.set("px", *order.limit_price);
    // Otherwise a market purchase on spot says what it spends.
    if (market == Market::spot && order.type == model::OrderType::market)
        body.set("tgtCcy", "base_ccy");
    if (order.position_side != PositionSide::both)
        body.set("posSide", to_string(order.position_side));
    if (market == Market::futures && order.reduce_only) body.set("reduceOnly", true);
    return VenueDraft{.method = "POST", .path = "/api/v5/trade/order", .body = std::move(body)};
}

Result<VenueDraft> draft(Market market, model::QueryOrder const& query) {
    if (auto good = check_order_name(rules_of(market), query.symbol, query.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    VenueDraft out{.path = "/api/v5/trade/order"};
    out.query.add("instId", query.symbol);
    out.query.add("clOrdId", query.client_order_id);
    return out;
}

Result<VenueDraft> draft(Market market, model::CancelOrder const& cancel) {
    if (auto good = check_order_name(rules_of(market), cancel.symbol, cancel.client_order_id);
        !good)
        return std::unexpected(std::move(good.error()));
    return VenueDraft{
        .method = "POST",
        .path = "/api/v5/trade/cancel-order",
        .body = Json::object({{"instId", cancel.symbol}, {"clOrdId", cancel.client_order_id}})};
}

Result<VenueDraft> draft(Market market, model::ListTrades const& list) {
    auto const& rules = rules_of(market);
    if (auto good = check_trades(rules, list); !good)
        return std::unexpected(std::move(good.error()));
    VenueDraft out{.path = "/api/v5/trade/fills-history"};
    out.query.add("instType", market == Market::spot ? "SPOT" : "SWAP");
    out.query.add("instId", list.symbol);
    if (list.venue_order_id) out.query.add("ordId", *list.venue_order_id);
    if (list.start_time) out.query.add("begin", base::to_unix_ms(*list.start_time));
    out.query.add("limit", std::min(list.limit, rules.most_trades));
    return out;
}

Result<VenueDraft> draft(Market, model::ReadAccount const&) {
    return VenueDraft{.path = "/api/v5/account/balance"};
}

Result<VenueDraft> draft(Market market, model::ReadPositions const& read) {
    if (market == Market::spot) return not_known_to("Spot markets");
    VenueDraft out{.path = "/api/v5/account/positions"};
    out.query.add("instType", "SWAP");
    if (read.symbol.empty()) return out;
    if (auto good = check_symbol(swap_rules, read.symbol); !good)
        return std::unexpected(std::move(good.error()));
    out.query.add("instId", read.symbol);
    return out;
}

/// An account in hedge mode has a leverage for each side, and the operation names none: the venue
/// refuses it there.
Result<VenueDraft> draft(Market market, model::SetLeverage const& change) {
    if (market == Market::spot) return not_known_to("Spot markets");
    if (auto good = check_leverage(swap_rules, change); !good)
        return std::unexpected(std::move(good.error()));
    return VenueDraft{.method = "POST",
                      .path = "/api/v5/account/set-leverage",
                      .body = Json::object({{"instId", change.symbol},
                                            {"lever", std::to_string(change.leverage)},
                                            {"mgnMode", "isolated"}})};
}

Result<VenueDraft> draft(Market, model::SetMarginMode const&) {
    return not_supported("Each order names its margin mode: they are signed as isolated.");
}

Result<VenueDraft> draft(Market market, model::ReadPositionMode const&) {
    if (market == Market::spot) return not_known_to("Spot markets");
    return VenueDraft{.path = "/api/v5/account/config"};
}

template <class Other>
Result<VenueDraft> draft(Market, Other const&) {
    return not_known_to("OKX's markets");
}

SignedRequest sign_rest(SigningTask const& task, VenueDraft const& draft) {
    auto const stamp = base::from_unix_ms(task.window.timestamp_ms);
    auto const timestamp = base::to_rfc3339(stamp);
    auto const target = draft.target();
    SignedRequest out{
        .method = std::string(draft.method),
        .url = task.endpoints.rest + target,
        .headers = {{"OK-ACCESS-KEY", std::string(task.credentials.api_key())},
                    {"OK-ACCESS-PASSPHRASE", std::string(task.credentials.passphrase())},
                    {"OK-ACCESS-TIMESTAMP", timestamp}},
        .body = draft.body_text(),
        .expires_at = stamp + stamp_age};
    out.headers.emplace_back("OK-ACCESS-SIGN",
                             task.credentials.sign(timestamp + out.method + target + out.body,
                                                   SignatureForm::sha256_base64));
    if (draft.body) out.headers.emplace_back("Content-Type", "application/json");
    // No header is signed. The venue knows this one with new orders only.
    if (std::holds_alternative<model::PlaceOrder>(task.operation)) {
        out.headers.emplace_back("expTime", std::to_string(base::to_unix_ms(task.window.end())));
        out.expires_at = task.window.end();
    }
    if (task.environment != model::Environment::live)
        out.headers.emplace_back("x-simulated-trading", "1");
    return out;
}

}  // namespace

VenueAddresses okx_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://www.okx.com:443", .websocket = "wss://ws.okx.com:8443/ws/v5/private"};
    out[static_cast<std::size_t>(model::Environment::testnet)] = {
        .rest = "https://www.okx.com:443", .websocket = "wss://wspap.okx.com:8443/ws/v5/private"};
    return out;
}

Result<SignedRequest> sign_okx(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return passphrase_login(task, *login, "/users/self/verify", stamp_age);
    auto const made =
        std::visit([&](auto const& typed) { return draft(task.market, typed); }, task.operation);
    if (!made) return std::unexpected(made.error());
    return sign_rest(task, *made);
}

}  // namespace obscura::citadel
