#include "attest/snp_report.hpp"

#include "attest/detail/refusal.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace obscura::attest {
namespace {

using crypto::Bytes;

// Where things are, in bytes from the start.
namespace at {
constexpr std::size_t version = 0x000, guest_svn = 0x004, policy = 0x008, family_id = 0x010,
                      image_id = 0x020, vmpl = 0x030, signature_algorithm = 0x034,
                      current_tcb = 0x038, platform_info = 0x040, key_info = 0x048,
                      reserved_1 = 0x04C, report_data = 0x050, measurement = 0x090,
                      host_data = 0x0C0, id_key_digest = 0x0E0, author_key_digest = 0x110,
                      report_id = 0x140, report_id_ma = 0x160, reported_tcb = 0x180, cpu_id = 0x188,
                      reserved_2 = 0x18B, chip_id = 0x1A0, committed_tcb = 0x1E0,
                      current_firmware = 0x1E8, reserved_3 = 0x1EB, committed_firmware = 0x1EC,
                      reserved_4 = 0x1EF, launch_tcb = 0x1F0, launch_mitigations = 0x1F8,
                      current_mitigations = 0x200, reserved_5 = 0x208, r = 0x2A0, s = 0x2E8,
                      reserved_6 = 0x330;
}  // namespace at
constexpr std::size_t component_size = 72;  // of R and S; the number itself has 48
static_assert(at::reserved_5 + 152 == at::r && at::r == snp_signed_size);
static_assert(at::s == at::r + component_size && at::reserved_6 == at::s + component_size);
static_assert(at::reserved_6 + 368 == snp_report_size);

template <class Integer>
Integer little_endian(Bytes bytes, std::size_t from) {
    Integer value = 0;
    for (std::size_t i = sizeof(Integer); i-- > 0;)
        value = static_cast<Integer>(value << 8 | bytes[from + i]);
    return value;
}
template <std::size_t N>
ByteArray<N> copy(Bytes bytes, std::size_t from) {
    ByteArray<N> out;
    std::ranges::copy(bytes.subspan(from, N), out.begin());
    return out;
}
ByteArray<48> big_endian(Bytes bytes, std::size_t from) {
    auto out = copy<48>(bytes, from);
    std::ranges::reverse(out);
    return out;
}
FirmwareVersion firmware_at(Bytes bytes, std::size_t from) {
    return {bytes[from], bytes[from + 1], bytes[from + 2]};
}

struct Range {
    std::size_t from;
    std::size_t size;
};

base::Result<void> check_zero(Bytes bytes, std::uint32_t version) {
    std::vector<Range> ranges{{at::reserved_1, 4},
                              {at::reserved_2, 21},
                              {at::reserved_3, 1},
                              {at::reserved_4, 1},
                              {at::reserved_5, 152},
                              {at::r + 48, component_size - 48},
                              {at::s + 48, component_size - 48},
                              {at::reserved_6, 368}};
    if (version < 3) ranges.push_back({at::cpu_id, 3});
    if (version < 5) ranges.push_back({at::launch_mitigations, 16});
    for (auto const& [from, size] : ranges) {
        auto const part = bytes.subspan(from, size);
        auto const bad = std::ranges::find_if(part, [](std::uint8_t b) { return b != 0; });
        if (bad != part.end())
            return refused("must_be_zero",
                           fmt::format("byte 0x{:03x} of the report must be zero",
                                       from + static_cast<std::size_t>(bad - part.begin())));
    }
    return {};
}

base::Result<SigningKey> signing_key_of(std::uint32_t key_info) {
    if (key_info >> 5 != 0) return refused("key_info", "key_info has bits that must be zero");
    switch (key_info >> 2 & 7) {
        case 0:
            return SigningKey::vcek;
        case 1:
            return SigningKey::vlek;
        case 7:
            return SigningKey::none;
        default:
            return refused("key_info", "key_info names a key that there is not");
    }
}

}  // namespace

std::string_view to_string(Product product) {
    switch (product) {
        case Product::milan:
            return "Milan";
        case Product::genoa:
            return "Genoa";
        case Product::turin:
            return "Turin";
    }
    return "?";
}

TcbParts TcbVersion::parts(Product product) const {
    if (product == Product::turin)
        return {.fmc = bytes[0],
                .bootloader = bytes[1],
                .tee = bytes[2],
                .snp = bytes[3],
                .microcode = bytes[7]};
    return {.bootloader = bytes[0], .tee = bytes[1], .snp = bytes[6], .microcode = bytes[7]};
}

TcbVersion TcbVersion::from(TcbParts const& p, Product product) {
    if (product == Product::turin)
        return {{p.fmc, p.bootloader, p.tee, p.snp, 0, 0, 0, p.microcode}};
    return {{p.bootloader, p.tee, 0, 0, 0, 0, p.snp, p.microcode}};
}

base::Result<SnpReport> parse_snp_report(Bytes bytes) {
    if (bytes.size() != snp_report_size)
        return refused("report_size", fmt::format("a report has {} bytes, this has {}",
                                                  snp_report_size, bytes.size()));
    SnpReport report;
    std::ranges::copy(bytes, report.raw.begin());
    report.version = little_endian<std::uint32_t>(bytes, at::version);
    if (report.version < 2 || report.version > 5)
        return refused("report_version",
                       fmt::format("version {} is none of 2 to 5", report.version));
    auto const algorithm = little_endian<std::uint32_t>(bytes, at::signature_algorithm);
    if (algorithm != 1)
        return refused("signature_algorithm",
                       fmt::format("algorithm {} is not ECDSA P-384 with SHA-384", algorithm));
    if (auto const zero = check_zero(bytes, report.version); !zero)
        return std::unexpected(zero.error());
    auto const key_info = little_endian<std::uint32_t>(bytes, at::key_info);
    auto const key = signing_key_of(key_info);
    if (!key) return std::unexpected(key.error());
    report.author_key_enabled = (key_info & 1) != 0;
    report.chip_key_masked = (key_info & 2) != 0;
    report.signing_key = *key;

    report.guest_svn = little_endian<std::uint32_t>(bytes, at::guest_svn);
    report.policy.bits = little_endian<std::uint64_t>(bytes, at::policy);
    report.family_id = copy<16>(bytes, at::family_id);
    report.image_id = copy<16>(bytes, at::image_id);
    report.vmpl = little_endian<std::uint32_t>(bytes, at::vmpl);
    report.current_tcb = {copy<8>(bytes, at::current_tcb)};
    report.platform_info = little_endian<std::uint64_t>(bytes, at::platform_info);
    report.report_data = copy<64>(bytes, at::report_data);
    report.measurement = copy<48>(bytes, at::measurement);
    report.host_data = copy<32>(bytes, at::host_data);
    report.id_key_digest = copy<48>(bytes, at::id_key_digest);
    report.author_key_digest = copy<48>(bytes, at::author_key_digest);
    report.report_id = copy<32>(bytes, at::report_id);
    report.report_id_ma = copy<32>(bytes, at::report_id_ma);
    report.reported_tcb = {copy<8>(bytes, at::reported_tcb)};
    if (report.version >= 3)
        report.cpu = CpuId{bytes[at::cpu_id], bytes[at::cpu_id + 1], bytes[at::cpu_id + 2]};
    report.chip_id = copy<64>(bytes, at::chip_id);
    report.committed_tcb = {copy<8>(bytes, at::committed_tcb)};
    report.current_firmware = firmware_at(bytes, at::current_firmware);
    report.committed_firmware = firmware_at(bytes, at::committed_firmware);
    report.launch_tcb = {copy<8>(bytes, at::launch_tcb)};
    report.launch_mitigations = little_endian<std::uint64_t>(bytes, at::launch_mitigations);
    report.current_mitigations = little_endian<std::uint64_t>(bytes, at::current_mitigations);
    report.signature_r = big_endian(bytes, at::r);
    report.signature_s = big_endian(bytes, at::s);
    return report;
}

base::Result<std::optional<Product>> product_of(SnpReport const& report) {
    if (!report.cpu) return std::nullopt;
    auto const [family, model, stepping] = *report.cpu;
    if (family == 0x19 && model <= 0x0F) return Product::milan;
    if (family == 0x19 && (model <= 0x1F || (model >= 0xA0 && model <= 0xAF)))
        return Product::genoa;
    if (family == 0x1A && model <= 0x11) return Product::turin;
    return refused("product", fmt::format("CPU family 0x{:02x}, model 0x{:02x} is no product that "
                                          "is known here",
                                          family, model));
}

}  // namespace obscura::attest
