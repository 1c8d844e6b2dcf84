#include "citadel/call_rates.hpp"

#include "citadel/call_log.hpp"

#include <string>

namespace obscura::citadel {
namespace {

constexpr std::array<std::string_view, call_kind_names.size()> what{
    "Orders that open something, and settings",
    "Orders and cancellations that lessen a risk",
    "Questions to a venue",
    "Texts that are sealed",
    "Texts that are given as plaintext",
    "Texts that are sealed anew",
    "Credentials that a client sealed",
    "Keys and statements",
    "Relays that are opened"};

}  // namespace

CallKind kind_of(ports::SignItem const& item) {
    if (!is_exit(item)) return CallKind::opening;
    return model::is_trading(item.operation) ? CallKind::exit : CallKind::look;
}

void bind(base::ConfigTable& table, CallRates& rates) {
    table.bind("limits.enabled", rates.enabled,
               "Whether citadel holds callers and accounts to the rates of this table; without it "
               "a service gone bad has as many signatures as it can ask for.");
    for (std::size_t i = 0; i < call_kind_names.size(); ++i) {
        auto const name = "limits." + std::string(call_kind_names[i].name);
        table.bind(name, rates.of_caller[i],
                   std::string(what[i]) +
                       " for one service, a second; ten times as many at once. 0: no limit.",
                   {0, 1'000'000});
        if (rates.of_account[i] == 0) continue;
        table.bind(name + "_of_account", rates.of_account[i],
                   "The same for one account, by the context of its credential.", {0, 1'000'000});
    }
}

}  // namespace obscura::citadel
