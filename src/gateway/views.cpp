#include "gateway/views.hpp"

#include "crypto/hex.hpp"
#include "model/types.hpp"

namespace obscura::gateway {
namespace {

using base::Json;

Json time(base::Timestamp t) { return base::to_rfc3339(t); }
Json time(std::optional<base::Timestamp> const& t) { return t ? time(*t) : Json(); }
Json text_or_null(std::string const& text) { return text.empty() ? Json() : Json(text); }
template <class Tag>
Json amount(std::optional<base::Amount<Tag>> const& value) {
    return value ? Json(*value) : Json();
}
Json direction(base::Quantity held) {
    if (held.is_zero()) return Json();
    return held.is_negative() ? "short" : "long";
}
Json texts(std::vector<std::string> const& items) {
    auto list = Json::array();
    for (auto const& item : items) list.push_back(item);
    return list;
}

Json view(ports::ExecutionLeg const& leg) {
    return Json::object({{"leg_id", leg.id.to_string()},
                         {"client_order_id", leg.client_order_id},
                         {"venue_order_id", text_or_null(leg.venue_order_id)},
                         {"market", leg.market},
                         {"symbol", leg.symbol},
                         {"side", leg.side},
                         {"order_type", leg.order_type},
                         {"quantity", leg.quantity},
                         {"limit_price", amount(leg.limit_price)},
                         {"reduce_only", leg.reduce_only},
                         {"position_side", leg.position_side},
                         {"leverage", leg.leverage},
                         {"state", leg.state},
                         {"executed_quantity", leg.executed_quantity},
                         {"executed_quote", leg.executed_quote},
                         {"evidence", text_or_null(leg.evidence)},
                         {"sent_at", time(leg.sent_at)},
                         {"accepted_at", time(leg.accepted_at)},
                         {"ended_at", time(leg.ended_at)}});
}

}  // namespace

Json view(ports::TenantRecord const& tenant) {
    return Json::object({{"id", tenant.id.to_string()},
                         {"slug", tenant.slug},
                         {"name", tenant.name},
                         {"kind", model::name_of(tenant.kind, ports::tenant_kind_names)},
                         {"status", tenant.is_active ? "active" : "suspended"},
                         {"rate_limits", tenant.settings["rate_limits"]},
                         {"created_at", time(tenant.created_at)}});
}

Json view(ports::ApiKeyRecord const& key) {
    return Json::object({{"id", key.id.to_string()},
                         {"tenant_id", key.tenant.to_string()},
                         {"public_id", key.public_id},
                         {"mode", model::name_of(key.mode, ports::api_key_mode_names)},
                         {"name", key.name},
                         {"scopes", texts(key.scopes)},
                         {"ip_allow", texts(key.ip_allow)},
                         {"created_at", time(key.created_at)},
                         {"expires_at", time(key.expires_at)},
                         {"last_used_at", time(key.last_used_at)},
                         {"revoked_at", time(key.revoked_at)}});
}

Json view(ports::UserRecord const& user) {
    return Json::object({{"id", user.id.to_string()},
                         {"tenant_id", user.tenant.to_string()},
                         {"email", user.email},
                         {"role", user.is_admin ? "admin" : "user"},
                         {"created_at", time(user.created_at)}});
}

Json view(ports::ConnectionRecord const& connection) {
    return Json::object(
        {{"id", connection.id.to_string()},
         {"exchange", connection.venue},
         {"environment", model::to_string(connection.environment)},
         {"purpose", model::name_of(connection.purpose, ports::connection_purpose_names)},
         {"label", connection.label},
         {"status", model::name_of(connection.status, ports::connection_status_names)},
         {"created_at", time(connection.created_at)}});
}

Json view(ports::TraderRecord const& trader) {
    return Json::object({{"id", trader.id.to_string()},
                         {"display_name", trader.display_name},
                         {"status", trader.is_active ? "active" : "dead"},
                         {"exchange", trader.venue},
                         {"environment", model::to_string(trader.environment)},
                         {"created_at", time(trader.created_at)}});
}

Json view(ports::PoolRecord const& pool, model::TenantId reader) {
    auto json = Json::object({{"id", pool.id.to_string()},
                              {"kind", model::name_of(pool.kind, ports::pool_kind_names)},
                              {"name", pool.name},
                              {"description", pool.description},
                              {"performance_fee_bps", pool.performance_fee_bps},
                              {"platform_fee_bps", 300},
                              {"status", model::name_of(pool.status, ports::pool_status_names)},
                              {"created_at", time(pool.created_at)}});
    if (pool.tenant != reader) return json;
    auto traders = Json::array();
    for (auto const& entry : pool.traders)
        traders.push_back(Json::object(
            {{"trader_id", entry.trader.to_string()}, {"weight", entry.weight.to_string()}}));
    json.set("traders", std::move(traders));
    return json;
}

Json view(ports::SubscriptionRecord const& s) {
    return Json::object({{"id", s.id.to_string()},
                         {"pool_id", s.pool.to_string()},
                         {"connection_id", s.connection.to_string()},
                         {"mode", "fixed_amount"},
                         {"total_investment_usd", s.total_investment_usd},
                         {"max_loss_usd", amount(s.max_loss_usd)},
                         {"profit_target_usd", amount(s.profit_target_usd)},
                         {"daily_loss_limit_usd", amount(s.daily_loss_limit_usd)},
                         {"status", model::name_of(s.status, ports::subscription_status_names)},
                         {"created_at", time(s.created_at)},
                         {"closed_at", time(s.closed_at)}});
}

Json view(ports::Execution const& execution) {
    auto legs = Json::array();
    for (auto const& leg : execution.legs) legs.push_back(view(leg));
    return Json::object(
        {{"execution_id", execution.id.to_string()},
         {"signal_id", execution.signal.to_string()},
         {"pool_id", execution.pool.to_string()},
         {"subscription_id", execution.subscription.to_string()},
         {"status", execution.status},
         {"reason", text_or_null(execution.reason)},
         {"limit_bound", text_or_null(execution.limit_bound)},
         {"receipt_id", execution.receipt ? Json(execution.receipt->to_string()) : Json()},
         {"created_at", time(execution.created_at)},
         {"ended_at", time(execution.ended_at)},
         {"legs", std::move(legs)}});
}

Json view(ports::Position const& position) {
    return Json::object({{"subscription_id", position.subscription.to_string()},
                         {"pool_id", position.pool.to_string()},
                         {"market", position.market},
                         {"symbol", position.symbol},
                         {"side", direction(position.quantity)},
                         {"quantity", position.quantity},
                         {"cost", position.cost},
                         {"leverage", position.leverage},
                         {"entry_quote", position.entry_quote},
                         {"realised_pnl", position.realised_pnl},
                         {"fees_quote", position.fees_quote},
                         {"updated_at", time(position.updated_at)}});
}

Json view(ports::PublicKeyRecord const& key) {
    return Json::object({{"key_id", key.id},
                         {"algorithm", "ed25519"},
                         {"public_key", key.public_key},
                         {"created_at", time(key.created_at)},
                         {"retired_at", time(key.retired_at)}});
}

Json view(ports::Receipt const& receipt) {
    auto out = ports::receipt_document(receipt);
    auto const& by = receipt.signature;
    out.set("signature",
            by ? Json::object({{"key_id", by->key_id},
                               {"algorithm", "ed25519"},
                               {"value", crypto::hex_encode(crypto::as_bytes(by->bytes))},
                               {"keys", "/.well-known/obscura-receipt-keys"}})
               : Json());
    return out;
}

Json view(ports::AuditEntry const& entry) {
    auto const tenant = entry.tenant.value.is_nil() ? Json() : Json(entry.tenant.to_string());
    return Json::object({{"id", entry.id.to_string()},
                         {"tenant_id", tenant},
                         {"actor", entry.actor},
                         {"action", entry.action},
                         {"subject", entry.subject},
                         {"detail", entry.detail},
                         {"at", base::to_rfc3339(entry.at)}});
}

}  // namespace obscura::gateway
