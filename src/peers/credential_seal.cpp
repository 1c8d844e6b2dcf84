#include "peers/credential_seal.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "crypto/hpke.hpp"

#include <algorithm>
#include <optional>

namespace obscura::peers {
namespace {

using base::append_json_string;
using ports::SealBinding;

std::unexpected<base::Error> refuse(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

base::Result<crypto::X25519PublicKey> checked_key(ports::SealingKey const& key, base::Timestamp now,
                                                  Unattested unattested) {
    crypto::X25519PublicKey out{};
    auto const raw = crypto::base64url_decode(key.public_key);
    if (!raw || raw->size() != out.size() ||
        crypto::base64url_encode(crypto::sha256(*raw)) != key.id)
        return refuse("sealing_key_invalid", "The key's id is not the digest of the key.");
    if (key.expires_at <= now)
        return refuse("sealing_key_expired", "The sealing key has expired: ask for a new one.");
    if (unattested == Unattested::refuse)
        return refuse("sealing_key_unattested",
                      "Nothing speaks for the key being citadel's but the connection it came by.");
    std::ranges::copy(*raw, out.begin());
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

base::Result<ports::SealedCredential> seal_credential(ports::SealingKey const& key,
                                                      CredentialToSeal const& credential,
                                                      base::Timestamp now, Unattested unattested,
                                                      base::Random& random) {
    auto const receiver = checked_key(key, now, unattested);
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
