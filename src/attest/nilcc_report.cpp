#include "attest/nilcc_report.hpp"

#include "attest/detail/refusal.hpp"
#include "base/decode.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::int64_t most_of_32_bits = 0xFFFF'FFFF;

/// A report's bytes as its fields are read.
class Builder {
public:
    explicit Builder(Json const& json) : reader_(json, "/report") {}

    /// Little-endian.
    void integer(std::string_view key, std::size_t at, std::size_t size, std::int64_t most) {
        put(static_cast<std::uint64_t>(reader_.integer(key, {.min = 0, .max = most})), at, size);
    }
    void optional_integer(std::string_view key, std::size_t at, std::size_t size,
                          std::int64_t most) {
        auto const value = reader_.optional_integer(key, {.min = 0, .max = most});
        if (value) put(static_cast<std::uint64_t>(*value), at, size);
    }
    void hex(std::string_view key, std::size_t at, std::size_t size) {
        hex_of(reader_, key, at, size);
    }
    void tcb(std::string_view key, std::size_t at) {
        auto const* const object = reader_.object(key);
        if (object == nullptr) return;
        ObjectReader part(*object, reader_.pointer_to(key));
        auto const level = [&](std::string_view name) {
            return static_cast<std::uint8_t>(part.integer(name, {.min = 0, .max = 255}));
        };
        auto const fmc = part.optional_integer("fmc", {.min = 0, .max = 255});
        TcbParts const parts{.fmc = static_cast<std::uint8_t>(fmc.value_or(0)),
                             .bootloader = level("bootloader"),
                             .tee = level("tee"),
                             .snp = level("snp"),
                             .microcode = level("microcode")};
        auto const version = TcbVersion::from(parts, fmc ? Product::turin : Product::milan);
        std::ranges::copy(version.bytes, bytes_.begin() + static_cast<std::ptrdiff_t>(at));
        reader_.absorb(part.errors());
    }
    void firmware(std::string_view key, std::size_t at) {
        auto const* const object = reader_.object(key);
        if (object == nullptr) return;
        ObjectReader part(*object, reader_.pointer_to(key));
        std::size_t place = at;
        for (auto const* name : {"build", "minor", "major"})
            bytes_[place++] = static_cast<std::uint8_t>(part.integer(name, {.min = 0, .max = 255}));
        reader_.absorb(part.errors());
    }
    void signature(std::string_view key, std::size_t r, std::size_t s) {
        auto const* const object = reader_.object(key);
        if (object == nullptr) return;
        ObjectReader part(*object, reader_.pointer_to(key));
        hex_of(part, "r", r, 72);
        hex_of(part, "s", s, 72);
        reader_.absorb(part.errors());
    }
    [[nodiscard]] base::Result<ByteArray<snp_report_size>> finish() {
        if (auto const good = reader_.finish(); !good) {
            auto error = good.error();
            error.reason = "json";
            return std::unexpected(std::move(error));
        }
        return bytes_;
    }

private:
    void put(std::uint64_t value, std::size_t at, std::size_t size) {
        for (std::size_t i = 0; i < size; ++i)
            bytes_[at + i] = static_cast<std::uint8_t>(value >> (8 * i));
    }
    void hex_of(ObjectReader& reader, std::string_view key, std::size_t at, std::size_t size) {
        auto const text = reader.text(key, {.min = 2 * size, .max = 2 * size});
        if (text.size() != 2 * size) return;
        if (!crypto::hex_decode_into(text, std::span(bytes_).subspan(at, size)))
            reader.add_error(key, "not_hex", "Must be hexadecimal.");
    }

    ObjectReader reader_;
    ByteArray<snp_report_size> bytes_{};
};

base::Result<ByteArray<snp_report_size>> bytes_of(Json const& json) {
    Builder b(json);
    b.integer("version", 0x000, 4, most_of_32_bits);
    b.integer("guest_svn", 0x004, 4, most_of_32_bits);
    b.integer("policy", 0x008, 8, INT64_MAX);
    b.hex("family_id", 0x010, 16);
    b.hex("image_id", 0x020, 16);
    b.integer("vmpl", 0x030, 4, most_of_32_bits);
    b.integer("sig_algo", 0x034, 4, most_of_32_bits);
    b.tcb("current_tcb", 0x038);
    b.integer("plat_info", 0x040, 8, INT64_MAX);
    b.integer("key_info", 0x048, 4, most_of_32_bits);
    b.hex("report_data", 0x050, 64);
    b.hex("measurement", 0x090, 48);
    b.hex("host_data", 0x0C0, 32);
    b.hex("id_key_digest", 0x0E0, 48);
    b.hex("author_key_digest", 0x110, 48);
    b.hex("report_id", 0x140, 32);
    b.hex("report_id_ma", 0x160, 32);
    b.tcb("reported_tcb", 0x180);
    b.optional_integer("cpuid_fam_id", 0x188, 1, 255);
    b.optional_integer("cpuid_mod_id", 0x189, 1, 255);
    b.optional_integer("cpuid_step", 0x18A, 1, 255);
    b.hex("chip_id", 0x1A0, 64);
    b.tcb("committed_tcb", 0x1E0);
    b.firmware("current", 0x1E8);
    b.firmware("committed", 0x1EC);
    b.tcb("launch_tcb", 0x1F0);
    b.optional_integer("launch_mit_vector", 0x1F8, 8, INT64_MAX);
    b.optional_integer("current_mit_vector", 0x200, 8, INT64_MAX);
    b.signature("signature", 0x2A0, 0x2E8);
    return b.finish();
}

std::unexpected<base::Error> not_read(std::string detail) {
    return refused("json", std::move(detail));
}

base::Result<std::optional<NilccEnvironment>> environment_of(Json const& json) {
    auto const* const member = json.find("environment");
    if (member == nullptr || member->is_null()) return std::nullopt;
    if (!member->is_object()) return not_read("environment is no object");
    // Lenient: nothing of it is believed, and it may have more to say some day.
    NilccEnvironment environment;
    if (auto const text = (*member)["nilcc_version"].to_text())
        environment.nilcc_version = text->substr(0, 64);
    if (auto const text = (*member)["vm_type"].to_text()) environment.vm_type = text->substr(0, 16);
    environment.cpu_count = (*member)["cpu_count"].to_int64().value_or(0);
    return environment;
}

}  // namespace

base::Result<NilccReport> parse_nilcc_report(Json const& json) {
    if (!json.is_object()) return not_read("the document is no object");
    auto const* const inner = json.find("report");
    auto const built = bytes_of(inner != nullptr ? *inner : json);
    if (!built) return std::unexpected(built.error());
    NilccReport out;
    if (inner != nullptr) {
        auto environment = environment_of(json);
        if (!environment) return std::unexpected(environment.error());
        out.environment = std::move(*environment);
        if (auto const* const raw = json.find("raw_report"); raw != nullptr && !raw->is_null()) {
            auto const text = raw->to_text();
            auto const bytes = text ? crypto::hex_decode(*text) : std::nullopt;
            if (!bytes) return not_read("raw_report is not hexadecimal");
            if (!std::ranges::equal(*bytes, *built))
                return refused("json_disagrees", "raw_report and report are not the same report");
        }
    }
    auto report = parse_snp_report(*built);
    if (!report) return std::unexpected(report.error());
    out.report = *report;
    return out;
}

}  // namespace obscura::attest
