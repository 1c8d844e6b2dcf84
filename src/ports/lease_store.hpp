#pragma once

#include "base/task.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace obscura::ports {

using base::Task;

/// Rises with every change of owner. A write under an older epoch is refused.
using Epoch = std::int64_t;

/// Another owner has taken over: whoever catches it must stop acting.
struct Fenced : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// One owner per name, decided on the primary.
class LeaseStore {
public:
    virtual ~LeaseStore() = default;
    /// The new epoch, or nullopt while another owner's lease lasts. The same owner (a restarted
    /// process) takes over at once: its predecessor is fenced by the epoch.
    [[nodiscard]] virtual Task<std::optional<Epoch>> acquire(std::string name, std::string owner,
                                                             std::chrono::milliseconds ttl) = 0;
    /// False when the epoch is no longer ours.
    [[nodiscard]] virtual Task<bool> renew(std::string name, Epoch epoch,
                                           std::chrono::milliseconds ttl) = 0;
    virtual Task<void> release(std::string name, Epoch epoch) = 0;
};

}  // namespace obscura::ports
