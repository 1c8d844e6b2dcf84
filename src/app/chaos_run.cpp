#include "app/chaos_run.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using Kind = ChaosFinding::Kind;

constexpr auto patience = 120s;        // of a question to a database or a venue
constexpr auto health_patience = 90s;  // until a stack has recovered from one death
constexpr auto afterglow = 150ms;      // a step may be reached just after the last record
constexpr auto glance = 30ms;
constexpr auto longest_latency = 6s;  // of a request that the venue holds back

std::vector<std::string> origins_of(StackInfo const& info) {
    std::vector<std::string> origins;
    for (auto const& [name, url] : info.urls) origins.push_back(url);
    return origins;
}

/// Work that needs a database or a venue that may be dying just now.
template <class T>
net::Task<T> persist(std::function<net::Task<T>()> work) {
    std::string last;
    for (auto const until = std::chrono::steady_clock::now() + patience;
         std::chrono::steady_clock::now() < until;) {
        try {
            co_return co_await work();
        } catch (ChaosFailure const&) {
            throw;
        } catch (std::exception const& e) {
            last = e.what();
        }
        co_await nap(100ms);
    }
    throw ChaosFailure("gave up: " + last);
}

}  // namespace

/// Where a process that has reached its step says so. Open for both ways, so that no side waits for
/// the other to open it.
class ChaosRun::Fifo {
public:
    Fifo(asio::any_io_executor executor, std::string path)
        : path_(std::move(path)), reader_(std::move(executor)) {
        ::unlink(path_.c_str());
        // citadel may run under an account of its own.
        if (::mkfifo(path_.c_str(), 0600) != 0 || ::chmod(path_.c_str(), 0622) != 0)
            throw std::system_error(errno, std::generic_category(), path_);
        int const fd = ::open(path_.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        if (fd < 0) throw std::system_error(errno, std::generic_category(), path_);
        reader_.assign(fd);
    }
    [[nodiscard]] std::string const& path() const { return path_; }
    /// Forgets what an earlier seed may have left.
    void drain() {
        std::array<char, 256> buffer{};
        while (::read(reader_.native_handle(), buffer.data(), buffer.size()) > 0) {
        }
    }
    /// False when cancelled.
    [[nodiscard]] net::Task<bool> wait() {
        std::array<char, 256> buffer{};
        auto const [error, size] = co_await reader_.async_read_some(
            asio::buffer(buffer), asio::as_tuple(asio::use_awaitable));
        co_return !error && size > 0;
    }

private:
    std::string path_;
    asio::posix::stream_descriptor reader_;
};

ChaosRun::ChaosRun(asio::any_io_executor executor, ChaosStack& stack, ChaosChoice choice,
                   ChaosReport& report)
    : executor_(executor),
      stack_(stack),
      choice_(std::move(choice)),
      report_(report),
      api_(executor, clock_, origins_of(stack.info())),
      database_(executor, {.url = stack.info().engine_database_url, .connections = 1}, metrics_),
      traders_(stack.info(), api_, clock_),
      striker_(stack, database_, choice_.guard_off != "epoch_fence"),
      fifo_(std::make_shared<Fifo>(executor, stack.folder().file("steps.fifo"))) {}

void ChaosRun::close() {
    api_.close();
    database_.close();
}

void ChaosRun::add_trouble(std::string detail) {
    troubles_.push_back({Kind::trouble, std::move(detail)});
}

net::Task<void> ChaosRun::prepare() {
    co_await traders_.find_demo(choice_.followers);
    start_ = co_await mark();
    if (choice_.guard_off.empty()) co_return;
    for (auto const* service : {"citadel", "conductor", "sentinel"}) {
        auto const before = stack_.pid(service);
        stack_.set_always(service, "OBSCURA_GUARD_OFF=" + choice_.guard_off);
        co_await stack_.kill(service);
        co_await stack_.wait_for_successor(service, before);
    }
}

net::Task<ChaosRun::Mark> ChaosRun::mark() {
    std::function<net::Task<std::int64_t>()> const last = [this] {
        return store::last_signal(database_);
    };
    auto const signal = co_await persist(last);
    auto const ledger = co_await traders_.ledger(last_orders_);
    last_orders_ = ledger.last;
    co_return Mark{.signal = signal, .orders = last_orders_};
}

// One seed

net::Task<void> ChaosRun::run(ChaosPlan plan) {
    auto const began = clock_.steady();
    troubles_.clear();
    strike_ = Strike::waiting;
    traders_.begin();
    auto const ailing = co_await stack_.wait_healthy(api_, health_patience);
    if (!ailing.empty()) throw ChaosFailure("the stack does not recover: " + ailing);
    auto const from = co_await mark();
    co_await play(plan, from);

    bool const was_hit = co_await disarm(plan);
    co_await stack_.end_standby();
    co_await traders_.end_faults(report_.venue_faults());
    auto const not_well = co_await stack_.wait_healthy(api_, health_patience);
    if (!not_well.empty()) add_trouble("the stack does not recover: " + not_well);
    auto verdict = co_await judge(from, traders_.deeds());
    for (auto& crash : stack_.new_crashes()) add_trouble("crashed: " + crash);
    for (auto& trouble : troubles_) verdict.findings.push_back(std::move(trouble));
    report_.add(plan, verdict, was_hit, clock_.steady() - began);
    report_.add_cancelled(traders_.deeds());
    all_accepted_.insert(traders_.deeds().accepted.begin(), traders_.deeds().accepted.end());
    all_sent_.insert(traders_.deeds().sent.begin(), traders_.deeds().sent.end());
}

/// The traders trade, the fault strikes, everything comes to its end or patience does.
net::Task<void> ChaosRun::play(ChaosPlan const& plan, Mark from) {
    net::Scope traders(executor_);
    net::Scope striker(executor_);
    std::exception_ptr failure;
    try {
        co_await start(plan, traders, striker);
        co_await traders.join();
        co_await settle(from);
        co_await nap(afterglow);
        while (strike_ == Strike::striking) co_await nap(glance);
    } catch (...) {
        failure = std::current_exception();
    }
    co_await striker.stop();
    co_await traders.stop();
    if (failure) std::rethrow_exception(failure);
}

net::Task<void> ChaosRun::start(ChaosPlan const& plan, net::Scope& traders, net::Scope& striker) {
    auto const trade = [&] {
        traders.spawn("chaos.leader", run_trader(traders_.lead(plan)));
        traders.spawn("chaos.contracts", run_trader(traders_.lead_contracts(plan)));
        traders.spawn("chaos.tenant", run_trader(traders_.signal(plan)));
    };
    // The venue forgets its faults when it dies.
    bool const restarts_venue = plan.step.owner == "paper";
    if (!restarts_venue) co_await run_trader(traders_.ask_for_faults(plan));
    co_await arm(plan);
    if (!plan.is_suicide()) striker.spawn("chaos.strike", strike(plan));
    if (plan.rush) trade();
    co_await come_back(plan);
    if (restarts_venue) co_await run_trader(traders_.ask_for_faults(plan));
    if (!plan.rush) trade();
}

/// Restarts the owner of the step with the failpoint in its environment.
net::Task<void> ChaosRun::arm(ChaosPlan const& plan) {
    std::string const owner(plan.step.owner);
    auto const action = plan.is_suicide() ? "kill" : "report:" + fifo_->path();
    fifo_->drain();
    armed_ = stack_.pid(owner);
    stack_.set_once(owner, "OBSCURA_FAILPOINT=" + std::string(plan.step.name) + ":" +
                               std::to_string(plan.nth) + ":" + action);
    co_await stack_.kill(owner);
}

net::Task<void> ChaosRun::come_back(ChaosPlan const& plan) {
    std::string const owner(plan.step.owner);
    auto const before = std::exchange(armed_, 0);
    co_await stack_.wait_for_successor(owner, before);
    armed_ = stack_.pid(owner);
    // It may reach its step before it ever is healthy: then it is the traders' turn already.
    if (!plan.rush) (void)co_await stack_.wait_healthy(api_, 20s);
}

/// Waits for the step, strikes the victim while the step's owner stands still, lets it go on.
net::Task<void> ChaosRun::strike(ChaosPlan plan) {
    if (!co_await fifo_->wait()) co_return;
    strike_ = Strike::striking;
    auto const owner = stack_.pid(std::string(plan.step.owner));
    try {
        if (!co_await ChaosStack::wait_stopped(owner)) add_trouble("the step's owner did not stop");
        auto const trouble = co_await striker_.run(plan, owner);
        if (!trouble.empty()) add_trouble(trouble);
    } catch (std::exception const& e) {
        add_trouble(std::string("the victim could not be struck: ") + e.what());
    }
    // Whatever went wrong, nobody is left standing and no clock wrong.
    ::kill(owner, SIGCONT);
    stack_.set_clock_step(0us);
    strike_ = Strike::done;
}

net::Task<void> ChaosRun::run_trader(net::Task<void> work) {
    try {
        co_await std::move(work);
    } catch (std::exception const& e) {
        add_trouble(e.what());
    }
}

/// Until each of the leader's fills is a signal of each pool, and every signal is over.
net::Task<void> ChaosRun::settle(Mark from) {
    auto const ledger = co_await traders_.ledger(from.orders);
    Awaited trades;
    for (auto const& order : ledger.all.orders) {
        auto const leader = traders_.deeds().leaders.find(order.account);
        if (leader == traders_.deeds().leaders.end()) continue;
        for (auto const& pool : leader->second)
            for (auto const& trade : order.trade_ids) trades.emplace_back(pool, trade);
    }
    auto const deadline = clock_.steady() + choice_.patience;
    while (clock_.steady() < deadline) {
        if (co_await is_settled(from.signal, trades)) co_return;
        co_await nap(glance);
    }
}

net::Task<bool> ChaosRun::is_settled(std::int64_t after, Awaited const& trades) {
    std::function<net::Task<std::vector<store::AuditRecord::Signal>>()> const read = [this, after] {
        return store::signals_after(database_, after);
    };
    auto const signals = co_await persist(read);
    auto const there = [&](model::PoolId pool, std::string const& trade) {
        return std::ranges::any_of(signals, [&](auto const& signal) {
            return signal.pool == pool && trade_of_source(signal.source_id) == trade;
        });
    };
    for (auto const& [pool, trade] : trades)
        if (!there(pool, trade)) co_return false;
    co_return std::ranges::all_of(signals, &store::AuditRecord::Signal::is_over);
}

/// Whether the step was reached. A process that still waits for it is started anew without.
net::Task<bool> ChaosRun::disarm(ChaosPlan const& plan) {
    std::string const owner(plan.step.owner);
    stack_.forget_once(owner);
    auto const now = stack_.pid(owner);
    if (plan.is_suicide() ? now != armed_ : strike_ == Strike::done) co_return true;
    co_await stack_.kill(owner);
    co_await stack_.wait_for_successor(owner, now);
    co_return false;
}

net::Task<ChaosVerdict> ChaosRun::judge(Mark from, ChaosDeeds const& deeds) {
    std::function<net::Task<store::AuditRecord>()> const read = [this, from] {
        return store::read_audit(database_, from.signal);
    };
    auto const record = co_await persist(read);
    auto const ledger = co_await traders_.ledger(from.orders);
    co_return judge_chaos(ledger.all, record, deeds);
}

net::Task<void> ChaosRun::judge_all(ChaosPlan last) {
    // What the venue held back may arrive after everybody believes that all is over.
    if (report_.venue_faults()["latency"] > 0) co_await nap(longest_latency);
    auto deeds = traders_.deeds();
    deeds.accepted = all_accepted_;
    deeds.sent = all_sent_;
    auto const verdict = co_await judge(start_, deeds);
    report_.add_final(last, verdict);
}

}  // namespace obscura::app
