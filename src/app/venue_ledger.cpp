#include "app/venue_ledger.hpp"

#include <algorithm>

namespace obscura::app {
namespace {

base::Quantity quantity_of(base::Json const& json, std::string_view key) {
    return base::Quantity{json[key].to_decimal().value_or(base::Decimal{})};
}

void read_page(base::Json const& page, VenueLedger& ledger) {
    for (auto const& order : page["orders"].as_array()) {
        LedgerOrder read{.order_id = order["order_id"].to_int64().value_or(0),
                         .account = text_of(order, "label"),
                         .symbol = text_of(order, "symbol"),
                         .side = text_of(order, "side"),
                         .status = text_of(order, "status"),
                         .client_order_id = text_of(order, "client_order_id"),
                         .executed = quantity_of(order, "executed_quantity"),
                         .trade_ids = {},
                         .reduce_only = order["reduce_only"] == base::Json(true)};
        for (auto const& fill : order["fills"].as_array())
            read.trade_ids.push_back(text_of(fill, "trade_id"));
        ledger.orders.push_back(std::move(read));
    }
    for (auto const& balance : page["balances"].as_array())
        ledger.free[{text_of(balance, "label"), text_of(balance, "asset")}] =
            quantity_of(balance, "free");
    auto const* positions = page.find("positions");
    if (positions == nullptr) return;  // spot has none
    // In hedge mode a symbol has two.
    ledger.positions.clear();
    for (auto const& position : positions->as_array())
        ledger.positions[{text_of(position, "label"), text_of(position, "symbol")}] +=
            quantity_of(position, "quantity");
}

}  // namespace

std::int64_t VenueLedger::last_order_id() const {
    std::int64_t last = 0;
    for (auto const& order : orders) last = std::max(last, order.order_id);
    return last;
}

base::Quantity VenueLedger::balance(std::string const& label, std::string const& asset) const {
    auto const it = free.find({label, asset});
    return it == free.end() ? base::Quantity{} : it->second;
}

base::Quantity VenueLedger::position(std::string const& label, std::string const& symbol) const {
    auto const it = positions.find({label, symbol});
    return it == positions.end() ? base::Quantity{} : it->second;
}

std::set<std::string> VenueLedger::doubled() const {
    std::set<std::string> seen;
    std::set<std::string> twice;
    for (auto const& order : orders) {
        auto const key = order.account + "/" + order.client_order_id;
        if (!seen.insert(key).second) twice.insert(key);
    }
    return twice;
}

net::Task<VenueLedger> read_ledger(ApiClient& api, std::string paper_url,
                                   std::int64_t after_order_id, model::Market market) {
    VenueLedger ledger;
    auto after = std::to_string(after_order_id);
    for (bool more = true; more;) {
        // A page stays far below the number of values that our JSON reader takes.
        auto const path =
            "/admin/ledger?limit=1000&market=" + std::string(to_string(market)) + "&after=" + after;
        auto const page = co_await api.expect("GET", paper_url, path, "");
        read_page(page, ledger);
        auto const next = page["next_after"].to_text();
        auto const next_number = page["next_after"].to_int64();
        more = next.has_value() || next_number.has_value();
        if (next)
            after = *next;
        else if (next_number)
            after = std::to_string(*next_number);
    }
    co_return ledger;
}

}  // namespace obscura::app
