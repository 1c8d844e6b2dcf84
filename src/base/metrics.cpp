#include "base/metrics.hpp"

#include <prometheus/counter.h>
#include <prometheus/family.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>
#include <utility>

namespace obscura::base {
namespace {

class PrometheusCounter final : public Counter {
public:
    explicit PrometheusCounter(prometheus::Counter& counter) : counter_(counter) {}
    void add(double by) override { counter_.Increment(by); }
    [[nodiscard]] double value() const override { return counter_.Value(); }

private:
    prometheus::Counter& counter_;
};

class PrometheusGauge final : public Gauge {
public:
    explicit PrometheusGauge(prometheus::Gauge& gauge) : gauge_(gauge) {}
    void set(double value) override { gauge_.Set(value); }

private:
    prometheus::Gauge& gauge_;
};

class PrometheusHistogram final : public Histogram {
public:
    explicit PrometheusHistogram(prometheus::Histogram& histogram) : histogram_(histogram) {}
    void observe(std::chrono::nanoseconds elapsed) override {
        histogram_.Observe(std::chrono::duration<double>(elapsed).count());
    }

private:
    prometheus::Histogram& histogram_;
};

prometheus::Histogram::BucketBoundaries const latency_seconds{
    50e-6,  100e-6, 250e-6, 500e-6, 1e-3, 2.5e-3, 5e-3, 10e-3, 25e-3, 50e-3,
    100e-3, 250e-3, 500e-3, 1,      2.5,  5,      10,   30,    60};

using Key = std::pair<std::string, Labels>;

/// Our face of each metric, made at the first call for its name and labels.
template <class Face>
using Faces = std::map<Key, std::unique_ptr<Face>>;

template <class Face, class Make>
Face& find_or_make(Faces<Face>& faces, std::string const& name, Labels const& labels, Make make) {
    auto const [place, is_new] = faces.try_emplace(Key{name, labels});
    if (!is_new) return *place->second;
    try {
        place->second = make();
    } catch (...) {  // a bad name, or the name of another type: leave no empty place behind
        faces.erase(place);
        throw;
    }
    return *place->second;
}

}  // namespace

struct Metrics::State {
    prometheus::Registry registry;
    std::mutex mutex;
    Faces<Counter> counters;
    Faces<Gauge> gauges;
    Faces<Histogram> histograms;
};

Metrics::Metrics() : state_(std::make_unique<State>()) {}
Metrics::~Metrics() = default;

Counter& Metrics::counter(std::string const& name, std::string const& help, Labels const& labels) {
    std::scoped_lock const lock(state_->mutex);
    return find_or_make(state_->counters, name, labels, [&] {
        auto& family = prometheus::BuildCounter().Name(name).Help(help).Register(state_->registry);
        return std::make_unique<PrometheusCounter>(family.Add(labels));
    });
}

Gauge& Metrics::gauge(std::string const& name, std::string const& help, Labels const& labels) {
    std::scoped_lock const lock(state_->mutex);
    return find_or_make(state_->gauges, name, labels, [&] {
        auto& family = prometheus::BuildGauge().Name(name).Help(help).Register(state_->registry);
        return std::make_unique<PrometheusGauge>(family.Add(labels));
    });
}

Histogram& Metrics::histogram(std::string const& name, std::string const& help,
                              Labels const& labels) {
    std::scoped_lock const lock(state_->mutex);
    return find_or_make(state_->histograms, name, labels, [&] {
        auto& family =
            prometheus::BuildHistogram().Name(name).Help(help).Register(state_->registry);
        return std::make_unique<PrometheusHistogram>(family.Add(labels, latency_seconds));
    });
}

std::string Metrics::expose() const {
    return prometheus::TextSerializer().Serialize(state_->registry.Collect());
}

}  // namespace obscura::base
