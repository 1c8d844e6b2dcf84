#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "ports/signal_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Signals in PostgreSQL, under the engine role: every query names the tenant itself.
class PgSignalStore final : public ports::SignalStore {
public:
    PgSignalStore(PgPool& pool, base::Clock const& clock, base::Random& random)
        : pool_(pool), clock_(clock), random_(random) {}

    [[nodiscard]] ports::Task<Moved> move_trades(std::size_t limit) override;
    [[nodiscard]] ports::Task<base::Result<Accepted>> accept(ports::Caller caller,
                                                             model::PoolId pool,
                                                             model::SignalRequest request,
                                                             model::SignalSource source) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> unfinished(std::size_t limit) override;
    [[nodiscard]] ports::Task<std::vector<model::Signal>> forgotten(base::Timestamp accepted_before,
                                                                    std::size_t limit) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> status(ports::Caller caller,
                                                               model::PoolId pool,
                                                               model::SignalId signal) override;
    [[nodiscard]] ports::Task<base::Result<base::Json>> list(ports::Caller caller,
                                                             model::PoolId pool, std::string cursor,
                                                             int limit) override;

private:
    [[nodiscard]] net::Task<void> move_in(PgTransaction& tx, std::size_t limit, Moved& moved);
    [[nodiscard]] net::Task<base::Result<Accepted>> accept_in(PgTransaction& tx,
                                                              ports::Caller const& caller,
                                                              model::PoolId pool,
                                                              model::SignalRequest const& request,
                                                              model::SignalSource source);

    PgPool& pool_;
    base::Clock const& clock_;
    base::Random& random_;
};

}  // namespace obscura::store
