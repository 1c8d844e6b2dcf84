#pragma once

#include "base/clock.hpp"
#include "model/leg.hpp"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace obscura::conductor {

/// What has to happen to which leg, and when, by a clock that never jumps. One entry a leg. Pure.
class Agenda {
public:
    using Action = model::LegStep::Action;
    void put(model::LegId leg, Action action, base::Instant when) {
        entries_.emplace(when, std::pair(leg, action));
    }
    /// Takes everything due.
    [[nodiscard]] std::vector<std::pair<model::LegId, Action>> due(base::Instant now) {
        std::vector<std::pair<model::LegId, Action>> out;
        auto const end = entries_.upper_bound(now);
        for (auto it = entries_.begin(); it != end; ++it) out.push_back(it->second);
        entries_.erase(entries_.begin(), end);
        return out;
    }
    [[nodiscard]] std::optional<base::Instant> next() const {
        if (entries_.empty()) return std::nullopt;
        return entries_.begin()->first;
    }
    [[nodiscard]] std::size_t size() const { return entries_.size(); }

private:
    std::multimap<base::Instant, std::pair<model::LegId, Action>> entries_;
};

}  // namespace obscura::conductor
