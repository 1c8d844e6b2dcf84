#include "paper/prices/replay.hpp"

#include <algorithm>
#include <charconv>

namespace obscura::paper {

std::optional<ReplayFeed::Line> ReplayFeed::parse_line(std::string_view text,
                                                       Catalogue const& catalogue) {
    auto const first = text.find(',');
    auto const second = first == std::string_view::npos ? first : text.find(',', first + 1);
    if (second == std::string_view::npos) return std::nullopt;
    Line line;
    auto const time = text.substr(0, first);
    auto const [end, error] = std::from_chars(time.data(), time.data() + time.size(), line.unix_ms);
    auto const symbol = catalogue.find_symbol(text.substr(first + 1, second - first - 1));
    auto const price = base::Price::parse(text.substr(second + 1));
    if (error != std::errc{} || end != time.data() + time.size() || !symbol || !price)
        return std::nullopt;
    auto const& instrument = catalogue.instrument(*symbol);
    line.symbol = *symbol;
    line.price = to_step(*price, instrument.tick, base::Rounding::half_even);
    if (line.price < instrument.min_price || line.price > instrument.max_price) return std::nullopt;
    return line;
}

base::Result<ReplayFeed> ReplayFeed::parse(std::string_view csv, Catalogue const& catalogue) {
    ReplayFeed feed;
    std::size_t number = 0;
    while (!csv.empty()) {
        auto text = csv.substr(0, csv.find('\n'));
        csv.remove_prefix(std::min(text.size() + 1, csv.size()));
        ++number;
        if (text.ends_with('\r')) text.remove_suffix(1);
        if (text.empty()) continue;
        auto const line = parse_line(text, catalogue);
        bool const in_order =
            line && (feed.lines_.empty() || feed.lines_.back().unix_ms <= line->unix_ms);
        if (!in_order || feed.lines_.size() >= max_lines) {
            return base::fail(
                base::Errc::invalid_argument, "bad_price_file",
                "Line " + std::to_string(number) +
                    " is not unix_ms,symbol,price of a known symbol, in order of time.");
        }
        feed.lines_.push_back(*line);
    }
    return feed;
}

std::vector<PricePoint> ReplayFeed::advance(base::Timestamp now) {
    std::vector<PricePoint> points;
    if (finished()) return points;
    if (!started_) started_ = now;
    auto const elapsed = base::to_unix_ms(now) - base::to_unix_ms(*started_);
    for (; !finished() && lines_[next_].unix_ms - lines_.front().unix_ms <= elapsed; ++next_) {
        auto const& line = lines_[next_];
        auto const known = std::ranges::find(points, line.symbol, &PricePoint::first);
        if (known != points.end())
            known->second = line.price;
        else
            points.emplace_back(line.symbol, line.price);
    }
    return points;
}

}  // namespace obscura::paper
