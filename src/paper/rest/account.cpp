#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_account.hpp"
#include "paper/rest/endpoint.hpp"

#include <array>

namespace obscura::paper {
namespace {

/// Answers of `Render` to requests whose parameters do not matter.
template <std::string (*Render)(Call const&)>
Outcome<std::string> answers(Call& call) {
    return Render(call);
}

Outcome<std::string> account(Call& call) {
    bool const omit = call.params.optional_boolean("omitZeroBalances").value_or(false);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_account(*call.account, call.exchange.catalogue(),
                          omit ? ZeroBalances::omit : ZeroBalances::show);
}

Outcome<std::string> order_counts(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const counts = call.exchange.limits().orders_of(call.account->id, call.now);
    auto const& limits = call.exchange.limits().settings();
    JsonText json;
    auto const add = [&json](char const* interval, int size, std::uint64_t limit,
                             std::uint64_t count) {
        json.begin_object()
            .text("rateLimitType", "ORDERS")
            .text("interval", interval)
            .number("intervalNum", size)
            .number("limit", static_cast<std::int64_t>(limit))
            .number("count", static_cast<std::int64_t>(count))
            .end_object();
    };
    json.begin_array();
    add("SECOND", 10, limits.orders_per_10s, counts.in_10s);
    add("DAY", 1, limits.orders_per_day, counts.in_day);
    json.end_array();
    return json.take();
}

std::string coins(Call const& call) {
    return render_coins(*call.account, call.exchange.catalogue());
}
std::string restrictions(Call const& call) { return render_restrictions(*call.account); }
std::string status(Call const&) { return R"({"data":"Normal"})"; }
std::string no_pairs(Call const&) { return "[]"; }
std::string trading_status(Call const& call) {
    JsonText json;
    json.begin_object()
        .begin_object("data")
        .flag("isLocked", false)
        .number("plannedRecoverTime", 0)
        .number("updateTime", base::to_unix_ms(call.now))
        .end_object()
        .end_object();
    return json.take();
}

constexpr auto sign = Security::signature;
constexpr std::array table{
    Endpoint{"GET", "/api/v3/account", sign, "account.status", weighs<20>, account},
    Endpoint{"GET", "/api/v3/rateLimit/order", sign, "account.rateLimits.orders", weighs<40>,
             order_counts},
    Endpoint{"GET", "/sapi/v1/capital/config/getall", sign, "", weighs<10>, answers<coins>},
    Endpoint{"GET", "/sapi/v1/margin/allPairs", Security::key, "", weighs<1>, answers<no_pairs>},
    Endpoint{"GET", "/sapi/v1/margin/isolated/allPairs", sign, "", weighs<10>, answers<no_pairs>},
    Endpoint{"GET", "/sapi/v1/account/status", sign, "", weighs<1>, answers<status>},
    Endpoint{"GET", "/sapi/v1/account/apiTradingStatus", sign, "", weighs<1>,
             answers<trading_status>},
    Endpoint{"GET", "/sapi/v1/account/apiRestrictions", sign, "", weighs<1>, answers<restrictions>},
};

}  // namespace

std::span<Endpoint const> account_endpoints() { return table; }

}  // namespace obscura::paper
