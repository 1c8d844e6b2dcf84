#include "attest/sealing_statement.hpp"

#include "attest/detail/refusal.hpp"
#include "crypto/base64.hpp"
#include "crypto/hex.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

using base::Json;

constexpr std::string_view statement_label = "obscura/sealing-statement/v1";
constexpr std::int64_t statement_version = 1;
constexpr std::size_t key_text = 43;  // 32 bytes in base64url
constexpr std::array<base::EnumName<EvidenceFormat>, 2> audited_formats{
    {{"nilcc", EvidenceFormat::nilcc}, {"sev-snp", EvidenceFormat::sev_snp}}};

void append_text(std::string& out, std::string_view part) {
    auto const size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
    out += part;
}

template <std::size_t N>
void read_hex(base::ObjectReader& in, std::string_view key, std::array<std::uint8_t, N>& out) {
    auto const text = in.text(key, {.min = 2 * N, .max = 2 * N});
    // One text for one value: what is signed is written anew from it.
    if (!crypto::hex_decode_into(text, out) || crypto::hex_encode(out) != text)
        in.add_error(key, "not_hex", "Must be hex digits, in lower case.");
}

std::string environment_in(base::ObjectReader& in) {
    auto text = in.text("environment", {.max = SealingStatement::max_environment});
    if (!is_environment(text))
        in.add_error("environment", "not_a_name", "Must be a to z, digits and dashes.");
    return text;
}

void read_key(base::ObjectReader& in, ByteArray<32>& out) {
    auto const text = in.text("public_key", {.min = key_text, .max = key_text});
    auto const raw = crypto::base64url_decode(text);
    if (raw && raw->size() == out.size())
        std::ranges::copy(*raw, out.begin());
    else
        in.add_error("public_key", "not_a_key", "Must be 32 bytes in base64url.");
}

base::Timestamp time_in(base::ObjectReader& in, std::string_view key) {
    auto const at = in.optional_timestamp(key);
    if (!at) in.add_error(key, "required", "Must be a time.");
    return at.value_or(base::Timestamp{});
}

}  // namespace

bool is_environment(std::string_view text) {
    return !text.empty() && text.size() <= SealingStatement::max_environment &&
           std::ranges::all_of(text, [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

std::string SealingStatement::key_id() const {
    return crypto::base64url_encode(crypto::sha256(crypto::Bytes(public_key)));
}

std::string statement_text(SealingStatement const& s) {
    std::string out(statement_label);
    append_text(out, s.auditor);
    append_text(out, s.key_id());
    append_text(out, crypto::base64url_encode(s.public_key));
    append_text(out, std::to_string(base::to_unix_ms(s.expires_at)));
    append_text(out, s.environment);
    append_text(out, to_string(s.format));
    append_text(out, crypto::hex_encode(s.measurement));
    append_text(out, crypto::hex_encode(s.certificate));
    append_text(out, crypto::hex_encode(s.report));
    append_text(out, std::to_string(base::to_unix_ms(s.audited_at)));
    return out;
}

SignedStatement sign(SealingStatement statement, crypto::Ed25519PrivateKey const& auditor) {
    statement.auditor = crypto::hex_encode(auditor.public_key().bytes());
    auto const signature = auditor.sign(statement_text(statement));
    return {.statement = std::move(statement), .signature = signature};
}

bool is_signed(SignedStatement const& signed_statement) {
    ByteArray<32> raw{};
    if (!crypto::hex_decode_into(signed_statement.statement.auditor, raw)) return false;
    auto const key = crypto::Ed25519PublicKey::from_bytes(raw);
    return key && key->verify(statement_text(signed_statement.statement),
                              crypto::Bytes(signed_statement.signature));
}

Json to_json(SignedStatement const& signed_statement) {
    auto const& s = signed_statement.statement;
    return Json::object({{"v", statement_version},
                         {"auditor", s.auditor},
                         {"key_id", s.key_id()},
                         {"public_key", crypto::base64url_encode(s.public_key)},
                         {"expires_at", base::to_rfc3339(s.expires_at)},
                         {"environment", s.environment},
                         {"format", to_string(s.format)},
                         {"measurement", crypto::hex_encode(s.measurement)},
                         {"certificate_sha256", crypto::hex_encode(s.certificate)},
                         {"report_sha256", crypto::hex_encode(s.report)},
                         {"audited_at", base::to_rfc3339(s.audited_at)},
                         {"signature", crypto::hex_encode(signed_statement.signature)}});
}

base::Result<SignedStatement> signed_statement_from_json(Json const& json) {
    base::ObjectReader in(json);
    SignedStatement out;
    auto& s = out.statement;
    (void)in.integer("v", {.min = statement_version, .max = statement_version});
    ByteArray<32> auditor{};
    read_hex(in, "auditor", auditor);
    s.auditor = crypto::hex_encode(auditor);
    auto const key_id = in.text("key_id", {.min = key_text, .max = key_text});
    read_key(in, s.public_key);
    if (key_id != s.key_id()) in.add_error("key_id", "wrong_key_id", "Must be the key's digest.");
    s.expires_at = time_in(in, "expires_at");
    s.environment = environment_in(in);
    s.format = in.one_of("format", audited_formats);
    read_hex(in, "measurement", s.measurement);
    read_hex(in, "certificate_sha256", s.certificate);
    read_hex(in, "report_sha256", s.report);
    s.audited_at = time_in(in, "audited_at");
    read_hex(in, "signature", out.signature);
    if (auto const good = in.finish(); !good) {
        std::string detail = "the auditor's statement is not of the form that it should have:";
        for (auto const& field : good.error().fields)
            detail += " " + field.pointer + ": " + field.detail;
        return refused("statement_unreadable", std::move(detail));
    }
    return out;
}

}  // namespace obscura::attest
