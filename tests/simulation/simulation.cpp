#include "simulation/simulation.hpp"

#include "base/failpoint.hpp"
#include "crypto/signed_header.hpp"
#include "simulation/planted_bugs.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>

#include <fmt/format.h>

namespace asio = boost::asio;

namespace obscura::simulation {
namespace {

constexpr microseconds restart_delay = 1s;
/// Everything has ended for so long before the books are compared.
constexpr microseconds settling = 2s;
constexpr microseconds patience = 150s;

Simulation* current = nullptr;

conductor::EngineConfig engine_config() {
    conductor::EngineConfig config;
    config.max_orders_in_flight = 6;  // small, so that orders queue up
    config.sign_batch = 4;
    return config;
}

net::Task<void> serve(net::Router const& router, Node& node, net::Request request,
                      std::move_only_function<void(unsigned)> answer) {
    auto const response = co_await router.dispatch(request);
    if (node.is_up()) answer(response.status);
}

}  // namespace

/// Wakes conductor through Redis, if that is there.
class Simulation::Publisher final : public ports::TradePublisher {
public:
    explicit Publisher(Simulation& simulation) : simulation_(simulation) {}
    void publish(std::vector<ports::PublishedTrade> const& trades) noexcept override {
        if (!trades.empty() && simulation_.redis_.is_up) simulation_.wake_conductors();
    }

private:
    Simulation& simulation_;
};

Simulation::Host::Host(Simulation& s, std::string name)
    : node(s.world_.add_node(name)),
      random(s.world_.dice("ids of " + name).next()),
      stores(s.database_, node, random),
      citadel(s.world_, s.faults_, s.venue_, node),
      venue(s.world_, s.faults_, s.venue_, model::Market::spot, node, s.config_.order_timeout),
      futures(s.world_, s.faults_, s.venue_, model::Market::futures, node,
              s.config_.order_timeout) {}

Simulation::Simulation(Options const& options)
    : options_(options),
      world_(options.seed),
      schedule_(options.schedule ? *options.schedule : schedule_of(options.seed)),
      faults_(world_, schedule_),
      config_(engine_config()),
      record_(config_.open_lifetime),
      database_(world_, faults_, record_),
      venue_(world_),
      workload_(world_, record_),
      judge_(world_, venue_, record_, workload_, faults_),
      gateway_key_(std::string("simulated key")) {
    current = this;
    if (options.keeps_log) world_.keep_log();
    record_.clock = [this] { return world_.time(); };
    record_.part_size = static_cast<std::size_t>(world_.dice("parts").between(1, 4));
    auto dice = world_.dice("clocks");
    venue_.clock_error = dice.between(microseconds(-3s), microseconds(3s));
    venue_.on_taken = [this](Venue::Order const& order, base::Timestamp expires_at) {
        judge_.order_taken(order, expires_at);
    };
    a_ = std::make_unique<Host>(*this, "conductor_a");
    b_ = std::make_unique<Host>(*this, "conductor_b");
    sentinel_ = std::make_unique<Host>(*this, "sentinel");
    feeds_ = std::make_unique<SimulatedFeeds>(world_, faults_, venue_, model::Market::spot,
                                              sentinel_->node);
    futures_feeds_ = std::make_unique<SimulatedFeeds>(world_, faults_, venue_,
                                                      model::Market::futures, sentinel_->node);
    publisher_ = std::make_unique<Publisher>(*this);
    tenant_ = &world_.add_node("tenant");
    venue_.on_lead = [this](Venue::Lead const& lead) {
        feeds_->tell(lead);
        futures_feeds_->tell(lead);
    };
}

Simulation::~Simulation() {
    for (auto* host : {a_.get(), b_.get(), sentinel_.get()}) host->node.on_death = nullptr;
    for (auto* host : {a_.get(), b_.get(), sentinel_.get()}) host->node.kill();
    tenant_->kill();
    current = nullptr;
}

void Simulation::wake_conductors() {
    for (auto* host : {a_.get(), b_.get()})
        world_.after(400us, [this, host, life = host->node.life()] {
            if (!redis_.is_up || !host->node.lives(life)) return;
            asio::post(host->node.io(), [host] {
                if (host->conductor != nullptr) host->conductor->wake();
            });
        });
}

void Simulation::boot_conductor(Host& host) {
    host.node.set_program([this, &host](Node& node) -> std::shared_ptr<void> {
        ConductorPorts ports{&host.stores,  &host.stores, &host.stores,
                             &host.citadel, &host.venue,  &host.futures};
        std::shared_ptr<void> planted;
        if (options_.bug != nullptr && options_.bug->in_conductor)
            planted = options_.bug->in_conductor(*this, node, ports);
        auto config = config_;
        config.instance = node.name();
        auto process = std::make_shared<ConductorProcess>(node, std::move(config), ports,
                                                          host.random, gateway_key_, planted);
        host.conductor = process.get();
        return process;
    });
    restart_after_death(host);
    host.node.boot();
}

void Simulation::boot_sentinel() {
    auto& host = *sentinel_;
    host.stores.leads = workload_.leads;
    host.node.set_program([this, &host](Node& node) -> std::shared_ptr<void> {
        SentinelPorts ports{&host.stores, publisher_.get(), &host.stores, feeds_.get(),
                            futures_feeds_.get()};
        std::shared_ptr<void> planted;
        if (options_.bug != nullptr && options_.bug->in_sentinel)
            planted = options_.bug->in_sentinel(*this, node, ports);
        return std::make_shared<SentinelProcess>(node, ports, planted);
    });
    restart_after_death(host);
    host.node.boot();
}

/// As the supervisor does.
void Simulation::restart_after_death(Host& host) {
    host.node.on_death = [this, &host] {
        host.conductor = nullptr;
        database_.client_died(host.node);
        auto const away = away_.contains(&host) ? away_.extract(&host).mapped() : restart_delay;
        world_.after(away, [&host, life = host.node.life()] {
            if (host.node.life() == life) host.node.boot();
        });
    };
}

void Simulation::start_processes() {
    boot_conductor(*a_);
    world_.after(30ms, [this] { boot_conductor(*b_); });
    boot_sentinel();
    tenant_->set_program([this](Node& node) -> std::shared_ptr<void> {
        asio::co_spawn(node.io(), be_tenant(), asio::detached);
        return nullptr;
    });
    tenant_->boot();
}

void Simulation::start_faults() {
    for (auto const& fault : faults_.of_things())
        world_.after(fault.at, [this, fault] { strike(fault); });
}

void Simulation::strike(Fault const& fault) {
    faults_.count_thing(fault);
    switch (fault.where) {
        case Where::database:
            return database_.crash(fault.span);
        case Where::redis:
            redis_.is_up = false;
            world_.after(fault.span, [this] { redis_.is_up = true; });
            return;
        case Where::conductor_a:
            return strike_process(*a_, fault);
        case Where::conductor_b:
            return strike_process(*b_, fault);
        default:
            return strike_process(*sentinel_, fault);
    }
}

void Simulation::strike_process(Host& host, Fault const& fault) {
    auto& node = host.node;
    if (!node.is_up()) return;
    switch (fault.what) {
        case What::step_clock:
            return node.step_clock(fault.span);
        case What::stop:
            node.pause();
            world_.after(fault.span, [&node, life = node.life()] {
                if (node.lives(life)) node.resume();
            });
            return;
        case What::terminate:
            away_[&host] = fault.span;
            if (host.conductor != nullptr && !node.is_paused()) return host.conductor->terminate();
            return node.kill();
        default:
            away_[&host] = fault.span;
            return node.kill();
    }
}

/// A tenant behind the gateway: each signal is repeated until it is told that it is committed.
base::Task<void> Simulation::be_tenant() {
    for (auto const& signal : workload_.signals) {
        while (world_.now() < signal.at) co_await net::sleep_for(10ms);
        for (;;) {
            auto const status = co_await post(signal);
            if (status == 200 || status == 202) break;
            co_await net::sleep_for(150ms);
        }
        judge_.acknowledged(signal.external_id);
        world_.note("tenant: " + signal.external_id + " is acknowledged");
    }
}

base::Task<unsigned> Simulation::post(Workload::TenantSignal const& signal) {
    auto const fault = faults_.at(Where::gateway);
    std::move_only_function<void(Reply<unsigned>)> send = [&](Reply<unsigned> reply) {
        world_.after(2s, [reply] { reply.with(504); });
        if (fault && fault->what == What::lose) return;
        bool const loses = fault && fault->what == What::lose_answer;
        auto& host = world_.now().count() / 1'000 % 2 == 0 ? *a_ : *b_;
        world_.after(1ms, [this, &host, &signal, reply, loses] {
            // The answer is lost by one that nobody waits for.
            deliver(host, signal, loses ? Reply<unsigned>(*tenant_, tenant_->life(), 0) : reply);
        });
    };
    co_return co_await tenant_->ask<unsigned>(std::move(send));
}

void Simulation::deliver(Host& host, Workload::TenantSignal const& signal, Reply<unsigned> reply) {
    auto& node = host.node;
    if (!node.is_up()) return reply.with(502);
    asio::post(node.io(), [this, &host, &node, &signal, reply] {
        if (host.conductor == nullptr) return;
        // The gateway is on the same host, whose clock may be wrong.
        ports::Caller const caller{.tenant = workload_.tenant, .is_test_key = true};
        net::Request request{
            .method = "POST",
            .path = "/internal/pools/" + workload_.tenants_pool.to_string() + "/signals",
            .body = signal.body};
        request.headers.set("Content-Type", "application/json");
        request.headers.set("X-Internal-API-Key", std::string(gateway_key_.reveal()));
        request.headers.set(
            "X-Obscura-Caller",
            crypto::sign_header(gateway_key_, to_json(caller).dump(), node.clock().now()));
        std::move_only_function<void(unsigned)> answer = [this, reply](unsigned status) {
            world_.after(1ms, [reply, status] { reply.with(status); });
        };
        asio::co_spawn(node.io(),
                       serve(host.conductor->router(), node, std::move(request), std::move(answer)),
                       asio::detached);
    });
}

bool Simulation::is_over() {
    if (!judge_.violations().empty()) return true;
    bool const quiet = workload_.is_over() && judge_.is_quiet() && database_.is_idle() &&
                       judge_.is_acknowledged(workload_.signals.back().external_id) &&
                       record_.trades().size() >= venue_.leads().size() &&
                       world_.now() > fault_window;
    if (!quiet) {
        quiet_since_.reset();
        return false;
    }
    if (!quiet_since_) quiet_since_ = world_.now();
    return world_.now() - *quiet_since_ > settling;
}

bool Simulation::guard(std::string_view name) const {
    return options_.bug == nullptr || options_.bug->guard != name;
}

Outcome Simulation::run() {
    workload_.start(venue_);
    start_processes();
    start_faults();
    (void)world_.run([this] { return is_over(); }, patience);
    if (judge_.violations().empty()) judge_.close();
    Outcome out;
    out.violations = judge_.violations();
    out.log_hash = world_.log_hash();
    out.log_lines = world_.log_lines();
    out.took = world_.now();
    out.faults = faults_.struck();
    out.orders = venue_.orders().size();
    out.signals = record_.signals().size();
    for (auto const& [id, row] : record_.legs()) out.unknown += row.leg.attempt > 1;
    out.epochs = record_.lease().epoch;
    out.steps = steps_;
    out.log = world_.log();
    return out;
}

Outcome run(Options const& options) {
    Simulation simulation(options);
    return simulation.run();
}

}  // namespace obscura::simulation

// base/failpoint.hpp for this executable: steps are counted, guards are the planted bug's.
namespace obscura::base {

void failpoint(std::string_view name) {
    if (simulation::current != nullptr) simulation::current->count_step(name);
}
bool has_failpoints() { return true; }
bool guard(std::string_view name) {
    return simulation::current == nullptr || simulation::current->guard(name);
}

}  // namespace obscura::base
