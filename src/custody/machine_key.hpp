#pragma once

#include "attest/snp_report.hpp"
#include "base/secret.hpp"

namespace obscura::custody {

/// A key that one machine alone can make, while it runs what it was launched with.
class MachineKey {
public:
    virtual ~MachineKey() = default;
    /// What the machine's firmware is held to: the levels to seal under now. unavailable
    /// "machine_key" where there is no such machine.
    [[nodiscard]] virtual base::Result<attest::TcbVersion> tcb() = 0;
    /// 32 bytes: the same for the same guest on the same chip at these levels, and for nobody else.
    /// unavailable "machine_key", also for levels above those that the firmware is held to.
    [[nodiscard]] virtual base::Result<base::Secret> derive(attest::TcbVersion const& tcb) = 0;
};

}  // namespace obscura::custody
