#include "sentinel/head_witness.hpp"

#include "base/log.hpp"

namespace obscura::sentinel {

std::string objection(ports::AuditHead const& before, ports::AuditHead const& now) {
    if (now.log != before.log)
        return "log " + now.log.to_string() + " has taken the place of " + before.log.to_string();
    auto const reached = "entry " + std::to_string(before.sequence);
    if (now.key != before.key) return "another key signs since " + reached;
    if (now.sequence < before.sequence)
        return "the log had come to " + reached + " and ends at " + std::to_string(now.sequence);
    if (now.sequence == before.sequence && now.link != before.link)
        return reached + " is another than it was";
    return "";
}

HeadWitness::HeadWitness(boost::asio::any_io_executor executor, Ports ports,
                         std::chrono::milliseconds every, base::Metrics& metrics)
    : ports_(ports),
      every_(every),
      scope_(executor),
      kept_(metrics.counter("obscura_sentinel_audit_heads_total",
                            "Heads of citadel's audit log that were kept.")),
      objected_(metrics.counter("obscura_sentinel_audit_objections_total",
                                "Heads that contradict an earlier one.")) {}

void HeadWitness::start() { scope_.spawn("audit.heads", run()); }

net::Task<void> HeadWitness::run() {
    while (!scope_.stopping()) {
        try {
            co_await look();
        } catch (std::exception const& e) {
            if (scope_.stopping()) co_return;
            base::log::warn("audit.head_not_kept", {{"detail", e.what()}});
        }
        co_await net::sleep_for(every_);
    }
}

net::Task<void> HeadWitness::look() {
    // Before citadel is asked: another sentinel may keep a newer one meanwhile.
    auto const before = co_await ports_.heads.newest();
    auto const now = co_await ports_.source.audit_head();
    if (!now) {
        base::log::warn("audit.head_not_told", {{"detail", now.error().detail}});
        co_return;
    }
    if (before && *before == *now) co_return;
    if (auto const why = before ? objection(*before, *now) : ""; !why.empty()) {
        objected_.add();
        base::log::error("audit.log_contradicts_itself", {{"why", why}});
    }
    // What contradicts is kept all the same: it is what somebody will want to see.
    co_await ports_.heads.keep(*now);
    kept_.add();
}

}  // namespace obscura::sentinel
