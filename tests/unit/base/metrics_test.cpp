#include "base/metrics.hpp"

#include <gtest/gtest.h>

#include <string>
#include <thread>
#include <vector>

namespace obscura::base {
namespace {

using namespace std::chrono_literals;

void expect_line(Metrics const& metrics, std::string const& line) {
    auto const text = "\n" + metrics.expose();
    EXPECT_NE(text.find("\n" + line + "\n"), std::string::npos) << line << text;
}

TEST(Metrics, ExposesCountersAndGauges) {
    Metrics metrics;
    auto& orders = metrics.counter("orders_total", "Orders sent.", {{"venue", "okx"}});
    orders.add();
    orders.add(2);
    EXPECT_DOUBLE_EQ(orders.value(), 3);
    metrics.gauge("queue_length", "Waiting.").set(-4.5);
    expect_line(metrics, "# HELP orders_total Orders sent.");
    expect_line(metrics, "# TYPE orders_total counter");
    expect_line(metrics, "orders_total{venue=\"okx\"} 3");
    expect_line(metrics, "queue_length -4.5");
}

TEST(Metrics, SameNameAndLabelsAreTheSameMetric) {
    Metrics metrics;
    auto& a = metrics.counter("x_total", "x", {{"k", "1"}});
    auto& b = metrics.counter("x_total", "x", {{"k", "2"}});
    EXPECT_EQ(&a, &metrics.counter("x_total", "x", {{"k", "1"}}));
    EXPECT_NE(&a, &b);
    auto& h = metrics.histogram("h_seconds", "h");
    EXPECT_EQ(&h, &metrics.histogram("h_seconds", "h"));
}

TEST(Metrics, HistogramsCoverFiftyMicrosecondsToAMinute) {
    Metrics metrics;
    auto& latency = metrics.histogram("latency_seconds", "Latency.");
    latency.observe(40us);
    latency.observe(3ms);
    latency.observe(2min);
    expect_line(metrics, "latency_seconds_bucket{le=\"5e-05\"} 1");
    expect_line(metrics, "latency_seconds_bucket{le=\"0.005\"} 2");
    expect_line(metrics, "latency_seconds_bucket{le=\"60\"} 2");
    expect_line(metrics, "latency_seconds_bucket{le=\"+Inf\"} 3");
    expect_line(metrics, "latency_seconds_count 3");
}

TEST(Metrics, RefusesBadNamesAndOtherTypes) {
    Metrics metrics;
    EXPECT_THROW((void)metrics.counter("not a name", "x"), std::invalid_argument);
    EXPECT_THROW((void)metrics.counter("not a name", "x"), std::invalid_argument);
    (void)metrics.counter("x_total", "x");
    EXPECT_THROW((void)metrics.gauge("x_total", "x"), std::invalid_argument);
}

TEST(Metrics, CountsFromEveryThread) {
    Metrics metrics;
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
        threads.emplace_back([&metrics] {
            for (int n = 0; n < 500; ++n) metrics.counter("n_total", "n").add();
        });
    }
    threads.clear();
    EXPECT_DOUBLE_EQ(metrics.counter("n_total", "n").value(), 2000);
}

}  // namespace
}  // namespace obscura::base
