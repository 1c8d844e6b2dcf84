#include "peers/credential_seal.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"

#include <algorithm>

namespace obscura::peers {
namespace {

using base::append_json_string;
using ports::SealBinding;

std::unexpected<base::Error> refuse(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

std::unexpected<base::Error> invalid(std::string detail) {
    return refuse("sealing_key_invalid", std::move(detail));
}

base::Result<crypto::X25519PublicKey> public_key_of(ports::SealingKey const& key) {
    crypto::X25519PublicKey out{};
    auto const raw = crypto::base64url_decode(key.public_key);
    if (!raw || raw->size() != out.size() ||
        crypto::base64url_encode(crypto::sha256(*raw)) != key.id)
        return invalid("The key's id is not the digest of the key.");
    std::ranges::copy(*raw, out.begin());
    return out;
}

base::Result<attest::Evidence> evidence_of(ports::SealingKey::Evidence const& shown) {
    attest::Evidence out;
    auto const known = std::ranges::find_if(
        attest::evidence_formats, [&](auto const& format) { return format.name == shown.format; });
    if (known == attest::evidence_formats.end())
        return refuse("evidence_format",
                      "Evidence of a kind that is not known here: " + shown.format);
    out.format = known->value;
    auto report = crypto::base64_decode(shown.report);
    if (!report) return invalid("The report of its evidence is no base64.");
    out.report = std::move(*report);
    for (auto const& text : shown.certificates) {
        auto const der = crypto::base64_decode(text);
        auto certificate = attest::Certificate::from_der(der.value_or(std::vector<std::uint8_t>()));
        if (!certificate) return invalid("A certificate of its evidence is none.");
        out.certificates.push_back(std::move(*certificate));
    }
    return out;
}

base::Result<attest::ShownSealingKey> shown_key(ports::SealingKey const& key) {
    auto const raw = public_key_of(key);
    if (!raw) return std::unexpected(raw.error());
    auto evidence = evidence_of(key.evidence);
    if (!evidence) return std::unexpected(evidence.error());
    attest::ShownSealingKey out{.public_key = *raw,
                                .expires_at = key.expires_at,
                                .evidence = std::move(*evidence),
                                .statements = {}};
    for (auto const& json : key.evidence.statements) {
        auto statement = attest::signed_statement_from_json(json);
        if (!statement) return std::unexpected(statement.error());
        out.statements.push_back(std::move(*statement));
    }
    return out;
}

void append_member(std::string& out, std::string_view name_with_colon, std::string_view text) {
    out += name_with_colon;
    append_json_string(out, text);
}

/// Written into one buffer that is large enough, so that no copy of it stays behind.
base::Secret plaintext_of(CredentialToSeal const& credential, SealBinding const& binding) {
    std::string out;
    std::size_t size = 512;
    for (auto const& [name, secret] : credential.credentials)
        size += 6 * (name.size() + secret.size()) + 8;
    auto const limits = to_json(credential.limits).dump();
    out.reserve(size + limits.size());
    out += R"({"credentials":{)";
    for (bool first = true; auto const& [name, secret] : credential.credentials) {
        if (!std::exchange(first, false)) out += ',';
        append_json_string(out, name);
        append_member(out, ":", secret.reveal());
    }
    append_member(out, R"(},"owner":{"tenant_id":)", binding.tenant.to_string());
    append_member(out, R"(,"user_id":)", binding.user.to_string());
    append_member(out, R"(},"venue":)", binding.venue);
    append_member(out, R"(,"environment":)", model::to_string(binding.environment));
    append_member(out, R"(,"purpose":)",
                  model::name_of(binding.purpose, ports::connection_purpose_names));
    append_member(out, R"(,"one_time_id":)", binding.one_time_id.to_string());
    if (!credential.limits.is_empty()) out += R"(,"limits":)" + limits;
    out += '}';
    base::Secret secret{std::string_view(out)};
    base::cleanse(out);
    return secret;
}

/// Random, in the form of a UUIDv4 (RFC 9562 §5.4).
base::Uuid one_time_id(base::Random& random) {
    base::Uuid out;
    random.fill(std::as_writable_bytes(std::span(out.bytes)));
    out.bytes[6] = static_cast<std::uint8_t>(0x40 | (out.bytes[6] & 0x0f));
    out.bytes[8] = static_cast<std::uint8_t>(0x80 | (out.bytes[8] & 0x3f));
    return out;
}

}  // namespace

base::Result<attest::CitadelVerdict> appraise_sealing_key(ports::SealingKey const& key,
                                                          attest::SealingPolicy const& policy,
                                                          base::Timestamp now,
                                                          attest::TrustRoots const& roots) {
    auto const shown = shown_key(key);
    if (!shown) return std::unexpected(shown.error());
    return attest::appraise_sealing_key(*shown, policy, roots, now);
}

attest::SealingPolicy software_sealing() {
    attest::SealingPolicy policy;
    policy.citadel.required = attest::RequiredEvidence::software;
    return policy;
}

base::Result<ports::SealedCredential> seal_credential(
    ports::SealingKey const& key, CredentialToSeal const& credential, base::Timestamp now,
    attest::SealingPolicy const& policy, base::Random& random, attest::TrustRoots const& roots) {
    auto const verdict = appraise_sealing_key(key, policy, now, roots);
    if (!verdict) return std::unexpected(verdict.error());
    auto const receiver = public_key_of(key);
    if (!receiver) return std::unexpected(receiver.error());
    SealBinding const binding{.key_id = key.id,
                              .tenant = credential.tenant,
                              .user = credential.user,
                              .venue = credential.venue,
                              .environment = credential.environment,
                              .purpose = credential.purpose,
                              .one_time_id = one_time_id(random)};
    auto const plaintext = plaintext_of(credential, binding);
    auto const info = ports::seal_info(binding);
    auto const message =
        crypto::hpke_seal(*receiver, crypto::as_bytes(info), {}, plaintext.bytes(), random);
    if (!message) return refuse("sealing_key_invalid", "The key is of no use: a small point.");
    return ports::SealedCredential{.binding = binding,
                                   .enc = crypto::base64url_encode(message->enc),
                                   .ciphertext = crypto::base64url_encode(message->sealed)};
}

}  // namespace obscura::peers
