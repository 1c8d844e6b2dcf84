#pragma once

#include "base/error.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <cstdint>
#include <optional>

/// Reports of AMD SEV-SNP: what a guest's firmware says of it, in the layout of AMD 56860 (SEV
/// Secure Nested Paging Firmware ABI), table "ATTESTATION_REPORT", versions 2 to 5.
namespace obscura::attest {

inline constexpr std::size_t snp_report_size = 1184;
inline constexpr std::size_t snp_signed_size = 0x2A0;

template <std::size_t N>
using ByteArray = std::array<std::uint8_t, N>;

enum class Product { milan, genoa, turin };
[[nodiscard]] std::string_view to_string(Product product);

/// The versions of what the guest has to trust, one byte each: security patch levels.
struct TcbParts {
    std::uint8_t fmc = 0;  ///< Turin's alone
    std::uint8_t bootloader = 0;
    std::uint8_t tee = 0;
    std::uint8_t snp = 0;
    std::uint8_t microcode = 0;

    friend bool operator==(TcbParts const&, TcbParts const&) = default;
};
/// As it stands in a report; which byte is what depends on the product.
struct TcbVersion {
    ByteArray<8> bytes{};

    [[nodiscard]] TcbParts parts(Product product) const;
    [[nodiscard]] static TcbVersion from(TcbParts const& parts, Product product);
    friend bool operator==(TcbVersion const&, TcbVersion const&) = default;
};

struct FirmwareVersion {
    std::uint8_t build = 0, minor = 0, major = 0;
};
/// Since version 3.
struct CpuId {
    std::uint8_t family = 0, model = 0, stepping = 0;
};

/// What the owner of the guest asked of the platform when it was launched.
struct GuestPolicy {
    std::uint64_t bits = 0;

    [[nodiscard]] bool allows_smt() const { return is_set(16); }
    [[nodiscard]] bool reserved_one() const { return is_set(17); }
    [[nodiscard]] bool allows_migration() const { return is_set(18); }
    [[nodiscard]] bool allows_debug() const { return is_set(19); }
    /// Above CIPHERTEXT_HIDING and PAGE_SWAP_DISABLE: nothing that this code knows the meaning of.
    [[nodiscard]] bool has_unknown() const { return (bits >> 26) != 0; }

private:
    [[nodiscard]] bool is_set(int bit) const { return (bits >> bit & 1) != 0; }
};

enum class SigningKey { vcek, vlek, none };

struct SnpReport {
    ByteArray<snp_report_size> raw{};

    std::uint32_t version = 0;
    std::uint32_t guest_svn = 0;
    GuestPolicy policy;
    ByteArray<16> family_id{};
    ByteArray<16> image_id{};
    std::uint32_t vmpl = 0;
    TcbVersion current_tcb;
    std::uint64_t platform_info = 0;
    bool author_key_enabled = false;
    bool chip_key_masked = false;
    SigningKey signing_key = SigningKey::vcek;
    ByteArray<64> report_data{};
    ByteArray<48> measurement{};
    ByteArray<32> host_data{};
    ByteArray<48> id_key_digest{};
    ByteArray<48> author_key_digest{};
    ByteArray<32> report_id{};
    ByteArray<32> report_id_ma{};
    TcbVersion reported_tcb;
    std::optional<CpuId> cpu;
    ByteArray<64> chip_id{};
    TcbVersion committed_tcb;
    FirmwareVersion current_firmware;
    FirmwareVersion committed_firmware;
    TcbVersion launch_tcb;
    std::uint64_t launch_mitigations = 0;
    std::uint64_t current_mitigations = 0;
    ByteArray<48> signature_r{};  ///< big-endian
    ByteArray<48> signature_s{};

    [[nodiscard]] bool smt_is_on() const { return (platform_info & 1) != 0; }
    [[nodiscard]] crypto::Bytes signed_part() const {
        return crypto::Bytes(raw).first(snp_signed_size);
    }
};

/// The report in exactly these bytes. invalid_argument with the check as its reason: "report_size",
/// "report_version", "signature_algorithm", "must_be_zero", "key_info".
[[nodiscard]] base::Result<SnpReport> parse_snp_report(crypto::Bytes bytes);

/// By the CPU's family and model. Nothing in version 2, which does not tell; invalid_argument
/// "product" where it tells one that this code does not know.
[[nodiscard]] base::Result<std::optional<Product>> product_of(SnpReport const& report);

}  // namespace obscura::attest
