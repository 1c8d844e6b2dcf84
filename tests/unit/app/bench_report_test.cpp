#include "app/bench_report.hpp"

#include "app/bench_svg.hpp"

#include <gtest/gtest.h>

namespace obscura::app::bench {
namespace {

Row row_with_peer() {
    Row row{.id = "fanout.last.1000", .description = "a case", .unit = "ms"};
    row.runs = {20, 30, 25};
    row.peer = {.name = "bare <loop>", .version = "1", .runs = {10, 12, 11}};
    row.target = Target{.of = Target::Of::ratio, .bound = 2.5};
    return row;
}

Report report_of(Row row) {
    return {.name = "fanout",
            .commit = "abc",
            .machine = {.cores = 2, .cpu = "a processor", .memory_mib = 1'024, .kernel = "Linux 6"},
            .rows = {std::move(row)}};
}

std::vector<std::string> keys_of(base::Json const& json) {
    std::vector<std::string> keys;
    for (auto const& [key, value] : json.as_object()) keys.push_back(key);
    return keys;
}

TEST(BenchReport, EveryKeyOfTheSchemaIsThere) {
    auto const document = document_of(report_of(row_with_peer()));
    for (auto const* key : {"schema", "name", "commit", "machine", "rows"})
        EXPECT_NE(document.find(key), nullptr) << key;
    EXPECT_EQ(document["schema"], base::Json(1));
    for (auto const* key : {"cores", "cpu", "memory_mib", "kernel", "load_average_at_start"})
        EXPECT_NE(document["machine"].find(key), nullptr) << key;
    auto const& row = document["rows"].as_array().at(0);
    for (auto const* key :
         {"id", "case", "unit", "better", "ours", "peer", "ratio", "target", "holds", "runs"})
        EXPECT_NE(row.find(key), nullptr) << key;
    for (auto const* key : {"name", "version", "value"})
        EXPECT_NE(row["peer"].find(key), nullptr) << key;
}

TEST(BenchReport, ARowWithoutPeerAndTargetHasTheSameKeys) {
    Row const bare{.id = "a", .description = "b", .unit = "ms", .runs = {1}};
    auto const full = document_of(report_of(row_with_peer()))["rows"].as_array().at(0);
    auto const row = document_of(report_of(bare))["rows"].as_array().at(0);
    EXPECT_EQ(keys_of(row), keys_of(full));
    for (auto const* key : {"ratio", "target", "target_of", "holds"})
        EXPECT_TRUE(row[key].is_null()) << key;
    EXPECT_TRUE(row["peer"]["value"].is_null());
}

TEST(BenchReport, FiguresAreMediansAndTheirRatio) {
    auto const row = document_of(report_of(row_with_peer()))["rows"].as_array().at(0);
    EXPECT_EQ(row["ours"].digits(), "25.0000");
    EXPECT_EQ(row["low"].digits(), "20.0000");
    EXPECT_EQ(row["high"].digits(), "30.0000");
    EXPECT_EQ(row["peer"]["value"].digits(), "11.0000");
    EXPECT_EQ(row["ratio"].digits(), "2.2727");
    EXPECT_EQ(row["holds"], base::Json(true));
    EXPECT_EQ(row["runs"].as_array().size(), 3U);
}

TEST(BenchReport, ATargetBoundsOnTheSideThatIsWorse) {
    auto row = row_with_peer();
    row.target->bound = 2.2;
    EXPECT_EQ(row.holds(), false);
    row.target = Target{.of = Target::Of::ours, .bound = 25};
    EXPECT_EQ(row.holds(), true);
    row.target->bound = 24;
    EXPECT_EQ(row.holds(), false);
    row.better = Better::higher;
    EXPECT_EQ(row.holds(), true);
    row.target->bound = 26;
    EXPECT_EQ(row.holds(), false);
}

TEST(BenchReport, ARatioWithoutPeerHoldsNeitherWay) {
    auto row = row_with_peer();
    row.peer.runs.clear();
    EXPECT_EQ(row.ratio(), std::nullopt);
    EXPECT_EQ(row.holds(), std::nullopt);
    row.peer.runs = {0};
    EXPECT_EQ(row.ratio(), std::nullopt);
}

TEST(BenchReport, TheTableHasALineForEachRowAndForWhatDidNotRun) {
    auto report = report_of(row_with_peer());
    report.not_run = {"gateway: there is no wrk here"};
    auto const table = table_of(report);
    EXPECT_NE(table.find("fanout.last.1000"), table.npos);
    EXPECT_NE(table.find("<= 2.50 x"), table.npos);
    EXPECT_NE(table.find("holds"), table.npos);
    EXPECT_NE(table.find("not run: gateway: there is no wrk here"), table.npos);
    EXPECT_NE(table.find("2 cores of a processor"), table.npos);
}

TEST(BenchReport, FiguresAreShort) {
    EXPECT_EQ(figure_text(0.1234), "0.123");
    EXPECT_EQ(figure_text(1.234), "1.23");
    EXPECT_EQ(figure_text(12.34), "12.3");
    EXPECT_EQ(figure_text(123.4), "123");
    EXPECT_EQ(figure_text(1234567), "1,234,567");
    EXPECT_EQ(figure_text(-1234), "-1,234");
    EXPECT_EQ(figure_text(-123), "-123");
}

TEST(BenchReport, EveryPlotThatThePageNamesIsThere) {
    auto row = row_with_peer();
    row.distributions = {{.name = "ours", .samples = {1, 2, 300}}, {.name = "none", .samples = {}}};
    auto const report = report_of(row);
    auto const page = markdown_of(report);
    auto const plots = plots_of(report);
    ASSERT_EQ(plots.size(), 2U);
    for (auto const& [name, svg] : plots) {
        EXPECT_NE(page.find("(" + name + ")"), page.npos) << name;
        EXPECT_TRUE(svg.starts_with("<svg ")) << name;
        EXPECT_TRUE(svg.ends_with("</svg>\n")) << name;
        EXPECT_EQ(svg.find("nan"), svg.npos) << name;
    }
    EXPECT_NE(plots[0].second.find("bare &lt;loop&gt;"), plots[0].second.npos);
}

TEST(BenchReport, APlotOfNothingIsStillOne) {
    EXPECT_EQ(bars_svg("a", "b", {{.name = "zero", .spread = {}}}).find("nan"), std::string::npos);
    EXPECT_TRUE(curves_svg("a", "b", {}).ends_with("</svg>\n"));
}

}  // namespace
}  // namespace obscura::app::bench
