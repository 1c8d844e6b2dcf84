#pragma once

#include "attest/evidence_source.hpp"
#include "attest/sev_guest_device.hpp"

namespace obscura::attest {

/// Reports of a native guest through Linux's /dev/sev-guest, with the certificates that its host
/// has for it, where it has any.
class SevGuest final : public ReportDevice {
public:
    /// `vmpl` is what reports are asked for at: not below the guest's own. `ioctl` is for tests.
    explicit SevGuest(std::string device = "/dev/sev-guest", std::uint32_t vmpl = 0,
                      SevGuestDevice::Ioctl ioctl = {})
        : device_(std::move(device)), vmpl_(vmpl), ioctl_(std::move(ioctl)) {}

    [[nodiscard]] base::Result<Evidence> report(ReportData const& data) override;

private:
    [[nodiscard]] SevGuestDevice::Answer<SevGuestDevice> open_device() const {
        auto device = SevGuestDevice::open(device_);
        if (device && ioctl_) return SevGuestDevice(ioctl_);
        return device;
    }

    std::string device_;
    std::uint32_t vmpl_;
    SevGuestDevice::Ioctl ioctl_;
};

}  // namespace obscura::attest
