// Finding out what became of an order.
#include "conductor/order_desk.hpp"

#include "base/failpoint.hpp"
#include "base/log.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_set>

namespace obscura::conductor {
namespace {

using namespace std::chrono_literals;
using model::LegEvent;
using Kind = LegEvent::Kind;

constexpr std::int64_t query_weight = 4;       // Binance spot: GET order 4; futures: 1
constexpr std::int64_t fills_weight = 5;       // GET myTrades with orderId 5; futures: 5
constexpr std::int64_t all_fills_weight = 20;  // without it 20; futures: 5
constexpr std::size_t fills_page = 1'000;      // as many as Binance gives at once
constexpr int max_fill_pages = 10;             // at a time; then others have their turn

/// What is wrong with an order that is told as the leg's; empty when nothing is. A connection, a
/// proxy or the venue itself may mix answers up, and a client id may be given twice.
std::string mismatch(model::Leg const& leg, ports::OrderState const& order,
                     std::string const& known_id) {
    if (order.client_order_id != leg.client_order_id) return "another client order id";
    if (order.symbol != leg.symbol) return "another symbol";
    if (order.side && *order.side != leg.side) return "another side";
    if (order.executed_quantity > leg.quantity) return "more executed than ordered";
    if (!known_id.empty() && order.venue_order_id != known_id) return "another order of that name";
    return {};
}

bool is_of(model::Leg const& leg, std::string const& venue_order_id, model::Trade const& trade) {
    return trade.venue_order_id == venue_order_id && trade.symbol == leg.symbol &&
           trade.side == leg.side;
}

std::optional<std::int64_t> number_of(model::Trade const& trade) {
    auto const& text = trade.venue_trade_id;
    std::int64_t id = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
    if (error != std::errc{} || end != text.data() + text.size() || id < 0 || id == INT64_MAX)
        return std::nullopt;
    return id;
}

base::Quantity quantity_of(std::vector<ports::VenueFill> const& fills) {
    base::Quantity sum{};
    for (auto const& fill : fills) sum += fill.quantity;
    return sum;
}

ports::VenueFill fill_of(model::Trade trade) {
    return {.venue_trade_id = std::move(trade.venue_trade_id),
            .price = trade.price,
            .quantity = trade.quantity,
            .fee = trade.fee,
            .fee_asset = std::move(trade.fee_asset),
            .executed_at = trade.executed_at};
}

/// Those that are not there yet.
void add_fills(std::vector<ports::VenueFill>& fills, std::vector<model::Trade> trades) {
    std::unordered_set<std::string> known;
    for (auto const& fill : fills) known.insert(fill.venue_trade_id);
    for (auto& trade : trades)
        if (known.insert(trade.venue_trade_id).second) fills.push_back(fill_of(std::move(trade)));
}

}  // namespace

base::Task<LegEvent> OrderDesk::event_of_order(model::LegId id, ports::OrderState order,
                                               Kind otherwise) {
    auto& tracked = *find(id);
    auto const wrong = mismatch(tracked.armed.leg, order, tracked.venue_order_id);
    if (!wrong.empty()) {
        base::log::error("orders.answer_mismatch", {{"leg", id.to_string()}, {"detail", wrong}});
        co_return LegEvent{.kind = otherwise, .evidence = "the venue told of " + wrong};
    }
    tracked.venue_order_id = order.venue_order_id;
    tracked.executed_quantity = order.executed_quantity;
    tracked.executed_quote = order.executed_quote;
    if (!tracked.accepted_at) tracked.accepted_at = clock_.now();
    if (!order.fills.empty()) tracked.fills = std::move(order.fills);
    bool complete = false;
    try {
        complete = co_await complete_fills(id);
    } catch (std::exception const& e) {
        // The venue has it, whatever broke: it must not be taken for absent later.
        base::log::warn("orders.fills_failed", {{"leg", id.to_string()}, {"detail", e.what()}});
    }
    if (!complete)
        co_return LegEvent{.kind = Kind::found_open, .evidence = "fills are not all known yet"};
    if (!order.is_final()) co_return LegEvent{.kind = Kind::found_open};
    bool const executed = order.executed_quantity.is_positive();
    bool const in_part = executed && order.executed_quantity < find(id)->armed.leg.quantity;
    co_return LegEvent{.kind = Kind::found_final,
                       .executed = executed,
                       .in_part = in_part,
                       .evidence = in_part    ? "the venue ended the order after a part of it"
                                   : executed ? ""
                                              : "the venue ended the order without a fill"};
}

base::Task<bool> OrderDesk::complete_fills(model::LegId id) {
    for (int page = 0; page < max_fill_pages; ++page) {
        auto const& tracked = *find(id);
        if (quantity_of(tracked.fills) == tracked.executed_quantity) co_return true;
        bool const has_more = co_await read_fills(id);
        if (!has_more) break;
    }
    auto const& tracked = *find(id);
    co_return quantity_of(tracked.fills) == tracked.executed_quantity;
}

/// The newest fills first: nearly always they are all there are. Else from the oldest on.
base::Task<bool> OrderDesk::read_fills(model::LegId id) {
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    Trades trades;
    try {
        trades = co_await list_fills(id);
    } catch (std::exception const& e) {
        trades = base::fail(base::Errc::unavailable, "venue_unreachable", e.what());
    }
    if (!trades) {
        base::log::warn("orders.fills_failed",
                        {{"leg", id.to_string()}, {"detail", trades.error().detail}});
        if (auto const wait = trades.error().retry_after) pause(leg, {.retry_after = *wait});
        co_return false;
    }
    bool const ours = std::ranges::all_of(*trades, [&](model::Trade const& trade) {
        return is_of(leg, tracked.venue_order_id, trade) && number_of(trade);
    });
    if (!ours) {
        base::log::error("orders.fills_mismatch", {{"leg", id.to_string()}});
        co_return false;
    }
    bool const is_full = trades->size() >= fills_page;
    if (!is_full)
        tracked.fills_from.reset();  // should some be missing, from the beginning
    else
        tracked.fills_from = tracked.fills_from ? *number_of(trades->back()) + 1 : 0;
    add_fills(tracked.fills, std::move(*trades));
    co_return is_full;
}

base::Task<OrderDesk::Trades> OrderDesk::list_fills(model::LegId id) {
    auto const& tracked = *find(id);
    co_return co_await list_trades(id, {.symbol = tracked.armed.leg.symbol,
                                        .from_id = tracked.fills_from,
                                        .venue_order_id = tracked.venue_order_id,
                                        .start_time = std::nullopt,
                                        .limit = static_cast<int>(fills_page)});
}

base::Task<OrderDesk::Trades> OrderDesk::list_trades(model::LegId id, model::ListTrades operation) {
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    auto const weight = operation.venue_order_id ? fills_weight : all_fills_weight;
    if (reserve(leg, weight, 0, model::BudgetUse::exit_or_query) > 0ms)
        co_return base::fail(base::Errc::unavailable, "no_budget", "no budget");
    std::vector<ports::SignItem> items;
    items.push_back(sign_item(tracked, std::move(operation), std::nullopt));
    auto requests = co_await requests_.make(std::move(items));
    if (!requests) co_return std::unexpected(requests.error());
    if (!requests->front()) co_return std::unexpected(requests->front().error());
    co_return co_await venue_of(leg).list_fills(std::move(*requests->front()));
}

base::Task<LegEvent> OrderDesk::ask(model::LegId id) {
    auto& tracked = *find(id);
    auto const& leg = tracked.armed.leg;
    // Past its expiry by our reckoning: once the venue says so too, finding nothing is a proof.
    auto& venue_clock = place_of(leg).clock;
    auto const reckoned = venue_clock.at(clock_.steady());
    auto const proves = [&](std::optional<base::Timestamp> time) {
        return time && model::is_past_expiry(leg, config_.legs, *time);
    };
    if (leg.state != model::LegState::working && reckoned && proves(reckoned->earliest) &&
        !proves(venue_clock.told()))
        (void)co_await read_clock(key_of(leg));
    auto const told = venue_clock.told();  // before the question leaves
    auto const wait = reserve(leg, query_weight, 0, model::BudgetUse::exit_or_query);
    if (wait > 0ms) co_return LegEvent{.kind = Kind::query_failed, .retry_after = wait};
    model::QueryOrder operation{.symbol = leg.symbol, .client_order_id = leg.client_order_id};
    std::vector<ports::SignItem> items;
    items.push_back(sign_item(tracked, std::move(operation), std::nullopt));
    auto requests = co_await requests_.make(std::move(items));
    if (!requests || !requests->front()) co_return LegEvent{.kind = Kind::query_failed};
    auto outcome = co_await venue_of(leg).query(std::move(*requests->front()));
    if (auto* order = std::get_if<ports::OrderState>(&outcome))
        co_return co_await event_of_order(id, std::move(*order), Kind::query_failed);
    if (std::holds_alternative<ports::OrderAbsent>(outcome)) {
        // Switched off, absence is believed at once: what the fault suite must catch.
        auto const proof = base::guard("absence_proof")
                               ? told
                               : leg.send_not_after + config_.legs.clock_error + 1s;
        co_return LegEvent{.kind = Kind::found_absent, .asked_after = proof};
    }
    if (auto const* throttled = std::get_if<ports::Throttled>(&outcome)) {
        pause(leg, *throttled);
        co_return LegEvent{.kind = Kind::query_failed, .retry_after = throttled->retry_after};
    }
    co_return LegEvent{.kind = Kind::query_failed};
}

base::Task<void> OrderDesk::query(model::LegId id) {
    LegEvent event{.kind = Kind::query_failed};
    try {
        event = co_await ask(id);
    } catch (std::exception const& e) {
        // Whatever broke, the leg is asked about again: a leg that nobody looks after is lost.
        base::log::warn("orders.query_failed", {{"leg", id.to_string()}, {"detail", e.what()}});
    }
    --queries_in_flight_;
    base::failpoint("conductor.after_query");
    apply(id, event);
}

}  // namespace obscura::conductor
