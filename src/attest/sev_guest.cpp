#include "attest/sev_guest.hpp"

#include "attest/detail/device_evidence.hpp"
#include "attest/detail/sev_guest_abi.hpp"
#include "base/secret.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace obscura::attest {
namespace {

using namespace detail;

class OpenDevice {
public:
    explicit OpenDevice(std::string const& path)
        : descriptor_(::open(path.c_str(), O_RDWR | O_CLOEXEC)) {}
    ~OpenDevice() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    OpenDevice(OpenDevice const&) = delete;
    OpenDevice& operator=(OpenDevice const&) = delete;
    [[nodiscard]] int descriptor() const { return descriptor_; }

private:
    int descriptor_;
};

/// One question and its answer. The same driver hands out derived keys in the same buffers: none
/// of them is left behind.
struct Buffers {
    SnpExtendedReportRequest request{};
    SnpReportResponse response{};
    SnpGuestRequest guest{};
    alignas(4096) std::array<std::uint8_t, snp_certificates_room> certificates{};

    Buffers() = default;
    Buffers(Buffers const&) = delete;
    Buffers& operator=(Buffers const&) = delete;
    ~Buffers() {
        base::cleanse(&request, sizeof request);
        base::cleanse(&response, sizeof response);
        base::cleanse(certificates.data(), certificates.size());
    }
};

std::uint64_t address_of(void const* at) { return reinterpret_cast<std::uintptr_t>(at); }

void ask(Buffers& buffers, ReportData const& data, std::uint32_t vmpl) {
    buffers.request = {.data = {.user_data = data, .vmpl = vmpl, .reserved = {}},
                       .certificates_address = address_of(buffers.certificates.data()),
                       .certificates_length = snp_certificates_room,
                       .padding = 0};
    buffers.response = {};
    buffers.guest = {.message_version = 1,
                     .request_address = address_of(&buffers.request),
                     .response_address = address_of(&buffers.response),
                     .firmware_error = 0,
                     .host_error = 0};
}

}  // namespace

SevGuest::SevGuest(std::string device, std::uint32_t vmpl, Ioctl ioctl)
    : device_(std::move(device)), vmpl_(vmpl), ioctl_(std::move(ioctl)) {
    if (ioctl_) return;
    ioctl_ = [](int descriptor, unsigned long request, void* argument) {
        return ::ioctl(descriptor, request, argument);
    };
}

base::Result<Evidence> SevGuest::report(ReportData const& data) {
    OpenDevice const device(device_);
    if (device.descriptor() < 0) return no_evidence(device_ + ": " + std::strerror(errno));
    auto const buffers = std::make_unique<Buffers>();
    // The request of a plain report is the beginning of an extended one.
    ask(*buffers, data, vmpl_);
    bool has_table = ioctl_(device.descriptor(), snp_get_extended_report, &buffers->guest) == 0;
    if (!has_table) {
        ask(*buffers, data, vmpl_);
        if (ioctl_(device.descriptor(), snp_get_report, &buffers->guest) != 0)
            return no_evidence(fmt::format("{}: {} (firmware {:#x}, host {:#x})", device_,
                                           std::strerror(errno), buffers->guest.firmware_error,
                                           buffers->guest.host_error));
    }
    // The call may succeed where the firmware has refused.
    auto const& response = buffers->response;
    if (buffers->guest.firmware_error != 0 || buffers->guest.host_error != 0)
        return no_evidence(fmt::format("{}: firmware {:#x}, host {:#x}", device_,
                                       buffers->guest.firmware_error, buffers->guest.host_error));
    if (response.status != 0)
        return no_evidence(
            fmt::format("{}: the firmware's status is {}", device_, response.status));
    if (response.report_size != snp_report_size)
        return no_evidence(fmt::format("{}: a report of {} bytes", device_, response.report_size));
    auto const table = has_table ? crypto::Bytes(buffers->certificates) : crypto::Bytes();
    return device_evidence(crypto::Bytes(response.report).first(snp_report_size), table, data,
                           vmpl_);
}

}  // namespace obscura::attest
