#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// What Linux and its sev-guest driver say to each other: include/uapi/linux/sev-guest.h, written
/// again so that it builds where the kernel's headers are older, and checked by offset.
namespace obscura::attest::detail {

struct SnpReportRequest {
    std::array<std::uint8_t, 64> user_data;
    std::uint32_t vmpl;
    std::array<std::uint8_t, 28> reserved;
};
static_assert(sizeof(SnpReportRequest) == 96);
static_assert(offsetof(SnpReportRequest, vmpl) == 64);

/// The firmware's MSG_REPORT_RSP (AMD 56860) in the room that the driver asks for.
struct SnpReportResponse {
    std::uint32_t status;
    std::uint32_t report_size;
    std::array<std::uint8_t, 24> reserved;
    std::array<std::uint8_t, 3968> report;
};
static_assert(sizeof(SnpReportResponse) == 4000);
static_assert(offsetof(SnpReportResponse, report_size) == 4);
static_assert(offsetof(SnpReportResponse, report) == 0x20);

struct SnpExtendedReportRequest {
    SnpReportRequest data;
    std::uint64_t certificates_address;
    std::uint32_t certificates_length;
    std::uint32_t padding;  // the compiler's own in the kernel's struct
};
static_assert(sizeof(SnpExtendedReportRequest) == 112);
static_assert(offsetof(SnpExtendedReportRequest, certificates_address) == 96);
static_assert(offsetof(SnpExtendedReportRequest, certificates_length) == 104);

struct SnpGuestRequest {
    std::uint8_t message_version;
    std::uint64_t request_address;
    std::uint64_t response_address;
    std::uint32_t firmware_error;
    std::uint32_t host_error;
};
static_assert(sizeof(SnpGuestRequest) == 32);
static_assert(offsetof(SnpGuestRequest, request_address) == 8);
static_assert(offsetof(SnpGuestRequest, response_address) == 16);
static_assert(offsetof(SnpGuestRequest, firmware_error) == 24);
static_assert(offsetof(SnpGuestRequest, host_error) == 28);

/// MSG_KEY_REQ and MSG_KEY_RSP.
struct SnpDerivedKeyRequest {
    std::uint32_t root_key;  // 0: the chip's VCEK
    std::uint32_t reserved;
    std::uint64_t fields;  // that go into the key, a bit each
    std::uint32_t vmpl;
    std::uint32_t guest_svn;
    std::array<std::uint8_t, 8> tcb;
};
static_assert(sizeof(SnpDerivedKeyRequest) == 32);
static_assert(offsetof(SnpDerivedKeyRequest, fields) == 8);
static_assert(offsetof(SnpDerivedKeyRequest, vmpl) == 16);
static_assert(offsetof(SnpDerivedKeyRequest, tcb) == 24);

struct SnpDerivedKeyResponse {
    std::uint32_t status;
    std::array<std::uint8_t, 28> reserved;
    std::array<std::uint8_t, 32> key;
};
static_assert(sizeof(SnpDerivedKeyResponse) == 64);
static_assert(offsetof(SnpDerivedKeyResponse, key) == 0x20);

/// _IOWR('S', n, struct snp_guest_request_ioctl).
inline constexpr unsigned long snp_get_report = 0xC0205300;
inline constexpr unsigned long snp_get_derived_key = 0xC0205301;
inline constexpr unsigned long snp_get_extended_report = 0xC0205302;

/// What the driver takes at most (SEV_FW_BLOB_MAX_SIZE), in whole pages.
inline constexpr std::size_t snp_certificates_room = 0x4000;

}  // namespace obscura::attest::detail
