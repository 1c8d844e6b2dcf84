#pragma once

#include "model/ids.hpp"
#include "model/types.hpp"
#include "ports/copy_store.hpp"

#include <optional>
#include <string>

namespace obscura::conductor {

/// A follower's futures account, with what it takes to ask it.
struct FuturesAccount {
    model::ConnectionId connection{};
    std::string venue;
    model::Environment environment = model::Environment::paper;
    ports::LegCredentials credentials;
};

/// Whether an account was asked for its position mode, and what it told.
struct AccountMode {
    bool is_asked = false;
    std::optional<model::PositionMode> mode;
};

}  // namespace obscura::conductor
