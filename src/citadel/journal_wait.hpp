#pragma once

#include "audit/journal.hpp"
#include "base/task.hpp"

#include <memory>

namespace obscura::citadel {

/// Ends when the ticket is on the disk, with true; with false when the disk refuses or takes no
/// more
/// (`JournalConfig::stalled_after`). Event-loop thread; the journal lives at least that long.
[[nodiscard]] base::Task<bool> until_durable(std::shared_ptr<audit::Journal> journal,
                                             audit::Journal::Ticket ticket);

}  // namespace obscura::citadel
