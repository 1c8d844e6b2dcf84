#pragma once

#include "simulation/database.hpp"
#include "simulation/judge.hpp"
#include "simulation/processes.hpp"
#include "simulation/stores.hpp"
#include "simulation/venue_ports.hpp"

#include <memory>
#include <optional>
#include <string>

namespace obscura::simulation {

struct PlantedBug;

struct Options {
    std::uint64_t seed = 1;
    std::optional<Schedule> schedule;  ///< else the seed's
    PlantedBug const* bug = nullptr;
    bool keeps_log = false;
};

struct Outcome {
    std::vector<Violation> violations;
    std::uint64_t log_hash = 0;
    std::uint64_t log_lines = 0;
    microseconds took{0};  ///< virtual
    std::size_t faults = 0;
    std::size_t orders = 0;
    std::size_t signals = 0;
    std::size_t unknown = 0;                     ///< legs that were sent more than once
    std::int64_t epochs = 0;                     ///< changes of owner
    std::map<std::string, std::uint64_t> steps;  ///< failpoints passed
    std::vector<std::string> log;

    [[nodiscard]] bool is_good() const { return violations.empty(); }
};

/// Redis: wake-ups that may be lost.
struct Redis {
    bool is_up = true;
};

/// One run: the whole system in one thread under one seed.
class Simulation {
public:
    explicit Simulation(Options const& options);
    ~Simulation();
    [[nodiscard]] Outcome run();

    // For planted bugs
    [[nodiscard]] World& world() { return world_; }
    [[nodiscard]] Database& database() { return database_; }
    [[nodiscard]] Record& record() { return record_; }
    [[nodiscard]] Redis& redis() { return redis_; }
    void wake_conductors();

    void count_step(std::string_view name) { ++steps_[std::string(name)]; }
    [[nodiscard]] bool guard(std::string_view name) const;

private:
    /// A node and its ports, which outlive its lives.
    struct Host {
        Host(Simulation& s, std::string name);
        Node& node;
        base::SeededRandom random;
        SimulatedStores stores;
        SimulatedCitadel citadel;
        SimulatedVenue venue;
        SimulatedVenue futures;
        ConductorProcess* conductor = nullptr;
    };
    class Publisher;
    void start_processes();
    void boot_conductor(Host& host);
    void boot_sentinel();
    void restart_after_death(Host& host);
    void start_faults();
    void strike(Fault const& fault);
    void strike_process(Host& host, Fault const& fault);
    [[nodiscard]] base::Task<void> be_tenant();
    [[nodiscard]] base::Task<unsigned> post(Workload::TenantSignal const& signal);
    void deliver(Host& host, Workload::TenantSignal const& signal, Reply<unsigned> reply);
    [[nodiscard]] bool is_over();

    Options const options_;
    World world_;
    Schedule schedule_;
    Faults faults_;
    conductor::EngineConfig config_;
    Record record_;
    Database database_;
    Venue venue_;
    Workload workload_;
    Judge judge_;
    Redis redis_;
    base::Secret gateway_key_;
    std::unique_ptr<Host> a_;
    std::unique_ptr<Host> b_;
    std::unique_ptr<Host> sentinel_;
    std::unique_ptr<SimulatedFeeds> feeds_;
    std::unique_ptr<SimulatedFeeds> futures_feeds_;
    std::unique_ptr<Publisher> publisher_;
    Node* tenant_ = nullptr;
    std::map<Host*, microseconds> away_;  ///< how long the next death lasts
    std::optional<microseconds> quiet_since_;
    std::map<std::string, std::uint64_t> steps_;
};

[[nodiscard]] Outcome run(Options const& options);

}  // namespace obscura::simulation
