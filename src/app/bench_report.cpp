#include "app/bench_report.hpp"

#include "app/bench_svg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

namespace obscura::app::bench {
namespace {

using base::Json;

Json figure(double value) { return Json::figure(value, std::abs(value) < 100 ? 4 : 1); }
Json figure_or_null(std::optional<double> value) { return value ? figure(*value) : Json(); }

Json row_json(Row const& row) {
    auto const ours = row.ours();
    auto const peer = row.peers();
    auto runs = Json::array();
    for (auto const run : row.runs) runs.push_back(figure(run));
    auto peer_runs = Json::array();
    for (auto const run : row.peer.runs) peer_runs.push_back(figure(run));
    auto peer_json = Json::object({{"name", row.peer.name},
                                   {"version", row.peer.version},
                                   {"value", peer ? figure(peer->median) : Json()},
                                   {"runs", std::move(peer_runs)}});
    auto json = Json::object({{"id", row.id},
                              {"case", row.description},
                              {"unit", row.unit},
                              {"better", row.better == Better::higher ? "higher" : "lower"},
                              {"ours", figure(ours.median)},
                              {"low", figure(ours.low)},
                              {"high", figure(ours.high)},
                              {"peer", std::move(peer_json)},
                              {"ratio", figure_or_null(row.ratio())}});
    auto const of = row.target && row.target->of == Target::Of::ratio ? "ratio" : "ours";
    auto const holds = row.holds();
    json.set("target", row.target ? figure(row.target->bound) : Json());
    json.set("target_of", row.target ? Json(of) : Json());
    json.set("holds", holds ? Json(*holds) : Json());
    json.set("runs", std::move(runs));
    return json;
}

std::string target_text(Row const& row) {
    if (!row.target) return "";
    auto text = std::string(row.better == Better::higher ? ">= " : "<= ");
    text += figure_text(row.target->bound);
    return text + (row.target->of == Target::Of::ratio ? " x" : "");
}

std::string holds_text(Row const& row) {
    auto const holds = row.holds();
    if (!holds) return "";
    return *holds ? "holds" : "misses";
}

std::string spread_text(Spread const& spread) {
    return figure_text(spread.low) + " to " + figure_text(spread.high);
}

std::string peer_text(Row const& row) {
    if (row.peer.name.empty()) return "";
    return row.peer.version.empty() ? row.peer.name : row.peer.name + " " + row.peer.version;
}

std::vector<std::string> cells_of(Row const& row) {
    auto const peer = row.peers();
    auto const ratio = row.ratio();
    return {row.id,
            figure_text(row.ours().median),
            spread_text(row.ours()),
            row.unit,
            peer ? figure_text(peer->median) : "",
            ratio ? figure_text(*ratio) : "",
            target_text(row),
            holds_text(row),
            peer_text(row)};
}
std::vector<std::string> const headings{"row",   "ours",   "from, to", "unit",   "peer",
                                        "ratio", "target", "",         "peer is"};

std::string machine_text(Machine const& machine) {
    char text[512];
    std::snprintf(text, sizeof text, "%u cores of %s, %lld MiB, %s, load %.2f at start",
                  machine.cores, machine.cpu.c_str(), static_cast<long long>(machine.memory_mib),
                  machine.kernel.c_str(), machine.load);
    return text;
}

std::string bars_file(Row const& row) { return row.id + ".svg"; }
std::string curves_file(Row const& row) { return row.id + ".latency.svg"; }

}  // namespace

std::optional<Spread> Row::peers() const {
    if (peer.runs.empty()) return std::nullopt;
    return spread_of(peer.runs);
}

std::optional<double> Row::ratio() const {
    auto const theirs = peers();
    if (!theirs || theirs->median == 0) return std::nullopt;
    return ours().median / theirs->median;
}

std::optional<bool> Row::holds() const {
    if (!target) return std::nullopt;
    auto const value =
        target->of == Target::Of::ratio ? ratio() : std::optional<double>(ours().median);
    if (!value) return std::nullopt;
    return better == Better::higher ? *value >= target->bound : *value <= target->bound;
}

std::string figure_text(double value) {
    char text[64];
    auto const size = std::abs(value);
    if (size < 100) {
        std::snprintf(text, sizeof text, "%.*f", size < 1 ? 3 : size < 10 ? 2 : 1, value);
        return text;
    }
    std::snprintf(text, sizeof text, "%.0f", value);
    std::string digits = text;
    auto const first = digits.front() == '-' ? 1 : 0;
    for (auto at = static_cast<int>(digits.size()) - 3; at > first; at -= 3)
        digits.insert(static_cast<std::size_t>(at), ",");
    return digits;
}

Json document_of(Report const& report) {
    auto rows = Json::array();
    for (auto const& row : report.rows) rows.push_back(row_json(row));
    auto not_run = Json::array();
    for (auto const& reason : report.not_run) not_run.push_back(reason);
    return Json::object({{"schema", 1},
                         {"name", report.name},
                         {"commit", report.commit},
                         {"machine", report.machine.to_json()},
                         {"rows", std::move(rows)},
                         {"not_run", std::move(not_run)}});
}

std::string table_of(Report const& report) {
    std::vector<std::vector<std::string>> lines{headings};
    for (auto const& row : report.rows) lines.push_back(cells_of(row));
    std::vector<std::size_t> widths(headings.size());
    for (auto const& line : lines)
        for (std::size_t i = 0; i < line.size(); ++i)
            widths[i] = std::max(widths[i], line[i].size());
    std::string text = "commit " + report.commit + "\n" + machine_text(report.machine) + "\n\n";
    for (auto const& line : lines) {
        std::string out;
        for (std::size_t i = 0; i < line.size(); ++i)
            out += line[i] + std::string(widths[i] - line[i].size() + 2, ' ');
        out.erase(out.find_last_not_of(' ') + 1);
        text += out + "\n";
    }
    for (auto const& reason : report.not_run) text += "not run: " + reason + "\n";
    return text;
}

std::string markdown_of(Report const& report) {
    std::string text = "# obscura bench " + report.name + "\n\nCommit `" + report.commit + "`. " +
                       machine_text(report.machine) + ".\n\n";
    for (auto const& heading : headings) text += "| " + heading + " ";
    text += "|\n";
    for (std::size_t i = 0; i < headings.size(); ++i) text += "|---";
    text += "|\n";
    for (auto const& row : report.rows) {
        for (auto const& cell : cells_of(row)) text += "| " + cell + " ";
        text += "|\n";
    }
    text += "\nMedians; \"from, to\" is the spread of the runs.\n";
    for (auto const& reason : report.not_run) text += "\nNot run: " + reason + "\n";
    for (auto const& row : report.rows) {
        text += "\n## " + row.id + "\n" + row.description + "\n\n![" + row.id + "](" +
                bars_file(row) + ")\n";
        if (!row.distributions.empty())
            text += "![latencies of " + row.id + "](" + curves_file(row) + ")\n";
    }
    return text;
}

std::vector<std::pair<std::string, std::string>> plots_of(Report const& report) {
    std::vector<std::pair<std::string, std::string>> plots;
    for (auto const& row : report.rows) {
        std::vector<Bar> bars{{.name = "Obscura", .spread = row.ours()}};
        if (auto const peer = row.peers())
            bars.push_back({.name = peer_text(row), .spread = *peer});
        plots.emplace_back(bars_file(row), bars_svg(row.id, row.unit, bars));
        if (row.distributions.empty()) continue;
        std::vector<Curve> curves;
        for (auto const& distribution : row.distributions)
            curves.push_back({.name = distribution.name, .samples = distribution.samples});
        plots.emplace_back(curves_file(row), curves_svg(row.id, "ms", curves));
    }
    return plots;
}

}  // namespace obscura::app::bench
