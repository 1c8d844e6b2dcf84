#pragma once

#include "custody/machine_key.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace obscura::custody {

/// The key that an SNP guest's firmware derives for it (AMD 56860, MSG_KEY_REQ), from the chip's
/// VCEK, the guest's policy, its launch measurement and the TCB, through Linux's /dev/sev-guest.
/// Never tried on hardware: the kernel's side is played in the tests.
class SevGuest final : public MachineKey {
public:
    /// As ioctl(2): 0, or -1 with errno.
    using Ioctl = std::function<int(unsigned long request, void* argument)>;

    /// `vmpl`: the privilege level that goes into reports and keys; not below the guest's own.
    explicit SevGuest(Ioctl ioctl, std::uint32_t vmpl = 0)
        : ioctl_(std::move(ioctl)), vmpl_(vmpl) {}
    /// unavailable "machine_key" where the device is not there or may not be opened.
    [[nodiscard]] static base::Result<SevGuest> open(std::string const& device = "/dev/sev-guest",
                                                     std::uint32_t vmpl = 0);

    [[nodiscard]] base::Result<attest::TcbVersion> tcb() override;
    [[nodiscard]] base::Result<base::Secret> derive(attest::TcbVersion const& tcb) override;

private:
    [[nodiscard]] base::Result<void> ask(unsigned long request, void* asked, void* answer);

    Ioctl ioctl_;
    std::uint32_t vmpl_;
};

}  // namespace obscura::custody
