#include "gateway/health_board.hpp"

#include "base/log.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

namespace obscura::gateway {
namespace {

using base::Json;

constexpr std::chrono::milliseconds probe_timeout{700};
constexpr std::chrono::seconds fresh_for{1};
/// What a service may tell the public of itself.
constexpr std::array<std::string_view, 4> public_facts{"version", "attested", "tee", "evidence"};

Json entry_json(ports::ProbeResult const& result, std::chrono::nanoseconds latency) {
    auto const ms = std::chrono::duration<double, std::milli>(latency).count();
    auto json =
        Json::object({{"status", result.is_up ? "up" : "down"}, {"latency_ms", Json::figure(ms)}});
    for (auto const fact : public_facts) {
        auto const& value = result.facts[fact];
        if (value.is_string() || value.is_bool()) json.set(fact, value);
    }
    return json;
}

}  // namespace

Task<ports::ProbeResult> HttpHealthProbe::check(std::chrono::milliseconds timeout) {
    net::Request request{.target = "/health"};
    auto const answer = co_await http_.fetch(origin_, std::move(request), timeout);
    if (!answer) co_return ports::ProbeResult{.internal = answer.error().detail};
    auto facts = base::parse_json(answer->body);
    ports::ProbeResult result{.is_up = answer->status == 200};
    if (!result.is_up) result.internal = "status " + std::to_string(answer->status);
    if (facts) result.facts = std::move(*facts);
    co_return result;
}

HealthBoard::HealthBoard(ports::HealthProbe& record, std::vector<ports::HealthProbe*> dependencies,
                         std::vector<ports::HealthProbe*> services, base::Clock const& clock,
                         std::string version)
    : clock_(clock), version_(std::move(version)) {
    entries_.push_back({.probe = &record});
    for (auto* probe : dependencies) entries_.push_back({.probe = probe});
    for (auto* probe : services) entries_.push_back({.probe = probe, .is_service = true});
}

Task<HealthBoard::Report> HealthBoard::report() {
    if (clock_.steady() < fresh_until_) co_return last_;
    // Whoever comes while this is under way gets the report of before, if there is one.
    if (!last_.body.is_null()) fresh_until_ = clock_.steady() + fresh_for;
    auto entries = entries_;
    co_await refresh(entries, 0);
    last_ = render(entries);
    fresh_until_ = clock_.steady() + fresh_for;
    co_return last_;
}

Task<void> HealthBoard::refresh(std::vector<Entry>& entries, std::size_t from) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (from == entries.size()) co_return;
    co_await (ask(entries[from]) && refresh(entries, from + 1));
}

Task<void> HealthBoard::ask(Entry& entry) {
    auto const began = clock_.steady();
    entry.result = co_await entry.probe->check(probe_timeout);
    entry.latency = clock_.steady() - began;
    if (!entry.result.is_up)
        base::log::warn("health.down",
                        {{"what", entry.probe->name()}, {"error", entry.result.internal}});
}

HealthBoard::Report HealthBoard::render(std::vector<Entry> const& entries) const {
    auto services = Json::object({{"gateway", Json::object({{"status", "up"},
                                                            {"latency_ms", Json::figure(0)},
                                                            {"version", version_}})}});
    auto dependencies = Json::object();
    bool all_up = true;
    for (auto const& entry : entries) {
        all_up = all_up && entry.result.is_up;
        auto& list = entry.is_service ? services : dependencies;
        list.set(entry.probe->name(), entry_json(entry.result, entry.latency));
    }
    bool const ready = entries.front().result.is_up;
    auto body = Json::object({{"status", all_up  ? "ok"
                                         : ready ? "degraded"
                                                 : "down"},
                              {"version", version_},
                              {"time", base::to_rfc3339(clock_.now())},
                              {"services", std::move(services)},
                              {"dependencies", std::move(dependencies)}});
    return {.body = std::move(body), .is_ready = ready};
}

}  // namespace obscura::gateway
