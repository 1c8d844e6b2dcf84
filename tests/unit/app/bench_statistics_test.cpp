#include "app/bench_statistics.hpp"

#include <gtest/gtest.h>

#include <stdexcept>

namespace obscura::app::bench {
namespace {

TEST(BenchStatistics, ASpreadIsTheMiddleRunAndTheOutermost) {
    auto const spread = spread_of({5, 1, 9, 3, 7});
    EXPECT_EQ(spread.low, 1);
    EXPECT_EQ(spread.median, 5);
    EXPECT_EQ(spread.high, 9);
    EXPECT_EQ(spread_of({4}).median, 4);
    EXPECT_EQ(spread_of({4, 8}).median, 6);
}

TEST(BenchStatistics, AQuantileLiesBetweenItsNeighbours) {
    std::vector<double> hundred;
    for (int i = 100; i >= 0; --i) hundred.push_back(i);
    EXPECT_EQ(quantile(hundred, 0), 0);
    EXPECT_DOUBLE_EQ(quantile(hundred, 0.99), 99);
    EXPECT_DOUBLE_EQ(quantile(hundred, 0.505), 50.5);
    EXPECT_EQ(quantile(hundred, 1), 100);
}

TEST(BenchStatistics, OfNothingThereIsNoFigure) {
    EXPECT_THROW((void)spread_of({}), std::invalid_argument);
    EXPECT_THROW((void)quantile({1}, 1.5), std::invalid_argument);
    EXPECT_THROW((void)quantile({1}, -0.1), std::invalid_argument);
}

}  // namespace
}  // namespace obscura::app::bench
