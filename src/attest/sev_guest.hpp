#pragma once

#include "attest/evidence_source.hpp"

namespace obscura::attest {

/// Reports of a native guest through Linux's /dev/sev-guest, with the certificates that its host
/// has for it, where it has any.
class SevGuest final : public ReportDevice {
public:
    /// As ioctl(2): what it returns, and errno.
    using Ioctl = std::function<int(int descriptor, unsigned long request, void* argument)>;

    /// `vmpl` is what reports are asked for at: not below the guest's own. `ioctl` is for tests.
    explicit SevGuest(std::string device = "/dev/sev-guest", std::uint32_t vmpl = 0,
                      Ioctl ioctl = {});

    [[nodiscard]] base::Result<Evidence> report(ReportData const& data) override;

private:
    std::string device_;
    std::uint32_t vmpl_;
    Ioctl ioctl_;
};

}  // namespace obscura::attest
