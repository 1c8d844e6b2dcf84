#include "app/bench_ledger.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace obscura::app::bench {
namespace {

Acceptance acceptance_in(base::Json const& order) {
    auto const id = order["order_id"].to_int64();
    auto const account = order["label"].to_text();
    auto const side = order["side"].to_text();
    auto const at = base::parse_rfc3339(order["accepted_at"].to_text().value_or(""));
    if (!id || !account || !side || !at)
        throw std::runtime_error("not an order of the ledger: " + order.dump().substr(0, 200));
    return {.order_id = *id,
            .account = std::string(*account),
            .side = std::string(*side),
            .accepted_at = *at};
}

double ms_between(base::Timestamp from, base::Timestamp to) {
    return std::chrono::duration<double, std::milli>(to - from).count();
}

}  // namespace

std::vector<Acceptance> acceptances_in(base::Json const& page) {
    if (!page["orders"].is_array())
        throw std::runtime_error("not a page of the ledger: " + page.dump().substr(0, 200));
    std::vector<Acceptance> orders;
    for (auto const& order : page["orders"].as_array()) orders.push_back(acceptance_in(order));
    return orders;
}

FanOut fan_out(std::vector<Acceptance> const& orders, std::string const& label,
               std::string const& side, base::Timestamp since) {
    FanOut found;
    std::set<std::string> accounts;
    for (auto const& order : orders) {
        if (!order.account.starts_with(label) || order.side != side) continue;
        if (!accounts.insert(order.account).second)
            throw std::runtime_error("two orders on the account " + order.account);
        auto const after = ms_between(since, order.accepted_at);
        found.first_ms = found.orders == 0 ? after : std::min(found.first_ms, after);
        found.last_ms = found.orders == 0 ? after : std::max(found.last_ms, after);
        ++found.orders;
    }
    return found;
}

}  // namespace obscura::app::bench
