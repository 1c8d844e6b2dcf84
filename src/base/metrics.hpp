#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace obscura::base {

using Labels = std::map<std::string, std::string>;

class Counter {
public:
    virtual ~Counter() = default;
    virtual void add(double by = 1) = 0;
    [[nodiscard]] virtual double value() const = 0;
};
class Gauge {
public:
    virtual ~Gauge() = default;
    virtual void set(double value) = 0;
};
/// Latencies in seconds, 50 us to 60 s.
class Histogram {
public:
    virtual ~Histogram() = default;
    virtual void observe(std::chrono::nanoseconds elapsed) = 0;
};

/// Prometheus metrics of one process; prometheus-cpp stays in metrics.cpp. Any thread. The
/// references live as long as the registry; asking again for a name and labels gives the same one.
/// A name that is malformed or already of another type throws std::invalid_argument.
class Metrics {
public:
    Metrics();
    ~Metrics();
    Metrics(Metrics const&) = delete;
    Metrics& operator=(Metrics const&) = delete;

    [[nodiscard]] Counter& counter(std::string const& name, std::string const& help,
                                   Labels const& labels = {});
    [[nodiscard]] Gauge& gauge(std::string const& name, std::string const& help,
                               Labels const& labels = {});
    [[nodiscard]] Histogram& histogram(std::string const& name, std::string const& help,
                                       Labels const& labels = {});
    /// The text exposition format.
    [[nodiscard]] std::string expose() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace obscura::base
