// Binance spot, REST and WebSocket API: developers.binance.com/docs/binance-spot-api-docs.
#include "citadel/binance_spot.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Result;
using ports::SignedRequest;

constexpr std::string_view order_path = "/api/v3/order";

bool is_request_id(std::string_view text) {
    return !text.empty() && text.size() <= 36 && std::ranges::all_of(text, [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
               c == '-' || c == '_';
    });
}

Result<BinanceDraft> spot_draft(model::PlaceOrder const& order) {
    if (order.position_side != model::PositionSide::both)
        return not_allowed("position_side", "Spot has no positions.");
    auto out = draft_order(order_path, order);
    if (!out) return out;
    out->parameters.add("newOrderRespType", "FULL");
    // The signature names no host, and futures read the same words: a sale, which no limit holds
    // up, would open a short there. Spot takes microseconds ("Timing security"); to futures, which
    // count in milliseconds, such a request is from far ahead.
    out->is_stamped_in_us = true;
    return out;
}

Result<BinanceDraft> spot_draft(model::QueryOrder const& query) {
    return draft_named("GET", order_path, query.symbol, query.client_order_id);
}

Result<BinanceDraft> spot_draft(model::CancelOrder const& cancel) {
    return draft_named("DELETE", order_path, cancel.symbol, cancel.client_order_id);
}

Result<BinanceDraft> spot_draft(model::ListTrades const& list) {
    return draft_trades("/api/v3/myTrades", list);
}

Result<BinanceDraft> spot_draft(model::ReadAccount const&) {
    return BinanceDraft{.method = "GET", .path = "/api/v3/account"};
}

/// https://developers.binance.com/docs/wallet/account/api-key-permission; testnets have none.
Result<BinanceDraft> spot_draft(model::ReadKeyRights const&) {
    return BinanceDraft{.method = "GET", .path = "/sapi/v1/account/apiRestrictions"};
}

template <class Futures>
Result<BinanceDraft> spot_draft(Futures const&) {
    return not_known_to("Spot markets");
}

/// The WebSocket API signs its parameters sorted by name, not percent-encoded, and takes the
/// signature as plain text.
Result<SignedRequest> sign_login(VenueEndpoints const& endpoints, ApiCredentials const& credentials,
                                 model::StreamLogin const& login, RequestWindow window) {
    if (!is_request_id(login.request_id))
        return not_allowed("request_id", "Must be 1 to 36 of A-Z, a-z, 0-9, - and _.");
    auto const api_key = std::string(credentials.api_key());
    auto const payload = "apiKey=" + api_key + "&recvWindow=" + std::to_string(window.receive_ms) +
                         "&timestamp=" + std::to_string(window.timestamp_ms);
    auto const message = base::Json::object(
        {{"id", login.request_id},
         {"method", "userDataStream.subscribe.signature"},
         {"params", base::Json::object(
                        {{"apiKey", api_key},
                         {"recvWindow", window.receive_ms},
                         {"timestamp", window.timestamp_ms},
                         {"signature", credentials.sign(payload, SignatureForm::sha256_hex)}})}});
    return SignedRequest{.method = "WS",
                         .url = endpoints.websocket,
                         .body = message.dump(),
                         .expires_at = window.end()};
}

}  // namespace

Result<SignedRequest> sign_binance_spot(VenueEndpoints const& endpoints,
                                        ApiCredentials const& credentials,
                                        model::VenueOperation const& operation,
                                        RequestWindow window) {
    return std::visit(
        [&](auto const& typed) -> Result<SignedRequest> {
            if constexpr (std::is_same_v<std::decay_t<decltype(typed)>, model::StreamLogin>) {
                return sign_login(endpoints, credentials, typed, window);
            } else {
                auto draft = spot_draft(typed);
                if (!draft) return std::unexpected(std::move(draft.error()));
                return sign_rest(endpoints.rest, credentials, std::move(*draft), window);
            }
        },
        operation);
}

}  // namespace obscura::citadel
