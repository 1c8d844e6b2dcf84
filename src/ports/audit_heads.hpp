#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/ids.hpp"
#include "base/task.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace obscura::ports {

/// How far citadel's audit log had come at a time, as citadel has signed it. Whoever keeps one need
/// not be able to judge it: `obscura verify audit` does.
struct AuditHead {
    base::Uuid log{};
    std::int64_t sequence = 0;
    std::array<std::uint8_t, 32> link{};
    base::Timestamp at{};  ///< milliseconds count
    std::array<std::uint8_t, 64> signature{};
    std::array<std::uint8_t, 32> key{};  ///< public

    friend bool operator==(AuditHead const&, AuditHead const&) = default;
};

class AuditHeadSource {
public:
    virtual ~AuditHeadSource() = default;
    [[nodiscard]] virtual base::Task<base::Result<AuditHead>> audit_head() = 0;
};

/// Heads that were seen; nothing is ever taken out or changed.
class AuditHeads {
public:
    virtual ~AuditHeads() = default;
    /// The one that was seen last.
    [[nodiscard]] virtual base::Task<std::optional<AuditHead>> newest() = 0;
    /// A head that is there already stays as it is.
    [[nodiscard]] virtual base::Task<void> keep(AuditHead head) = 0;
};

}  // namespace obscura::ports
