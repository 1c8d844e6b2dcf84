// www.mexc.com/api-docs/spot-v3: everything is in the query, the signature last.
#include "citadel/mexc.hpp"

#include "citadel/operation_rules.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Result;
using model::Market;
using ports::SignedRequest;

constexpr OperationRules rules{
    .symbol = {.min = 2, .max = 24, .upper = true, .says = "Must be 2 to 24 of A-Z and 0-9."},
    .client_order_id = {.upper = true,
                        .lower = true,
                        .also = "-_",
                        .says = "Must be 1 to 32 of A-Z, a-z, 0-9, - and _."},
    .venue_order_id = {.max = 40,
                       .upper = true,
                       .lower = true,
                       .also = "_",
                       .says = "Must be 1 to 40 of A-Z, a-z, 0-9 and _."}};

std::string_view type_of(model::PlaceOrder const& order) {
    if (order.type == model::OrderType::market) return "MARKET";
    switch (order.time_in_force) {
        case model::TimeInForce::gtc:
            return "LIMIT";
        case model::TimeInForce::ioc:
            return "IMMEDIATE_OR_CANCEL";
        case model::TimeInForce::fok:
            return "FILL_OR_KILL";
    }
    std::unreachable();
}

struct SpotDraft {
    Result<VenueDraft> operator()(model::PlaceOrder const& order) const {
        if (auto good = check_order(rules, Market::spot, order); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = "POST", .path = "/api/v3/order"};
        out.query.add("symbol", order.symbol);
        out.query.add("side", order.side == model::Side::buy ? "BUY" : "SELL");
        out.query.add("type", type_of(order));
        out.query.add("quantity", order.quantity.to_string());
        if (order.limit_price) out.query.add("price", order.limit_price->to_string());
        out.query.add("newClientOrderId", order.client_order_id);
        return out;
    }
    Result<VenueDraft> operator()(model::QueryOrder const& query) const {
        return named("GET", query.symbol, query.client_order_id);
    }
    Result<VenueDraft> operator()(model::CancelOrder const& cancel) const {
        return named("DELETE", cancel.symbol, cancel.client_order_id);
    }
    Result<VenueDraft> operator()(model::ListTrades const& list) const {
        if (auto good = check_trades(rules, list); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.path = "/api/v3/myTrades"};
        out.query.add("symbol", list.symbol);
        if (list.venue_order_id) out.query.add("orderId", *list.venue_order_id);
        if (list.start_time) out.query.add("startTime", base::to_unix_ms(*list.start_time));
        out.query.add("limit", std::min(list.limit, rules.most_trades));
        return out;
    }
    Result<VenueDraft> operator()(model::ReadAccount const&) const {
        return VenueDraft{.path = "/api/v3/account"};
    }
    Result<VenueDraft> operator()(model::ListenKey const& key) const {
        if (key.action != model::ListenKey::Action::create)
            return not_supported("The venue wants the key with it, which the operation has not.");
        return VenueDraft{.method = "POST", .path = "/api/v3/userDataStream"};
    }
    template <class Other>
    Result<VenueDraft> operator()(Other const&) const {
        return not_known_to("MEXC's spot markets");
    }

    static Result<VenueDraft> named(std::string_view method, std::string_view symbol,
                                    std::string_view client_order_id) {
        if (auto good = check_order_name(rules, symbol, client_order_id); !good)
            return std::unexpected(std::move(good.error()));
        VenueDraft out{.method = method, .path = "/api/v3/order"};
        out.query.add("symbol", symbol);
        out.query.add("origClientOrderId", client_order_id);
        return out;
    }
};

Result<SignedRequest> sign_spot(SigningTask const& task) {
    auto draft = std::visit(SpotDraft{}, task.operation);
    if (!draft) return std::unexpected(draft.error());
    draft->query.add("timestamp", task.window.timestamp_ms);
    draft->query.add("recvWindow", task.window.receive_ms);
    draft->query.add("signature",
                     task.credentials.sign(draft->query.text(), SignatureForm::sha256_hex));
    SignedRequest out{.method = std::string(draft->method),
                      .url = task.endpoints.rest + draft->target(),
                      .headers = {{"X-MEXC-APIKEY", std::string(task.credentials.api_key())}},
                      .expires_at = task.window.end()};
    if (draft->method != "GET") out.headers.emplace_back("Content-Type", "application/json");
    return out;
}

}  // namespace

VenueAddresses mexc_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.mexc.com:443",
        .futures_websocket = "wss://contract.mexc.com:443/edge"};
    return out;
}

Result<SignedRequest> sign_mexc(SigningTask const& task) {
    return task.market == Market::spot ? sign_spot(task) : sign_mexc_futures(task);
}

}  // namespace obscura::citadel
