#pragma once

#include "base/metrics.hpp"

#include <map>
#include <string>
#include <string_view>

namespace obscura::store {

/// The metrics of a pool; series are looked up once per statement name.
class PgMetrics {
public:
    struct Series {
        std::string name;
        base::Histogram* seconds = nullptr;
    };

    explicit PgMetrics(base::Metrics& metrics);
    /// Lives as long as this object.
    [[nodiscard]] Series const& of(std::string_view statement);
    void count_error(Series const& statement, std::string const& sqlstate);
    [[nodiscard]] base::Histogram& acquire_seconds() { return *acquire_seconds_; }

private:
    base::Metrics& metrics_;
    base::Histogram* acquire_seconds_;
    std::map<std::string, Series, std::less<>> series_;
};

}  // namespace obscura::store
