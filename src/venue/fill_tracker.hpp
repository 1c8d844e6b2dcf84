#pragma once

#include "base/clock.hpp"
#include "model/trade.hpp"
#include "ports/leader_feed.hpp"

#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

namespace obscura::venue {

/// One page of a symbol's fills to ask REST for. Without either bound: the most recent ones.
struct PageAsk {
    static constexpr std::size_t page_size = 1000;
    std::string symbol;
    std::optional<std::int64_t> from_id;        ///< inclusive
    std::optional<base::Timestamp> start_time;  ///< inclusive

    friend bool operator==(PageAsk const&, PageAsk const&) = default;
};

/// How a market tells an account's fills over REST.
struct FillHistory {
    model::Market market = model::Market::spot;
    /// A page without `from_id` reaches no further than so far from its start, or back from now.
    /// Nothing: as far as there are fills.
    std::optional<std::chrono::milliseconds> window;
    std::optional<std::chrono::milliseconds> reach;  ///< what is older cannot be asked for
};

/// What of an account's fills has been handed on and how far REST has confirmed each symbol. Pure:
/// it plans the pages of a REST pass and judges what they bring.
///
/// The cursor of a symbol moves only over fills that REST told and that are older than
/// `confirm_lag`: until then the venue's database may still show a later fill before an earlier
/// one. A symbol without a cursor starts with the most recent page: what is older than `since`
/// (when the account was connected) is not ours to follow and only sets the cursor; what is younger
/// is handed on, so that nothing is lost between the connection's creation and the first login.
/// Where that page does not reach back so far, the fills are paged from `since` on.
class FillTracker {
public:
    FillTracker(base::Timestamp since, std::vector<std::string> const& symbols,
                std::vector<ports::FeedCursor> const& cursors,
                std::chrono::milliseconds confirm_lag = std::chrono::seconds(10),
                FillHistory history = {});

    /// Not handed on by this process before (of the last `max_seen`; the record knows the rest).
    [[nodiscard]] bool is_new(model::Trade const& trade) const;
    void mark(model::Trade const& trade);
    [[nodiscard]] bool knows_symbol(std::string const& symbol) const {
        return confirmed_.contains(symbol);
    }
    void add_symbol(std::string const& symbol) {
        confirmed_.try_emplace(symbol, ports::FeedCursor::unconfirmed);
    }

    /// The first page of every symbol.
    [[nodiscard]] std::vector<PageAsk> first_pages() const;

    struct Verdict {
        std::vector<model::Trade> fresh;     ///< to hand on
        std::optional<std::int64_t> cursor;  ///< to store with them
        std::optional<PageAsk> next;         ///< there is more to ask for
    };
    /// `page` is ordered by trade id.
    [[nodiscard]] Verdict judge(PageAsk const& ask, std::vector<model::Trade> page,
                                base::Timestamp now) const;
    /// The verdict's trades and cursor were taken.
    void settle(std::string const& symbol, Verdict const& verdict);

    static constexpr std::size_t max_seen = 20'000;

private:
    [[nodiscard]] static std::string key_of(model::Trade const& trade);

    /// Whether the most recent page leaves nothing out that is younger than `since_`.
    [[nodiscard]] bool reaches_back(std::vector<model::Trade> const& page,
                                    base::Timestamp now) const;
    [[nodiscard]] PageAsk from_the_beginning(std::string const& symbol, base::Timestamp now) const;
    /// The next window of a market that has them; nullopt at the last.
    [[nodiscard]] std::optional<PageAsk> next_window(PageAsk const& ask, base::Timestamp now) const;

    base::Timestamp since_;
    std::chrono::milliseconds confirm_lag_;
    FillHistory history_;
    std::map<std::string, std::int64_t> confirmed_;  ///< by symbol
    std::unordered_set<std::string> seen_;
    std::deque<std::string> seen_order_;
};

}  // namespace obscura::venue
