#pragma once

#include "paper/engine/instruments.hpp"

#include <array>
#include <vector>

namespace obscura::paper {

struct Level {
    base::Price price{};
    base::Quantity quantity{};
};

/// A slice of an order that one level takes.
struct Slice {
    base::Price price{};
    base::Quantity quantity{};
};

/// The first `share` (0 to 1) of what the slices hold, in whole steps, and in several trades where
/// it is more than one step.
[[nodiscard]] std::vector<Slice> part_of(std::vector<Slice> slices, base::Decimal share,
                                         base::Quantity step);

/// The synthetic order book around a price: best bid and ask one tick away, then levels a basis
/// point apart whose value grows by `level_notional` each. A function of its arguments only, so
/// that an order's fills can be told beforehand; orders meet it whole, whoever came before.
class Book {
public:
    static constexpr std::size_t depth = 20;

    Book() = default;
    Book(PaperInstrument const& instrument, base::Price price, base::Money level_notional);

    [[nodiscard]] std::array<Level, depth> const& asks() const { return asks_; }  ///< best first
    [[nodiscard]] std::array<Level, depth> const& bids() const { return bids_; }  ///< best first

    /// What a taker of `side` gets for at most `quantity` at `limit` or better (no limit: 0).
    [[nodiscard]] std::vector<Slice> take(Side side, base::Quantity quantity,
                                          base::Price limit) const;
    /// What a taker of `side` gets for at most `money`, in whole steps.
    [[nodiscard]] std::vector<Slice> take_for(Side side, base::Money money,
                                              base::Quantity step) const;
    /// Whether an order of `side` at `limit` would trade at once.
    [[nodiscard]] bool crosses(Side side, base::Price limit) const;

private:
    [[nodiscard]] std::array<Level, depth> const& against(Side side) const {
        return side == Side::buy ? asks_ : bids_;
    }

    std::array<Level, depth> asks_{};
    std::array<Level, depth> bids_{};  ///< a level without quantity does not exist
};

}  // namespace obscura::paper
