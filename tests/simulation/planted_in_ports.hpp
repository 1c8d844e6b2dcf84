#pragma once

// Deliberate mistakes in front of signals, the venue, citadel and what sentinel writes.

#include "simulation/forwarding.hpp"
#include "simulation/simulation.hpp"

#include <boost/asio/co_spawn.hpp>

#include <deque>
#include <utility>
#include <vector>

namespace obscura::simulation {

using ports::Task;

// Signals
// --------------------------------------------------------------------------------------------

class SwapsSignals final : public ForwardingSignals {
public:
    using ForwardingSignals::ForwardingSignals;
    Task<Moved> move_trades(std::size_t limit) override {
        auto moved = co_await inner.move_trades(limit);
        for (auto& signal : moved.signals) signal.sequence = -signal.sequence;
        co_return moved;
    }
};

inline Task<void> accept_some_time(ports::SignalStore& inner, ports::Caller caller,
                                   model::PoolId pool, model::SignalRequest request,
                                   model::SignalSource source) {
    co_await net::sleep_for(std::chrono::milliseconds(30));
    (void)co_await inner.accept(std::move(caller), pool, std::move(request), source);
}

class AnswersBeforeCommit final : public ForwardingSignals {
public:
    AnswersBeforeCommit(ports::SignalStore& to, Node& node) : ForwardingSignals(to), node_(node) {}
    Task<base::Result<Accepted>> accept(ports::Caller caller, model::PoolId pool,
                                        model::SignalRequest request,
                                        model::SignalSource source) override {
        Accepted early;
        early.answer.pool = pool;
        early.answer.external_trade_id = request.external_trade_id;
        early.answer.was_known = true;  // nobody dispatches what is not there
        boost::asio::co_spawn(
            node_.io(),
            accept_some_time(inner, std::move(caller), pool, std::move(request), source),
            [](std::exception_ptr) {});
        co_return early;
    }

private:
    Node& node_;
};

/// Ends the outbox in one transaction and begins the signals in another.
class MovesInTwoSteps final : public ForwardingSignals {
public:
    MovesInTwoSteps(ports::SignalStore& to, Simulation& simulation, Node& node)
        : ForwardingSignals(to), simulation_(simulation), node_(node) {}
    Task<Moved> move_trades(std::size_t limit) override {
        using Rows = std::deque<model::Trade>;
        std::function<Rows(Record&)> take = [](Record& record) {
            return std::exchange(record.outbox_rows(), {});
        };
        auto rows = co_await simulation_.database().run<Rows>(node_, Where::sweep, std::move(take));
        if (!rows.empty()) {
            std::function<bool(Record&)> put = [rows](Record& record) {
                auto& outbox = record.outbox_rows();
                outbox.insert(outbox.begin(), rows.begin(), rows.end());
                return true;
            };
            (void)co_await simulation_.database().run<bool>(node_, Where::sweep, std::move(put));
        }
        co_return co_await inner.move_trades(limit);
    }

private:
    Simulation& simulation_;
    Node& node_;
};

class NeverSweeps final : public ForwardingSignals {
public:
    using ForwardingSignals::ForwardingSignals;
    Task<std::vector<model::Signal>> forgotten(base::Timestamp, std::size_t) override {
        co_return std::vector<model::Signal>{};
    }
};

// The venue and citadel
// ------------------------------------------------------------------------------

class UnknownIsNotSent final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::OutcomeUnknown>(outcome))
            co_return ports::NotSent{"timeout"};
        co_return outcome;
    }
};

class UnknownIsNo final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::OutcomeUnknown>(outcome))
            co_return ports::Rejected{.code = "timeout", .message = "no answer"};
        co_return outcome;
    }
};

class ThrottledIsNo final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (std::holds_alternative<ports::Throttled>(outcome))
            co_return ports::Rejected{.code = "429", .message = "too many requests"};
        co_return outcome;
    }
};

class PartIsAll final : public ForwardingVenue {
public:
    using ForwardingVenue::ForwardingVenue;
    Task<ports::SubmitOutcome> submit(ports::VenueRequest request) override {
        auto outcome = co_await inner.submit(std::move(request));
        if (auto* accepted = std::get_if<ports::Accepted>(&outcome);
            accepted && accepted->order.status == ports::OrderState::Status::partially_filled)
            accepted->order.status = ports::OrderState::Status::filled;
        co_return outcome;
    }
};

class ForgetsTheExpiry final : public ForwardingSigner {
public:
    using ForwardingSigner::ForwardingSigner;
    Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override {
        for (auto& item : items) item.not_after += std::chrono::seconds(40);
        return inner.sign(std::move(items));
    }
};

// sentinel
// ---------------------------------------------------------------------------------------------

class NamesTradesAnew final : public ForwardingTrades {
public:
    explicit NamesTradesAnew(ports::TradeStore& to, std::uint64_t seed)
        : ForwardingTrades(to), random_(seed) {}
    Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override {
        for (auto& trade : batch.trades)
            trade.id = model::TradeId::make(trade.received_at, random_);
        return inner.append(std::move(batch));
    }

private:
    base::SeededRandom random_;
};

class MovesCursorsFirst final : public ForwardingTrades {
public:
    using ForwardingTrades::ForwardingTrades;
    Task<std::vector<model::Trade>> append(ports::FeedDelivery batch) override {
        if (!batch.cursors.empty()) {
            ports::FeedDelivery cursors{.trades = {}, .cursors = std::exchange(batch.cursors, {})};
            (void)co_await inner.append(std::move(cursors));
            co_await net::sleep_for(std::chrono::milliseconds(100));
        }
        co_return co_await inner.append(std::move(batch));
    }
};

/// Takes Redis for the queue: the outbox row ends when it is published, and comes back as what the
/// consumer read from the stream.
class EndsOutboxAtPublish final : public ports::TradePublisher {
public:
    EndsOutboxAtPublish(ports::TradePublisher& to, Simulation& simulation)
        : inner_(to), simulation_(simulation) {}
    void publish(std::vector<ports::PublishedTrade> const& trades) noexcept override {
        auto& outbox = simulation_.record().outbox_rows();
        for (auto const& published : trades) {
            std::erase_if(outbox,
                          [&](model::Trade const& t) { return t.id == published.trade.id; });
            if (simulation_.redis().is_up) outbox.push_back(published.trade);
        }
        inner_.publish(trades);
    }

private:
    ports::TradePublisher& inner_;
    Simulation& simulation_;
};

}  // namespace obscura::simulation
