#pragma once

#include "paper/engine/instruments.hpp"
#include "paper/prices/feed.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::paper {

/// Replays lines of "unix_ms,symbol,price", ascending in time. The first line is the moment of the
/// first `advance`, the rest follow at the pace they were recorded; the last prices stay.
class ReplayFeed final : public PriceFeed {
public:
    static constexpr std::size_t max_lines = 2'000'000;

    /// invalid_argument with the line that is not such a line.
    [[nodiscard]] static base::Result<ReplayFeed> parse(std::string_view csv,
                                                        Catalogue const& catalogue);

    [[nodiscard]] std::vector<PricePoint> advance(base::Timestamp now) override;
    [[nodiscard]] bool finished() const { return next_ == lines_.size(); }

private:
    struct Line {
        std::int64_t unix_ms = 0;
        SymbolId symbol{};
        base::Price price{};
    };
    [[nodiscard]] static std::optional<Line> parse_line(std::string_view text,
                                                        Catalogue const& catalogue);

    std::vector<Line> lines_;
    std::size_t next_ = 0;
    std::optional<base::Timestamp> started_;
};

}  // namespace obscura::paper
