#include "paper/engine/futures/brackets.hpp"

#include <array>
#include <vector>

namespace obscura::paper {
namespace {

struct BracketRow {
    std::int64_t max_leverage;
    std::int64_t cap;
    std::int64_t rate_ppm;
};

// Round numbers of the size that the venue shows for its largest and for its smaller symbols.
constexpr std::array major_rows{
    BracketRow{125, 300'000, 4'000},       BracketRow{100, 800'000, 5'000},
    BracketRow{75, 3'000'000, 6'500},      BracketRow{50, 12'000'000, 10'000},
    BracketRow{25, 70'000'000, 20'000},    BracketRow{20, 100'000'000, 25'000},
    BracketRow{10, 230'000'000, 50'000},   BracketRow{5, 480'000'000, 100'000},
    BracketRow{4, 600'000'000, 125'000},   BracketRow{3, 800'000'000, 150'000},
    BracketRow{2, 1'200'000'000, 250'000}, BracketRow{1, 1'800'000'000, 500'000}};
constexpr std::array minor_rows{
    BracketRow{75, 50'000, 5'000},      BracketRow{50, 500'000, 10'000},
    BracketRow{25, 1'000'000, 20'000},  BracketRow{20, 2'000'000, 25'000},
    BracketRow{10, 10'000'000, 50'000}, BracketRow{5, 25'000'000, 100'000},
    BracketRow{2, 30'000'000, 250'000}, BracketRow{1, 50'000'000, 500'000}};

/// The first symbols of the catalogue, BTCUSDT and ETHUSDT.
constexpr std::uint16_t major_symbols = 2;

std::vector<Bracket> table_of(std::span<BracketRow const> rows) {
    constexpr int ppm_places = 6;
    std::vector<Bracket> table;
    base::Money floor{};
    base::Money cumulated{};
    base::Decimal rate_before{};
    for (auto const& row : rows) {
        auto const rate = base::Decimal::from_scaled(row.rate_ppm, ppm_places);
        // What makes the maintenance continuous where one bracket ends and the next begins.
        if (!table.empty()) {
            cumulated += scale(floor, rate - rate_before, base::Rounding::toward_zero);
        }
        table.push_back({.number = static_cast<std::int64_t>(table.size()) + 1,
                         .max_leverage = row.max_leverage,
                         .floor = floor,
                         .cap = base::Money(row.cap),
                         .maintenance_rate = rate,
                         .cumulated = cumulated});
        floor = base::Money(row.cap);
        rate_before = rate;
    }
    return table;
}

}  // namespace

std::span<Bracket const> brackets_of(SymbolId symbol) {
    static auto const major = table_of(major_rows);
    static auto const minor = table_of(minor_rows);
    return symbol.value < major_symbols ? major : minor;
}

Bracket const& bracket_for(SymbolId symbol, base::Money value) {
    auto const table = brackets_of(symbol);
    for (auto const& bracket : table) {
        if (value <= bracket.cap) return bracket;
    }
    return table.back();
}

base::Money max_notional(SymbolId symbol, std::int64_t leverage) {
    base::Money most{};
    for (auto const& bracket : brackets_of(symbol)) {
        if (bracket.max_leverage >= leverage) most = bracket.cap;
    }
    return most;
}

base::Money maintenance_margin(SymbolId symbol, base::Money value) {
    auto const& bracket = bracket_for(symbol, value);
    return scale(value, bracket.maintenance_rate, base::Rounding::ceiling) - bracket.cumulated;
}

}  // namespace obscura::paper
