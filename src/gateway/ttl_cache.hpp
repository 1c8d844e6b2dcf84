#pragma once

#include "base/clock.hpp"

#include <chrono>
#include <optional>
#include <unordered_map>
#include <utility>

namespace obscura::gateway {

/// Values that may be a little old. Bounded: a full cache starts anew.
template <class Key, class Value>
class TtlCache {
public:
    TtlCache(std::chrono::milliseconds ttl, std::size_t max_entries)
        : ttl_(ttl), max_entries_(max_entries) {}

    [[nodiscard]] Value const* find(Key const& key, base::Instant now) const {
        auto const found = entries_.find(key);
        if (found == entries_.end() || now >= found->second.second) return nullptr;
        return &found->second.first;
    }
    void put(Key const& key, Value value, base::Instant now) {
        if (entries_.size() >= max_entries_) entries_.clear();
        entries_.insert_or_assign(key, std::pair(std::move(value), now + ttl_));
    }
    void erase(Key const& key) { entries_.erase(key); }

private:
    std::chrono::milliseconds ttl_;
    std::size_t max_entries_;
    std::unordered_map<Key, std::pair<Value, base::Instant>> entries_;
};

}  // namespace obscura::gateway
