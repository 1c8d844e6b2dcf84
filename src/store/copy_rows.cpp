#include "store/copy_rows.hpp"

#include "base/json.hpp"
#include "ports/key_vault.hpp"

namespace obscura::store {

ports::SealedCredentials credentials_from_json(std::string_view json) {
    auto const parsed = base::parse_json(json);
    if (!parsed || !parsed->is_object())
        throw std::runtime_error("stored credentials are no object");
    ports::SealedCredentials fields;
    for (auto const& [name, value] : parsed->as_object()) {
        if (!value.is_string())
            throw std::runtime_error("stored credential " + name + " is no text");
        fields.emplace(name, value.as_string());
    }
    return fields;
}

ports::ArmedLeg armed_leg_from_row(Row const& row, std::chrono::milliseconds open_lifetime) {
    ports::ArmedLeg armed;
    auto& leg = armed.leg;
    leg.id = row.id<model::LegId>(0);
    leg.tenant = row.id<model::TenantId>(1);
    leg.copy = row.id<model::CopyId>(2);
    leg.signal = row.id<model::SignalId>(3);
    leg.subscription = row.id<model::SubscriptionId>(4);
    leg.connection = row.id<model::ConnectionId>(5);
    leg.user = row.id<model::UserId>(6);
    leg.seq = static_cast<int>(row.integer(7));
    leg.venue = row.string(8);
    leg.environment = model::value_of(row.text(9), model::environment_names).value();
    leg.market = model::value_of(row.text(10), model::market_names).value();
    leg.symbol = row.string(11);
    leg.side = model::value_of(row.text(12), model::side_names).value();
    leg.type = model::value_of(row.text(13), model::order_type_names).value();
    leg.quantity = row.amount<base::Quantity>(14);
    if (!row.is_null(15)) leg.limit_price = row.amount<base::Price>(15);
    leg.reduce_only = row.boolean(16);
    leg.client_order_id = row.string(17);
    leg.state = model::value_of(row.text(18), model::leg_state_names).value();
    leg.attempt = static_cast<int>(row.integer(19));
    leg.send_not_after = row.timestamp(20);
    if (!leg.reduce_only) leg.give_up_at = row.timestamp(21) + open_lifetime;
    leg.base_asset = row.string(23);
    leg.quote_asset = row.string(24);
    leg.position_side = model::value_of(row.text(25), model::position_side_names).value();
    leg.leverage = static_cast<int>(row.integer(26));
    leg.margin_mode = model::value_of(row.text(27), model::margin_mode_names).value();
    leg.continues = row.boolean(28);
    armed.credentials.fields = credentials_from_json(row.text(22));
    armed.credentials.context =
        ports::credential_context(leg.tenant, leg.user, leg.venue, leg.environment,
                                  ports::ConnectionPurpose::follow, leg.connection);
    return armed;
}

}  // namespace obscura::store
