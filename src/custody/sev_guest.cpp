#include "custody/sev_guest.hpp"

#include "crypto/bytes.hpp"

#include <linux/sev-guest.h>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <memory>
#include <system_error>

namespace obscura::custody {
namespace {

// The kernel's side of what is written below; another layout would derive another key.
static_assert(std::endian::native == std::endian::little);
static_assert(sizeof(snp_guest_request_ioctl) == 32);
static_assert(offsetof(snp_guest_request_ioctl, req_data) == 8);
static_assert(offsetof(snp_guest_request_ioctl, resp_data) == 16);
static_assert(offsetof(snp_guest_request_ioctl, exitinfo2) == 24);
static_assert(sizeof(snp_report_req) == 96 && offsetof(snp_report_req, vmpl) == 64);
static_assert(sizeof(snp_report_resp) == 4000);
static_assert(sizeof(snp_derived_key_req) == 32);
static_assert(offsetof(snp_derived_key_req, guest_field_select) == 8);
static_assert(offsetof(snp_derived_key_req, vmpl) == 16);
static_assert(offsetof(snp_derived_key_req, tcb_version) == 24);
static_assert(sizeof(snp_derived_key_resp) == 64);
static_assert(SNP_GET_REPORT == 0xC0205300 && SNP_GET_DERIVED_KEY == 0xC0205301);

constexpr std::uint64_t select_policy = 1, select_measurement = 1 << 3, select_tcb = 1 << 5;
constexpr std::size_t answer_header = 0x20;  ///< status, then (of a report) its size, then zeros

std::unexpected<base::Error> no_key(std::string why) {
    return base::fail(base::Errc::unavailable, "machine_key",
                      "The machine gives no key: " + std::move(why));
}

std::uint32_t word_at(crypto::Bytes bytes, std::size_t place) {
    std::uint32_t word = 0;
    std::memcpy(&word, bytes.data() + place, sizeof word);
    return word;
}

}  // namespace

base::Result<SevGuest> SevGuest::open(std::string const& device, std::uint32_t vmpl) {
    int const opened = ::open(device.c_str(), O_RDWR | O_CLOEXEC);
    if (opened < 0)
        return no_key(device + ": " + std::generic_category().message(errno) +
                      " (a native SEV-SNP guest has it)");
    auto const fd = std::shared_ptr<int const>(new int(opened), [](int const* p) {
        ::close(*p);
        delete p;
    });
    return SevGuest(
        [fd](unsigned long request, void* argument) { return ::ioctl(*fd, request, argument); },
        vmpl);
}

base::Result<void> SevGuest::ask(unsigned long request, void* asked, void* answer) {
    snp_guest_request_ioctl call{};
    call.msg_version = 1;
    call.req_data = reinterpret_cast<std::uintptr_t>(asked);
    call.resp_data = reinterpret_cast<std::uintptr_t>(answer);
    if (ioctl_(request, &call) != 0)
        return no_key(std::generic_category().message(errno) + ", firmware error " +
                      std::to_string(call.fw_error) + ", host error " +
                      std::to_string(call.vmm_error));
    // The kernel passes on a refusal of the firmware as an answer, too.
    if (call.exitinfo2 != 0)
        return no_key("firmware error " + std::to_string(call.fw_error) + ", host error " +
                      std::to_string(call.vmm_error));
    return {};
}

base::Result<attest::TcbVersion> SevGuest::tcb() {
    snp_report_req asked{};
    asked.vmpl = vmpl_;
    snp_report_resp answer{};
    if (auto const done = ask(SNP_GET_REPORT, &asked, &answer); !done)
        return std::unexpected(done.error());
    crypto::Bytes const bytes(answer.data);
    if (auto const status = word_at(bytes, 0); status != 0)
        return no_key("status " + std::to_string(status) + " in place of a report");
    if (word_at(bytes, 4) != attest::snp_report_size) return no_key("a report of no size");
    auto const report =
        attest::parse_snp_report(bytes.subspan(answer_header, attest::snp_report_size));
    if (!report) return no_key("its report is none: " + report.error().reason);
    return report->committed_tcb;
}

base::Result<base::Secret> SevGuest::derive(attest::TcbVersion const& tcb) {
    snp_derived_key_req asked{};
    asked.root_key_select = 0;  // VCEK
    asked.guest_field_select = select_policy | select_measurement | select_tcb;
    asked.vmpl = vmpl_;
    std::memcpy(&asked.tcb_version, tcb.bytes.data(), tcb.bytes.size());
    auto answer = base::Secret::zeroed(sizeof(snp_derived_key_resp));
    if (auto const done = ask(SNP_GET_DERIVED_KEY, &asked, answer.mutable_bytes().data()); !done)
        return std::unexpected(done.error());
    if (auto const status = word_at(answer.bytes(), 0); status != 0)
        return no_key("status " + std::to_string(status) + " in place of a key");
    return base::Secret(answer.bytes().subspan(answer_header));
}

}  // namespace obscura::custody
