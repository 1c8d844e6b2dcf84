#include "app/bench_svg.hpp"

#include "app/bench_report.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

namespace obscura::app::bench {
namespace {

constexpr double page_width = 640;
constexpr double margin_left = 20;
constexpr double plot_width = 560;
constexpr std::array colours{"#1f5fa8", "#c46a1a", "#3a8a4d", "#8a3a7a"};

std::string escaped(std::string const& text) {
    std::string out;
    for (char const c : text) {
        if (c == '<')
            out += "&lt;";
        else if (c == '>')
            out += "&gt;";
        else if (c == '&')
            out += "&amp;";
        else if (c == '"')
            out += "&quot;";
        else
            out += c;
    }
    return out;
}

template <class... Values>
std::string line_of(char const* format, Values... values) {
    char text[400];
    std::snprintf(text, sizeof text, format, values...);
    return text;
}

std::string text_at(double x, double y, std::string const& text) {
    return line_of("<text x=\"%.1f\" y=\"%.1f\">", x, y) + escaped(text) + "</text>\n";
}

std::string document(double height, std::string const& body) {
    return line_of(
               "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%.0f\" height=\"%.0f\" "
               "font-family=\"sans-serif\" font-size=\"13\">\n"
               "<rect width=\"100%%\" height=\"100%%\" fill=\"white\"/>\n",
               page_width, height) +
           body + "</svg>\n";
}

/// A value's place on a logarithmic axis from `low` to `high`, 0 to 1.
double place_of(double value, double low, double high) {
    if (high <= low) return 0.5;
    return (std::log10(std::max(value, low)) - std::log10(low)) /
           (std::log10(high) - std::log10(low));
}

}  // namespace

std::string bars_svg(std::string const& title, std::string const& unit,
                     std::vector<Bar> const& bars) {
    double most = 0;
    for (auto const& bar : bars) most = std::max(most, bar.spread.high);
    auto const scale = most > 0 ? plot_width / most : 0;
    auto body = text_at(margin_left, 22, title + ", " + unit);
    double y = 40;
    for (std::size_t i = 0; i < bars.size(); ++i, y += 58) {
        auto const& [name, spread] = bars[i];
        body += text_at(margin_left, y + 10,
                        name + ": " + figure_text(spread.median) + " (" + figure_text(spread.low) +
                            " to " + figure_text(spread.high) + ")");
        body += line_of("<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"22\" fill=\"%s\"/>\n",
                        margin_left, y + 16, spread.median * scale, colours[i % colours.size()]);
        body += line_of(
            "<path d=\"M%.1f %.1fH%.1fM%.1f %.1fv10M%.1f %.1fv10\" stroke=\"black\"/>\n",
            margin_left + spread.low * scale, y + 27, margin_left + spread.high * scale,
            margin_left + spread.low * scale, y + 22, margin_left + spread.high * scale, y + 22);
    }
    return document(y + 10, body);
}

std::string curves_svg(std::string const& title, std::string const& unit,
                       std::vector<Curve> const& curves) {
    constexpr double height = 300;
    constexpr double top = 36;
    constexpr double bottom = 230;
    constexpr int points = 200;
    double low = 0;
    double high = 0;
    for (auto const& curve : curves) {
        if (curve.samples.empty()) continue;
        auto const [least, most] = std::ranges::minmax(curve.samples);
        low = low == 0 ? std::max(least, 1e-4) : std::min(low, std::max(least, 1e-4));
        high = std::max(high, most);
    }
    auto body = text_at(margin_left, 22, title + ": share of latencies at or below, " + unit);
    body += line_of("<path d=\"M%.1f %.1fV%.1fH%.1f\" stroke=\"black\" fill=\"none\"/>\n",
                    margin_left, top, bottom, margin_left + plot_width);
    body += text_at(margin_left, bottom + 16, figure_text(low));
    body += text_at(margin_left + plot_width - 40, bottom + 16, figure_text(high));
    double legend = bottom + 34;
    for (std::size_t i = 0; i < curves.size(); ++i) {
        auto samples = curves[i].samples;
        if (samples.empty()) continue;
        std::ranges::sort(samples);
        std::string path;
        for (int point = 0; point <= points; ++point) {
            auto const share = static_cast<double>(point) / points;
            auto const at =
                static_cast<std::size_t>(share * static_cast<double>(samples.size() - 1));
            path += line_of("%s%.1f %.1f", path.empty() ? "M" : "L",
                            margin_left + plot_width * place_of(samples[at], low, high),
                            bottom - (bottom - top) * share);
        }
        body += "<path d=\"" + path + "\" fill=\"none\" stroke-width=\"2\" stroke=\"" +
                colours[i % colours.size()] + "\"/>\n";
        body += text_at(margin_left + 220.0 * static_cast<double>(i), legend,
                        curves[i].name + ": p50 " + figure_text(quantile(samples, 0.5)) + ", p99 " +
                            figure_text(quantile(samples, 0.99)));
        body += line_of("<rect x=\"%.1f\" y=\"%.1f\" width=\"12\" height=\"4\" fill=\"%s\"/>\n",
                        margin_left + 220.0 * static_cast<double>(i), legend + 6,
                        colours[i % colours.size()]);
    }
    return document(height, body);
}

}  // namespace obscura::app::bench
