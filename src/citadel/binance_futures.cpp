// Binance USD-M futures, REST: developers.binance.com/docs/derivatives/usds-margined-futures.
#include "citadel/binance_futures.hpp"

namespace obscura::citadel {
namespace {

using base::Result;
using model::PositionSide;
using ports::SignedRequest;

constexpr std::string_view order_path = "/fapi/v1/order";
/// Orders that wait for a price: the venue takes them nowhere else.
constexpr std::string_view algo_order_path = "/fapi/v1/algoOrder";

/// An account in one-way mode says what only reduces; one in hedge mode names the position, and is
/// refused when it says both.
Result<void> add_position(FormParameters& parameters, PositionSide side, bool reduce_only) {
    if (side == PositionSide::both) {
        if (reduce_only) parameters.add("reduceOnly", "true");
        return {};
    }
    if (reduce_only) return not_allowed("reduce_only", "The position side says what is reduced.");
    parameters.add("positionSide", side == PositionSide::long_side ? "LONG" : "SHORT");
    return {};
}

Result<BinanceDraft> futures_draft(model::PlaceOrder const& order) {
    auto out = draft_order(order_path, order);
    if (!out) return out;
    if (auto good = add_position(out->parameters, order.position_side, order.reduce_only); !good)
        return std::unexpected(std::move(good.error()));
    // With the final state of what is executed at once; futures have no answer with fills.
    out->parameters.add("newOrderRespType", "RESULT");
    return out;
}

Result<BinanceDraft> futures_draft(model::QueryOrder const& query) {
    return draft_named("GET", order_path, query.symbol, query.client_order_id);
}

Result<BinanceDraft> futures_draft(model::CancelOrder const& cancel) {
    return draft_named("DELETE", order_path, cancel.symbol, cancel.client_order_id);
}

Result<void> check_trigger(model::PlaceTriggerOrder const& order) {
    if (auto good = check_order_name(order.symbol, order.client_order_id); !good) return good;
    if (!order.trigger_price.is_positive())
        return not_allowed("trigger_price", "Must be greater than 0.");
    if (order.quantity && !order.quantity->is_positive())
        return not_allowed("quantity", "Must be greater than 0.");
    bool const opens =
        (order.position_side == PositionSide::long_side && order.side == model::Side::buy) ||
        (order.position_side == PositionSide::short_side && order.side == model::Side::sell);
    if (opens) return not_allowed("side", "Must reduce the position that is named.");
    return {};
}

Result<BinanceDraft> futures_draft(model::PlaceTriggerOrder const& order) {
    if (auto good = check_trigger(order); !good) return std::unexpected(std::move(good.error()));
    bool const is_stop = order.trigger == model::TriggerKind::stop_loss;
    bool const by_mark = order.watches == model::TriggerPrice::mark;
    BinanceDraft out{.method = "POST", .path = algo_order_path};
    auto& parameters = out.parameters;
    parameters.add("algoType", "CONDITIONAL");
    parameters.add("symbol", order.symbol);
    parameters.add("side", binance_side(order.side));
    parameters.add("type", is_stop ? "STOP_MARKET" : "TAKE_PROFIT_MARKET");
    parameters.add("triggerPrice", order.trigger_price.to_string());
    parameters.add("workingType", by_mark ? "MARK_PRICE" : "CONTRACT_PRICE");
    if (order.quantity)
        parameters.add("quantity", order.quantity->to_string());
    else
        parameters.add("closePosition", "true");
    // The venue takes no reduceOnly beside closePosition, which says as much.
    bool const says_reduce = order.quantity && order.position_side == PositionSide::both;
    if (auto good = add_position(parameters, order.position_side, says_reduce); !good)
        return std::unexpected(std::move(good.error()));
    parameters.add("clientAlgoId", order.client_order_id);
    return out;
}

/// The venue asks for the id alone; the symbol is checked with it, as of any order.
Result<BinanceDraft> algo_order(std::string_view method, std::string_view symbol,
                                std::string_view client_order_id) {
    if (auto good = check_order_name(symbol, client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    BinanceDraft out{.method = method, .path = algo_order_path};
    out.parameters.add("clientAlgoId", client_order_id);
    return out;
}

Result<BinanceDraft> futures_draft(model::QueryTriggerOrder const& query) {
    return algo_order("GET", query.symbol, query.client_order_id);
}

Result<BinanceDraft> futures_draft(model::CancelTriggerOrder const& cancel) {
    return algo_order("DELETE", cancel.symbol, cancel.client_order_id);
}

Result<BinanceDraft> futures_draft(model::SetLeverage const& change) {
    if (auto good = check_symbol(change.symbol); !good)
        return std::unexpected(std::move(good.error()));
    if (change.leverage < 1 || change.leverage > model::max_leverage)
        return not_allowed("leverage", "Must be 1 to 125.");
    BinanceDraft out{.method = "POST", .path = "/fapi/v1/leverage"};
    out.parameters.add("symbol", change.symbol);
    out.parameters.add("leverage", change.leverage);
    return out;
}

Result<BinanceDraft> futures_draft(model::SetMarginMode const& change) {
    if (auto good = check_symbol(change.symbol); !good)
        return std::unexpected(std::move(good.error()));
    bool const is_isolated = change.margin_mode == model::MarginMode::isolated;
    BinanceDraft out{.method = "POST", .path = "/fapi/v1/marginType"};
    out.parameters.add("symbol", change.symbol);
    out.parameters.add("marginType", is_isolated ? "ISOLATED" : "CROSSED");
    return out;
}

Result<BinanceDraft> futures_draft(model::ListTrades const& list) {
    return draft_trades("/fapi/v1/userTrades", list);
}

Result<BinanceDraft> futures_draft(model::ReadAccount const&) {
    return BinanceDraft{.method = "GET", .path = "/fapi/v3/account"};
}

Result<BinanceDraft> futures_draft(model::ReadPositions const& read) {
    BinanceDraft out{.method = "GET", .path = "/fapi/v3/positionRisk"};
    if (read.symbol.empty()) return out;
    if (auto good = check_symbol(read.symbol); !good)
        return std::unexpected(std::move(good.error()));
    out.parameters.add("symbol", read.symbol);
    return out;
}

Result<BinanceDraft> futures_draft(model::ReadPositionMode const&) {
    // positionSide/dual tells it too, at six times the weight.
    return BinanceDraft{.method = "GET", .path = "/fapi/v1/accountConfig"};
}

Result<BinanceDraft> futures_draft(model::StreamLogin const&) {
    return not_known_to("USD-M futures");  // their stream is opened with a listen key
}

Result<BinanceDraft> futures_draft(model::ReadKeyRights const&) {
    return not_known_to("USD-M futures");  // one key serves both markets: spot's host tells
}

/// The venue wants the API key alone: the key names the account, and there is nothing to sign.
SignedRequest listen_key(std::string const& origin, ApiCredentials const& credentials,
                         model::ListenKey const& key, RequestWindow window) {
    using Action = model::ListenKey::Action;
    return {.method = key.action == Action::create       ? "POST"
                      : key.action == Action::keep_alive ? "PUT"
                                                         : "DELETE",
            .url = origin + "/fapi/v1/listenKey",
            .headers = {{"X-MBX-APIKEY", std::string(credentials.api_key())}},
            .body = {},
            .expires_at = window.end()};
}

}  // namespace

Result<SignedRequest> sign_binance_futures(VenueEndpoints const& endpoints,
                                           ApiCredentials const& credentials,
                                           model::VenueOperation const& operation,
                                           RequestWindow window) {
    auto const& origin = endpoints.origin_of(model::Market::futures);
    return std::visit(
        [&](auto const& typed) -> Result<SignedRequest> {
            if constexpr (std::is_same_v<std::decay_t<decltype(typed)>, model::ListenKey>) {
                return listen_key(origin, credentials, typed, window);
            } else {
                auto draft = futures_draft(typed);
                if (!draft) return std::unexpected(std::move(draft.error()));
                return sign_rest(origin, credentials, std::move(*draft), window);
            }
        },
        operation);
}

}  // namespace obscura::citadel
