#include "attest/sev_guest_device.hpp"

#include "attest/detail/sev_guest_abi.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

namespace obscura::attest {
namespace {

using namespace detail;

std::string words_of(int error) { return std::generic_category().message(error); }

std::uint64_t address_of(void const* at) { return reinterpret_cast<std::uintptr_t>(at); }

/// What the firmware has written, wiped: derived keys come in the same room.
struct Response {
    SnpReportResponse bytes{};

    Response() = default;
    Response(Response const&) = delete;
    Response& operator=(Response const&) = delete;
    ~Response() { base::cleanse(&bytes, sizeof bytes); }
};

SevGuestDevice::Answer<SevGuestDevice::Report> report_in(Response const& response) {
    auto const& [status, size, reserved, report] = response.bytes;
    if (status != 0) return std::unexpected(fmt::format("the firmware's status is {}", status));
    if (size != snp_report_size) return std::unexpected(fmt::format("a report of {} bytes", size));
    SevGuestDevice::Report out{};
    std::copy_n(report.begin(), out.size(), out.begin());
    return out;
}

}  // namespace

SevGuestDevice::Answer<SevGuestDevice> SevGuestDevice::open(std::string const& path) {
    int const opened = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (opened < 0) return std::unexpected(path + ": " + words_of(errno));
    auto const descriptor = std::shared_ptr<int const>(new int(opened), [](int const* p) {
        ::close(*p);
        delete p;
    });
    return SevGuestDevice([descriptor](unsigned long request, void* argument) {
        return ::ioctl(*descriptor, request, argument);
    });
}

SevGuestDevice::Answer<void> SevGuestDevice::ask(unsigned long request, void* asked, void* answer) {
    SnpGuestRequest call{.message_version = 1,
                         .request_address = address_of(asked),
                         .response_address = address_of(answer),
                         .firmware_error = 0,
                         .host_error = 0};
    int const result = ioctl_(request, &call);
    auto const error = result == 0 ? std::string("refused") : words_of(errno);
    // The call may succeed where the firmware has refused.
    if (result == 0 && call.firmware_error == 0 && call.host_error == 0) return {};
    return std::unexpected(fmt::format("{} (firmware {:#x}, host {:#x})", error,
                                       call.firmware_error, call.host_error));
}

SevGuestDevice::Answer<SevGuestDevice::Report> SevGuestDevice::report(ReportData const& data,
                                                                      std::uint32_t vmpl) {
    SnpReportRequest asked{.user_data = data, .vmpl = vmpl, .reserved = {}};
    auto const response = std::make_unique<Response>();
    if (auto const done = ask(snp_get_report, &asked, &response->bytes); !done)
        return std::unexpected(done.error());
    return report_in(*response);
}

SevGuestDevice::Answer<SevGuestDevice::Extended> SevGuestDevice::extended_report(
    ReportData const& data, std::uint32_t vmpl) {
    struct Room {
        alignas(4096) std::array<std::uint8_t, snp_certificates_room> certificates{};
    };
    auto const room = std::make_unique<Room>();
    SnpExtendedReportRequest asked{.data = {.user_data = data, .vmpl = vmpl, .reserved = {}},
                                   .certificates_address = address_of(room->certificates.data()),
                                   .certificates_length = snp_certificates_room,
                                   .padding = 0};
    auto const response = std::make_unique<Response>();
    if (auto const done = ask(snp_get_extended_report, &asked, &response->bytes); !done)
        return std::unexpected(done.error());
    auto const report = report_in(*response);
    if (!report) return std::unexpected(report.error());
    return Extended{.report = *report,
                    .certificates = {room->certificates.begin(), room->certificates.end()}};
}

SevGuestDevice::Answer<base::Secret> SevGuestDevice::derived_key(KeyRequest const& request) {
    SnpDerivedKeyRequest asked{.root_key = 0,
                               .reserved = 0,
                               .fields = request.fields,
                               .vmpl = request.vmpl,
                               .guest_svn = 0,
                               .tcb = request.tcb.bytes};
    auto answer = base::Secret::zeroed(sizeof(SnpDerivedKeyResponse));
    if (auto const done = ask(snp_get_derived_key, &asked, answer.mutable_bytes().data()); !done)
        return std::unexpected(done.error());
    auto const status = answer.bytes().first(sizeof(std::uint32_t));
    if (std::ranges::any_of(status, [](std::uint8_t b) { return b != 0; }))
        return std::unexpected("the firmware gives a status in place of a key");
    return base::Secret(answer.bytes().subspan(offsetof(SnpDerivedKeyResponse, key)));
}

}  // namespace obscura::attest
