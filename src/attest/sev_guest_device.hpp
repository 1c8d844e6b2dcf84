#pragma once

#include "attest/evidence.hpp"
#include "base/secret.hpp"

#include <expected>
#include <functional>
#include <string>
#include <vector>

namespace obscura::attest {

/// Linux's /dev/sev-guest: a question to the firmware of an SNP guest, and its answer, whole or
/// not at all. Who wants a report asks through `SevGuest`, who wants a key that this guest alone
/// can make through custody's. Makes its caller wait. Never tried on hardware.
class SevGuestDevice {
public:
    /// As ioctl(2): 0, or -1 with errno.
    using Ioctl = std::function<int(unsigned long request, void* argument)>;
    /// Or, in words, what the kernel, the firmware or the host has refused.
    template <class T>
    using Answer = std::expected<T, std::string>;
    using Report = ByteArray<snp_report_size>;

    [[nodiscard]] static Answer<SevGuestDevice> open(std::string const& path);
    explicit SevGuestDevice(Ioctl ioctl) : ioctl_(std::move(ioctl)) {}

    [[nodiscard]] Answer<Report> report(ReportData const& data, std::uint32_t vmpl);
    struct Extended {
        Report report{};
        std::vector<std::uint8_t> certificates;  ///< the host's table of them (AMD's GHCB)
    };
    [[nodiscard]] Answer<Extended> extended_report(ReportData const& data, std::uint32_t vmpl);

    struct KeyRequest {
        std::uint64_t fields = 0;  ///< of the guest that go into the key, a bit each
        std::uint32_t vmpl = 0;
        TcbVersion tcb;
    };
    /// 32 bytes, from the chip's VCEK.
    [[nodiscard]] Answer<base::Secret> derived_key(KeyRequest const& request);

private:
    [[nodiscard]] Answer<void> ask(unsigned long request, void* asked, void* answer);

    Ioctl ioctl_;
};

}  // namespace obscura::attest
