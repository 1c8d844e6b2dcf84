#include "app/tour_report.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace obscura::app {
namespace {

using base::Json;
using Time = std::optional<base::Timestamp>;

constexpr std::array<char const*, 8> stage_names{
    "fill", "ingested", "signal", "planned", "signed", "sent", "first accepted", "last accepted"};
constexpr std::array<char const*, 8> stage_keys{
    "fill", "ingested", "signal", "planned", "signed", "sent", "first_accepted", "last_accepted"};

std::array<Time, 8> times_of(store::SignalStages const& s) {
    return {s.leader_fill, s.ingested,  s.accepted,       s.planned,
            s.last_signed, s.last_sent, s.first_accepted, s.last_accepted};
}

double milliseconds_since(base::Timestamp start, Time const& t) {
    return t ? static_cast<double>((*t - start).count()) / 1000.0 : -1;
}

}  // namespace

void TourReport::add(std::string name, bool ok, std::chrono::nanoseconds took, std::string detail) {
    failed_ = failed_ || !ok;
    auto const ms = std::chrono::duration<double, std::milli>(took).count();
    if (print_) {
        std::printf("%s  %-38s %8.1f ms  %s\n", ok ? "ok  " : "FAIL", name.c_str(), ms,
                    detail.c_str());
        std::fflush(stdout);
    }
    steps_.push_back(Json::object({{"name", std::move(name)},
                                   {"ok", ok},
                                   {"ms", Json::figure(ms)},
                                   {"detail", std::move(detail)}}));
}

void TourReport::add_stages(std::string what, std::vector<store::SignalStages> const& signals) {
    // Of several fills the one whose last copy was slowest; those that nobody copied have no legs.
    auto const slowest = std::ranges::max_element(signals, {}, [](store::SignalStages const& s) {
        return s.last_accepted.value_or(base::Timestamp{});
    });
    if (slowest == signals.end()) return;
    auto const start = slowest->leader_fill.value_or(slowest->accepted);
    StageRow row{.what = std::move(what), .ms = {}};
    for (auto const& time : times_of(*slowest)) row.ms.push_back(milliseconds_since(start, time));
    rows_.push_back(std::move(row));
}

void TourReport::finish(bool json) const {
    if (!json) {
        std::printf(
            "\nMilliseconds from the leader's fill (B2B: from the accepted signal) to each stage,\n"
            "for the slowest of %s\n%-14s",
            "the action's signals; signed and sent are the last leg's:", "");
        for (auto const* name : stage_names) std::printf("%15s", name);
        std::printf("\n");
        for (auto const& row : rows_) {
            std::printf("%-14s", row.what.c_str());
            for (double const ms : row.ms)
                if (ms < 0)
                    std::printf("%15s", "-");
                else
                    std::printf("%15.1f", ms);
            std::printf("\n");
        }
        std::printf("\n%s\n", failed_ ? "The tour FAILED." : "Every step held.");
        return;
    }
    auto stages = Json::array();
    for (auto const& row : rows_) {
        auto times = Json::object();
        for (std::size_t i = 0; i < row.ms.size(); ++i)
            times.set(stage_keys[i], row.ms[i] < 0 ? Json() : Json::figure(row.ms[i]));
        stages.push_back(Json::object({{"action", row.what}, {"ms", std::move(times)}}));
    }
    auto const document = Json::object({{"schema", "obscura.tour/1"},
                                        {"ok", !failed_},
                                        {"steps", steps_},
                                        {"stages", std::move(stages)}});
    std::printf("%s\n", document.dump().c_str());
}

}  // namespace obscura::app
