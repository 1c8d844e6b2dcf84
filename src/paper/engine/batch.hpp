#pragma once

#include "paper/engine/events.hpp"
#include "paper/engine/facts.hpp"

#include <optional>
#include <string>
#include <vector>

namespace obscura::paper {

/// What one command did: facts for the journal, events for the world. Facts are in force already.
struct Batch {
    std::vector<Fact> facts;
    std::vector<Event> events;
    void clear() {
        facts.clear();
        events.clear();
    }
};

/// How a request names an order: the id, or the client's own.
struct OrderName {
    std::optional<OrderId> id;
    std::string client_id;
};

}  // namespace obscura::paper
