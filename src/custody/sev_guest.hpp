#pragma once

#include "attest/sev_guest_device.hpp"
#include "custody/machine_key.hpp"

#include <cstdint>
#include <string>

namespace obscura::custody {

/// The key that an SNP guest's firmware derives for it (AMD 56860, MSG_KEY_REQ), from the chip's
/// VCEK, the guest's policy, its launch measurement and the TCB, through Linux's /dev/sev-guest.
/// Never tried on hardware: the kernel's side is played in the tests.
class SevGuest final : public MachineKey {
public:
    using Ioctl = attest::SevGuestDevice::Ioctl;

    /// `vmpl`: the privilege level that goes into reports and keys; not below the guest's own.
    explicit SevGuest(Ioctl ioctl, std::uint32_t vmpl = 0)
        : SevGuest(attest::SevGuestDevice(std::move(ioctl)), vmpl) {}
    /// unavailable "machine_key" where the device is not there or may not be opened.
    [[nodiscard]] static base::Result<SevGuest> open(std::string const& device = "/dev/sev-guest",
                                                     std::uint32_t vmpl = 0);

    [[nodiscard]] base::Result<attest::TcbVersion> tcb() override;
    [[nodiscard]] base::Result<base::Secret> derive(attest::TcbVersion const& tcb) override;

private:
    SevGuest(attest::SevGuestDevice device, std::uint32_t vmpl)
        : device_(std::move(device)), vmpl_(vmpl) {}

    attest::SevGuestDevice device_;
    std::uint32_t vmpl_;
};

}  // namespace obscura::custody
