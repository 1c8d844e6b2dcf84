#include "simulation/world.hpp"

#include "simulation/node.hpp"

#include <fmt/format.h>

namespace obscura::simulation {

World::World(std::uint64_t seed) : seed_(seed), turns_(seed, "turns"), hash_(hash_of("log")) {}
World::~World() {
    // Processes first: what they have under way refers to events.
    for (auto& node : nodes_) node->kill();
}

World::EventId World::after(microseconds delay, Action action) {
    EventId const event{now_ + std::max(delay, microseconds(0)), ++last_event_};
    events_.emplace(event, std::move(action));
    return event;
}

Node& World::add_node(std::string name) {
    nodes_.push_back(std::make_unique<Node>(*this, std::move(name)));
    return *nodes_.back();
}

void World::note(std::string_view what) {
    auto const line = fmt::format("{:>11.6f} {}", static_cast<double>(now_.count()) / 1e6, what);
    hash_ = hash_of(line, hash_);
    ++lines_;
    if (keeps_log_) log_.push_back(line);
}

/// One handler of each process that can run, in an order of the seed.
bool World::poll_nodes() {
    bool any = false;
    auto const first = turns_.below(nodes_.size());
    for (std::size_t i = 0; i < nodes_.size(); ++i) {
        running_ = nodes_[(first + i) % nodes_.size()].get();
        any = running_->run_one() || any;
    }
    running_ = nullptr;
    return any;
}

bool World::run(std::function<bool()> const& done, microseconds limit) {
    auto const end = now_ + limit;
    for (;;) {
        while (poll_nodes()) {
        }
        if (done()) return true;
        if (events_.empty() || events_.begin()->first.first > end) {
            now_ = end;
            return false;
        }
        auto next = events_.extract(events_.begin());
        now_ = next.key().first;
        next.mapped()();
    }
}

}  // namespace obscura::simulation
