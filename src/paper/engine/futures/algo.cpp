#include "paper/engine/futures/engine.hpp"
#include "paper/engine/futures/filters.hpp"
#include "paper/engine/futures/position.hpp"

#include <algorithm>

// Conditional orders: they wait for a price, then become market orders.

namespace obscura::paper {
namespace {

/// Stops wait for a worse price than now, take-profits for a better one.
bool is_triggered(NewAlgoOrder const& terms, base::Price price) {
    bool const rises = (terms.side == Side::buy) == (terms.kind == AlgoKind::stop_market);
    return rises ? price >= terms.trigger : price <= terms.trigger;
}

}  // namespace

Outcome<AlgoOrder const*> FuturesEngine::place_algo(AccountId id, NewAlgoOrder const& wanted,
                                                    base::Timestamp now, Batch& batch) {
    auto const& account = state().account(id);
    if (!state_.find_account(id)->credential.can_trade) {
        return refuse(-2015, "Invalid API-key, IP, or permissions for action.", 401);
    }
    if ((wanted.position_side == PositionSide::both) == account.hedge) {
        return refuse(-4061, "Order's position side does not match user's setting.");
    }
    if (account.hedge && wanted.reduce_only) {
        return refuse(-1106, "Parameter 'reduceonly' sent when not required.");
    }
    auto const& instrument = catalogue().instrument(wanted.symbol);
    auto const price = check_futures_price(instrument, wanted.trigger);
    if (!price) return std::unexpected(price.error());
    if (!wanted.close_position) {
        auto const quantity = check_futures_quantity(instrument, wanted.quantity, true);
        if (!quantity) return std::unexpected(quantity.error());
    }
    auto const* namesake = wanted.client_id.empty()
                               ? nullptr
                               : state().find_algo(account, wanted.symbol, wanted.client_id);
    if (namesake != nullptr && namesake->is_open()) {
        return refuse(-4116, "ClientOrderId is duplicated.");
    }
    std::size_t open = 0;
    for (auto const other_id : state().open_algos(wanted.symbol)) {
        auto const& other = *state().find_algo(other_id);
        if (other.account != id) continue;
        ++open;
        bool const same = wanted.close_position && other.terms.close_position &&
                          other.terms.side == wanted.side && other.terms.kind == wanted.kind &&
                          other.terms.position_side == wanted.position_side;
        if (same) {
            return refuse(-4130,
                          "An open stop or take profit order with GTE and closePosition in the "
                          "direction is existing.");
        }
    }
    if (open >= max_open_algos) return refuse(-4045, "Reach max stop order limit.");
    auto const present = wanted.working_type == WorkingType::mark_price
                             ? mark_price(wanted.symbol)
                             : contract_price(wanted.symbol);
    if (is_triggered(wanted, present)) return refuse(-2021, "Order would immediately trigger.");
    AlgoOrder algo{.id = state().next_algo(),
                   .account = id,
                   .terms = wanted,
                   .reason = {},
                   .created_at = now,
                   .updated_at = now};
    if (algo.terms.client_id.empty())
        algo.terms.client_id = "paper_algo_" + std::to_string(algo.id.value);
    auto const algo_id = algo.id;
    record(AlgoAccepted{std::move(algo)}, batch);
    auto const* placed = state().find_algo(algo_id);
    report_algo(*placed, false, now, batch);
    return placed;
}

Outcome<AlgoOrder const*> FuturesEngine::cancel_algo(AccountId account, AlgoId id,
                                                     base::Timestamp now, Batch& batch) {
    auto const* algo = state().find_algo(id);
    if (algo == nullptr || algo->account != account || !algo->is_open()) {
        return refuse(-2011, "Unknown order sent.");
    }
    end_algo(id, AlgoStatus::canceled, {}, "", now, batch);
    return state().find_algo(id);
}

void FuturesEngine::trigger_algos(SymbolId symbol, base::Timestamp now, Batch& batch) {
    auto const waiting = state().open_algos(symbol);  // a copy: triggering changes it
    for (auto const id : waiting) {
        auto const& algo = *state().find_algo(id);
        auto const price = algo.terms.working_type == WorkingType::mark_price
                               ? mark_price(symbol)
                               : contract_price(symbol);
        if (is_triggered(algo.terms, price)) trigger(algo, now, batch);
    }
}

void FuturesEngine::trigger(AlgoOrder const& algo, base::Timestamp now, Batch& batch) {
    auto const id = algo.id;
    auto const& terms = algo.terms;
    auto const& account = state().account(algo.account);
    report_algo(algo, true, now, batch);
    NewOrder wanted{
        .symbol = terms.symbol,
        .side = terms.side,
        .quantity = terms.quantity,
        .client_id = terms.client_id,
        .contract = {.position_side = terms.position_side, .reduce_only = terms.reduce_only}};
    if (terms.close_position) {
        auto const held = account.position({terms.symbol, terms.position_side});
        wanted.quantity = closable(held, terms.side);
        wanted.contract.reduce_only = !account.hedge;
        if (wanted.quantity.is_zero()) {
            end_algo(id, AlgoStatus::expired, {}, "", now, batch);
            return;
        }
    }
    auto const planned = plan(account, wanted);
    if (!planned) {
        end_algo(id, AlgoStatus::rejected, {}, planned.error().message, now, batch);
        return;
    }
    auto const order = state().orders().next_id();
    end_algo(id, AlgoStatus::triggered, order, "", now, batch);
    (void)carry_out(account, wanted, *planned, now, batch);
    end_algo(id, AlgoStatus::finished, order, "", now, batch);
}

void FuturesEngine::end_algo(AlgoId id, AlgoStatus status, OrderId order, std::string reason,
                             base::Timestamp now, Batch& batch) {
    record(AlgoChanged{id, status, order, std::move(reason), now}, batch);
    if (auto const* algo = state().find_algo(id)) report_algo(*algo, false, now, batch);
}

void FuturesEngine::report_algo(AlgoOrder const& algo, bool triggering, base::Timestamp now,
                                Batch& batch) {
    AlgoReport report{.algo = algo, .triggering = triggering, .time = now};
    auto const* order = state().orders().find(algo.order);
    if (order != nullptr && order->executed.is_positive()) {
        report.executed = order->executed;
        report.average =
            average_price(order->executed_quote, order->executed, base::Rounding::half_even);
    }
    batch.events.emplace_back(std::move(report));
}

}  // namespace obscura::paper
