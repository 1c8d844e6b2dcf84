#include "venue/fill_tracker.hpp"

#include <algorithm>
#include <charconv>

namespace obscura::venue {
namespace {

/// The codec let only digits through.
std::int64_t number_of(model::Trade const& trade) {
    std::int64_t id = 0;
    auto const& text = trade.venue_trade_id;
    std::from_chars(text.data(), text.data() + text.size(), id);
    return id;
}

/// Names that a signed query takes. Fills of other symbols (some have names outside of ASCII) come
/// by the stream alone.
bool can_be_asked(std::string_view symbol) {
    return symbol.size() >= 2 && symbol.size() <= 24 && std::ranges::all_of(symbol, [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
           });
}

}  // namespace

FillTracker::FillTracker(base::Timestamp since, std::vector<std::string> const& symbols,
                         std::vector<ports::FeedCursor> const& cursors,
                         std::chrono::milliseconds confirm_lag, FillHistory history)
    : since_(since), confirm_lag_(confirm_lag), history_(history) {
    for (auto const& cursor : cursors)
        if (cursor.market == history_.market) confirmed_[cursor.symbol] = cursor.last_trade_id;
    for (auto const& symbol : symbols) add_symbol(symbol);
}

std::string FillTracker::key_of(model::Trade const& trade) {
    return trade.symbol + ":" + trade.venue_trade_id;
}

bool FillTracker::is_new(model::Trade const& trade) const { return !seen_.contains(key_of(trade)); }

void FillTracker::mark(model::Trade const& trade) {
    auto key = key_of(trade);
    if (!seen_.insert(key).second) return;
    seen_order_.push_back(std::move(key));
    if (seen_order_.size() <= max_seen) return;
    seen_.erase(seen_order_.front());
    seen_order_.pop_front();
}

std::vector<PageAsk> FillTracker::first_pages() const {
    std::vector<PageAsk> pages;
    pages.reserve(confirmed_.size());
    for (auto const& [symbol, last_id] : confirmed_) {
        if (!can_be_asked(symbol)) continue;
        PageAsk ask{.symbol = symbol};
        if (last_id != ports::FeedCursor::unconfirmed) ask.from_id = last_id + 1;
        pages.push_back(std::move(ask));
    }
    return pages;
}

bool FillTracker::reaches_back(std::vector<model::Trade> const& page, base::Timestamp now) const {
    if (page.size() >= PageAsk::page_size) return page.front().executed_at < since_;
    return !history_.window || since_ >= now - *history_.window;
}

PageAsk FillTracker::from_the_beginning(std::string const& symbol, base::Timestamp now) const {
    auto const start = history_.reach ? std::max(since_, now - *history_.reach) : since_;
    return {.symbol = symbol, .start_time = start};
}

std::optional<PageAsk> FillTracker::next_window(PageAsk const& ask, base::Timestamp now) const {
    if (!ask.start_time || !history_.window) return std::nullopt;
    auto const start = *ask.start_time + *history_.window;
    if (start > now) return std::nullopt;
    return PageAsk{.symbol = ask.symbol, .start_time = start};
}

FillTracker::Verdict FillTracker::judge(PageAsk const& ask, std::vector<model::Trade> page,
                                        base::Timestamp now) const {
    Verdict verdict;
    bool const is_first_look = !ask.from_id && !ask.start_time;
    bool const is_full = page.size() >= PageAsk::page_size;
    if (is_first_look && !reaches_back(page, now)) {
        verdict.next = from_the_beginning(ask.symbol, now);
        return verdict;
    }
    if (!is_full) verdict.next = next_window(ask, now);
    if (page.empty()) {
        // Never traded here: whatever comes has an id above 0.
        auto const known = confirmed_.find(ask.symbol);
        bool const is_unconfirmed =
            known == confirmed_.end() || known->second == ports::FeedCursor::unconfirmed;
        if (!verdict.next && !ask.from_id && is_unconfirmed) verdict.cursor = 0;
        return verdict;
    }
    for (auto const& trade : page) {
        if (trade.executed_at > now - confirm_lag_) break;
        verdict.cursor = number_of(trade);
    }
    if (is_full && !is_first_look)
        verdict.next = PageAsk{.symbol = ask.symbol, .from_id = number_of(page.back()) + 1};
    for (auto& trade : page)
        if (trade.executed_at >= since_ && is_new(trade)) verdict.fresh.push_back(std::move(trade));
    return verdict;
}

void FillTracker::settle(std::string const& symbol, Verdict const& verdict) {
    for (auto const& trade : verdict.fresh) mark(trade);
    if (!verdict.cursor) return;
    auto& confirmed = confirmed_[symbol];
    confirmed = std::max(confirmed, *verdict.cursor);
}

}  // namespace obscura::venue
