#include "citadel/api_credentials.hpp"

#include "citadel/secret_echo.hpp"
#include "crypto/base64.hpp"
#include "crypto/ethereum_address.hpp"
#include "crypto/hex.hpp"
#include "crypto/hmac.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using Fields = std::map<std::string, base::Secret>;

constexpr std::size_t max_key_length = 256;

std::unexpected<base::Error> invalid(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "invalid_credentials", std::move(detail));
}

/// Printable ASCII: the API key goes into a header, where a line break would end it.
bool is_key_text(base::Secret const& key) {
    return !key.empty() && key.size() <= max_key_length &&
           std::ranges::all_of(key.reveal(), [](char c) { return c > ' ' && c <= '~'; });
}

base::Secret take(Fields& fields, std::string const& name) {
    auto const found = fields.find(name);
    if (found == fields.end()) return {};
    auto value = std::move(found->second);
    fields.erase(found);
    return value;
}

/// What is named in a credential's `key_type`; an agent's is read apart.
using SigningKey = std::variant<base::Secret, crypto::Ed25519PrivateKey, crypto::RsaPrivateKey>;

base::Result<SigningKey> hmac_key(base::Secret secret) {
    if (!is_key_text(secret)) return invalid("secret must be 1 to 256 printable characters.");
    return SigningKey(std::move(secret));
}

base::Result<SigningKey> signing_key(CredentialRule const& rule, base::Secret const& pem) {
    if (rule.takes_ed25519) {
        if (auto key = crypto::Ed25519PrivateKey::from_pem(pem.reveal())) return std::move(*key);
    }
    if (rule.takes_rsa) {
        if (auto key = crypto::RsaPrivateKey::from_pem(pem.reveal())) return std::move(*key);
    }
    if (!rule.takes_ed25519 && !rule.takes_rsa)
        return invalid("This venue takes a secret (HMAC) and no private_key.");
    return invalid(rule.takes_ed25519
                       ? "private_key must be an unencrypted Ed25519 or RSA key in PEM (PKCS#8)."
                       : "private_key must be an unencrypted RSA key in PEM (PKCS#8).");
}

std::string_view type_of(SigningKey const& key) {
    if (std::holds_alternative<base::Secret>(key)) return "hmac";
    return std::holds_alternative<crypto::RsaPrivateKey>(key) ? "rsa" : "ed25519";
}

}  // namespace

base::Result<ApiCredentials> ApiCredentials::from_fields(CredentialRule const& rule,
                                                         Fields fields) {
    if (rule.is_agent) return from_agent_fields(rule, std::move(fields));
    auto api_key = take(fields, "api_key");
    auto secret = take(fields, "secret");
    auto const private_key = take(fields, "private_key");
    auto const key_type = take(fields, "key_type");
    base::Secret passphrase;
    if (rule.has_passphrase) passphrase = take(fields, "passphrase");
    if (!fields.empty()) {
        return invalid("A " + std::string(rule.venue) + " credential has api_key, secret" +
                       (rule.takes_ed25519 || rule.takes_rsa ? " or private_key" : "") +
                       (rule.has_passphrase ? ", passphrase" : "") + ", and key_type.");
    }
    if (!is_key_text(api_key)) return invalid("api_key must be 1 to 256 printable characters.");
    if (rule.has_passphrase && !is_key_text(passphrase))
        return invalid("passphrase must be 1 to 256 printable characters.");
    if (secret.empty() == private_key.empty())
        return invalid(
            "Give secret (HMAC) or, where the venue takes it, private_key, one of them.");
    auto key = private_key.empty() ? hmac_key(std::move(secret)) : signing_key(rule, private_key);
    if (!key) return std::unexpected(std::move(key.error()));
    if (!key_type.empty() && key_type.reveal() != type_of(*key))
        return invalid("key_type must be hmac with secret, or that of private_key.");
    return std::visit(
        [&](auto& made) {
            return ApiCredentials(std::move(api_key), std::move(passphrase), std::move(made));
        },
        *key);
}

base::Result<ApiCredentials> ApiCredentials::from_agent_fields(CredentialRule const& rule,
                                                               Fields fields) {
    auto const account = take(fields, "api_key");
    auto const private_key = take(fields, "private_key");
    auto const key_type = take(fields, "key_type");
    if (!fields.empty())
        return invalid("A " + std::string(rule.venue) +
                       " credential has api_key (the account's address), private_key (its agent's, "
                       "which some call an API wallet), and key_type.");
    auto const address = crypto::EthereumAddress::parse(account.reveal());
    if (!address) return invalid("api_key must be the account's address: 0x and 40 hex digits.");
    auto digits = private_key.reveal();
    if (digits.starts_with("0x")) digits.remove_prefix(2);
    auto bytes = base::Secret::zeroed(32);
    if (!crypto::hex_decode_into(digits, bytes.mutable_bytes()))
        return invalid("private_key must be the agent's key: 64 hex digits.");
    if (!key_type.empty() && key_type.reveal() != "secp256k1")
        return invalid("key_type must be secp256k1.");
    auto const text = "0x" + crypto::hex_encode(address->bytes);
    return ApiCredentials(base::Secret(std::string_view(text)), {}, AgentKey{std::move(bytes)});
}

base::Secret const* ApiCredentials::agent_key() const {
    auto const* key = std::get_if<AgentKey>(&key_);
    return key ? &key->bytes : nullptr;
}

bool ApiCredentials::is_told_in(std::string_view text) const {
    auto const* secret = std::get_if<base::Secret>(&key_);
    auto const* agent = agent_key();
    auto digits = agent ? crypto::hex_encode(agent->bytes()) : std::string();
    std::string_view const secrets[] = {passphrase_.reveal(),
                                        secret ? secret->reveal() : std::string_view(), digits};
    bool const is_told = tells_any(text, secrets);
    base::cleanse(digits);
    return is_told;
}

std::string ApiCredentials::sign(std::string_view payload, SignatureForm form) const {
    if (auto const* key = std::get_if<crypto::Ed25519PrivateKey>(&key_))
        return crypto::base64_encode(key->sign(payload));
    if (auto const* key = std::get_if<crypto::RsaPrivateKey>(&key_))
        return crypto::base64_encode(key->sign(payload));
    auto const secret = std::get<base::Secret>(key_).reveal();
    switch (form) {
        case SignatureForm::sha256_hex:
            return crypto::hmac_sha256_hex(secret, payload);
        case SignatureForm::sha256_base64:
            return crypto::base64_encode(crypto::hmac_sha256(secret, payload));
        case SignatureForm::sha512_hex:
            return crypto::hmac_sha512_hex(secret, payload);
    }
    std::unreachable();
}

}  // namespace obscura::citadel
