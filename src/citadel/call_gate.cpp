#include "citadel/call_gate.hpp"

namespace obscura::citadel {
namespace {

using std::chrono::seconds;

base::Counter& counter_of(base::Metrics& metrics, std::string_view kind, char const* whose) {
    return metrics.counter("obscura_citadel_rate_limited_total",
                           "Calls and items refused for their number.",
                           {{"kind", std::string(kind)}, {"of", whose}});
}

}  // namespace

CallGate::CallGate(CallRates const& rates, base::Clock const& clock, base::Random& random,
                   base::Metrics& metrics)
    : limits_(rates, random), clock_(clock) {
    for (auto const& kind : call_kind_names)
        refused_.push_back({.callers = counter_of(metrics, kind.name, "caller"),
                            .accounts = counter_of(metrics, kind.name, "account")});
}

base::Result<void> CallGate::admit(Caller const& caller, CallKind kind, std::string_view account,
                                   std::int64_t count) {
    auto const refusal = limits_.take(caller.name, kind, account, count, clock_.steady());
    if (!refusal) return {};
    auto const& counters = refused_[static_cast<std::size_t>(kind)];
    (refusal->is_accounts ? counters.accounts : counters.callers).add();
    return std::unexpected(base::Error{
        .code = base::Errc::rate_limited,
        .reason = "rate_limited",
        .detail = refusal->is_accounts ? "Too many calls of this kind for one account."
                                       : "Too many calls of this kind by one service.",
        .retry_after = std::max(std::chrono::ceil<seconds>(refusal->retry_after), seconds(1))});
}

}  // namespace obscura::citadel
