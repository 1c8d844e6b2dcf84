#pragma once

#include "app/chaos_plan.hpp"
#include "app/chaos_report.hpp"
#include "app/chaos_stack.hpp"
#include "app/chaos_strike.hpp"
#include "app/chaos_traders.hpp"
#include "base/metrics.hpp"
#include "net/runtime.hpp"
#include "store/pg.hpp"

#include <memory>
#include <set>
#include <string>
#include <vector>

namespace obscura::app {

/// The seeds of one fault run on one stack, which is up and loaded with demo data.
class ChaosRun {
public:
    ChaosRun(boost::asio::any_io_executor executor, ChaosStack& stack, ChaosChoice choice,
             ChaosReport& report);

    /// Switches the guard off, if one is to be, and finds the demo data.
    [[nodiscard]] net::Task<void> prepare();
    /// One seed from a healthy stack to the verdict. Throws when the run cannot go on.
    [[nodiscard]] net::Task<void> run(ChaosPlan plan);
    /// Judges everything since the start once more: nothing may have moved behind our back.
    [[nodiscard]] net::Task<void> judge_all(ChaosPlan last);
    void close();

private:
    class Fifo;
    /// Where the record and the ledger stood when the seed began.
    struct Mark {
        std::int64_t signal = 0;
        ChaosTraders::LedgerMark orders;
    };
    enum class Strike { waiting, striking, done };

    [[nodiscard]] net::Task<Mark> mark();
    [[nodiscard]] net::Task<void> play(ChaosPlan const& plan, Mark from);
    [[nodiscard]] net::Task<void> start(ChaosPlan const& plan, net::Scope& traders,
                                        net::Scope& striker);
    [[nodiscard]] net::Task<void> arm(ChaosPlan const& plan);
    [[nodiscard]] net::Task<void> come_back(ChaosPlan const& plan);
    [[nodiscard]] net::Task<void> strike(ChaosPlan plan);
    [[nodiscard]] net::Task<void> settle(Mark from);
    /// Trades of leaders that become signals, each in a pool.
    using Awaited = std::vector<std::pair<model::PoolId, std::string>>;
    [[nodiscard]] net::Task<bool> is_settled(std::int64_t after, Awaited const& trades);
    [[nodiscard]] net::Task<bool> disarm(ChaosPlan const& plan);
    [[nodiscard]] net::Task<ChaosVerdict> judge(Mark from, ChaosDeeds const& deeds);
    void add_trouble(std::string detail);
    /// Runs a trader to its end; what it complains about is kept.
    [[nodiscard]] net::Task<void> run_trader(net::Task<void> work);

    boost::asio::any_io_executor executor_;
    ChaosStack& stack_;
    ChaosChoice choice_;
    ChaosReport& report_;
    base::SystemClock clock_;
    base::Metrics metrics_;
    ApiClient api_;
    store::PgPool database_;
    ChaosTraders traders_;
    ChaosStrike striker_;
    std::shared_ptr<Fifo> fifo_;
    Mark start_;
    ChaosTraders::LedgerMark last_orders_;           ///< what is before it was seen
    std::set<std::string> all_accepted_, all_sent_;  ///< external_trade_ids of all seeds

    // Of the seed under way.
    pid_t armed_ = 0;
    Strike strike_ = Strike::waiting;
    std::vector<ChaosFinding> troubles_;
};

}  // namespace obscura::app
