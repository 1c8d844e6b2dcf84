#pragma once

#include "app/bench_machine.hpp"
#include "app/bench_statistics.hpp"
#include "base/json.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::app::bench {

enum class Better { higher, lower };

/// What a row is measured against: another program in the same run, or a published figure or limit.
struct Peer {
    std::string name;
    std::string version;
    std::vector<double> runs;  ///< one value for a published figure; empty: there is no peer
};

/// A target is a bound of our own figure, or of its ratio to the peer's.
struct Target {
    enum class Of { ours, ratio };
    Of of = Of::ours;
    double bound = 0;
};

/// Latencies of one side of a row, for the report's plots.
struct Distribution {
    std::string name;
    std::vector<double> samples;
};

struct Row {
    std::string id;           ///< what checks select: "fanout.last.1000"; never renamed
    std::string description;  ///< `case` in the document
    std::string unit;
    Better better = Better::lower;
    std::vector<double> runs;  ///< one figure a run, at least one
    Peer peer{};
    std::optional<Target> target{};
    std::vector<Distribution> distributions{};

    [[nodiscard]] Spread ours() const { return spread_of(runs); }
    [[nodiscard]] std::optional<Spread> peers() const;
    /// Ours over the peer's, medians. Nullopt without a peer.
    [[nodiscard]] std::optional<double> ratio() const;
    /// Nullopt without a target, or when the target is a ratio and there is no peer.
    [[nodiscard]] std::optional<bool> holds() const;
};

struct Report {
    std::string name;
    std::string commit;
    Machine machine;
    std::vector<Row> rows;
    std::vector<std::string> not_run{};  ///< what was asked for and could not be measured, and why
};

/// The document that checks read. Every key is there in every row; what there is none of is null.
[[nodiscard]] base::Json document_of(Report const& report);
/// For people: one line a row.
[[nodiscard]] std::string table_of(Report const& report);
/// The same as a Markdown page with the plots' file names in it.
[[nodiscard]] std::string markdown_of(Report const& report);
/// File name and content of every plot of the report.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> plots_of(Report const& report);
/// "1.53 ms", "12,345 /s": three significant digits or whole numbers with separators.
[[nodiscard]] std::string figure_text(double value);

}  // namespace obscura::app::bench
