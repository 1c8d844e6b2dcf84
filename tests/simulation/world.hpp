#pragma once

#include "base/clock.hpp"
#include "simulation/dice.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obscura::simulation {

using namespace std::chrono_literals;
using std::chrono::microseconds;

class Node;

/// Virtual time, what is to happen in it, the simulated processes, and the log of what happened.
/// One thread; everything that happens follows from the seed.
class World {
public:
    using Action = std::move_only_function<void()>;
    using EventId = std::pair<microseconds, std::uint64_t>;  ///< when, and in which order

    explicit World(std::uint64_t seed);
    ~World();
    World(World const&) = delete;
    World& operator=(World const&) = delete;

    [[nodiscard]] microseconds now() const { return now_; }
    /// The true time: what the database and, but for its own error, the venue go by.
    [[nodiscard]] base::Timestamp time() const { return start + now_; }
    EventId after(microseconds delay, Action action);
    void forget(EventId event) { events_.erase(event); }
    [[nodiscard]] Dice dice(std::string_view stream) const { return Dice(seed_, stream); }

    [[nodiscard]] Node& add_node(std::string name);
    [[nodiscard]] Node* running() const { return running_; }

    /// One line of the event log.
    void note(std::string_view what);
    [[nodiscard]] std::uint64_t log_hash() const { return hash_; }
    [[nodiscard]] std::uint64_t log_lines() const { return lines_; }
    /// Keeps the lines as well as their hash.
    void keep_log() { keeps_log_ = true; }
    [[nodiscard]] std::vector<std::string> const& log() const { return log_; }

    /// Until `done` holds or `limit` has passed; true for `done`. It is asked once a moment.
    bool run(std::function<bool()> const& done, microseconds limit);

    static constexpr base::Timestamp start{std::chrono::seconds(1'795'386'000)};

private:
    bool poll_nodes();

    std::uint64_t const seed_;
    microseconds now_{0};
    std::uint64_t last_event_ = 0;
    std::map<EventId, Action> events_;
    std::vector<std::unique_ptr<Node>> nodes_;
    Node* running_ = nullptr;
    Dice turns_;
    std::uint64_t hash_;
    std::uint64_t lines_ = 0;
    bool keeps_log_ = false;
    std::vector<std::string> log_;
};

}  // namespace obscura::simulation
