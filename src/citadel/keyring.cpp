#include "citadel/keyring.hpp"

#include "crypto/base64.hpp"
#include "crypto/hkdf.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::citadel {
namespace {

using crypto::Aead;

constexpr std::string_view prefix = "nil:";
constexpr std::string_view envelope_prefix = "ev:";
constexpr std::string_view record_key_label = "obscura/citadel/record-key/v1";
constexpr std::string_view held_key_label = "obscura/citadel/held-key/v1";

struct Sealed {
    int version = 1;
    std::string_view payload;  ///< base64
};

std::unexpected<base::Error> invalid(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}

base::Result<Sealed> parse(std::string_view text) {
    if (text.starts_with(envelope_prefix)) {
        return invalid("unsupported_ciphertext",
                       "Ciphertexts of the form ev:... are not supported.");
    }
    auto const malformed = [] {
        return invalid("invalid_ciphertext", "Must be nil:v{1-9}:{base64} or nil:{base64}.");
    };
    if (!text.starts_with(prefix)) return malformed();
    auto const rest = text.substr(prefix.size());
    auto const colon = rest.find(':');  // no base64 has one
    if (colon == rest.npos) return Sealed{.version = 1, .payload = rest};
    bool const is_version = colon == 2 && rest[0] == 'v' && rest[1] >= '1' && rest[1] <= '9';
    if (!is_version) return malformed();
    return Sealed{.version = rest[1] - '0', .payload = rest.substr(colon + 1)};
}

/// What a cipher is left under when a record is done with it.
base::Secret const& no_key() {
    static auto const zeros = base::Secret::zeroed(Aead::key_size);
    return zeros;
}

}  // namespace

Keyring::Keyring(Keys const& keys, base::Random& random, Limits limits)
    : limits_(limits), random_(random) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].empty()) continue;
        if (keys[i].size() != Aead::key_size)
            throw std::invalid_argument("a master key has 32 bytes");
        auto const root = [&](std::string_view label) {
            return crypto::hkdf_extract_sha256(crypto::as_bytes(label), keys[i].bytes());
        };
        masters_[i].emplace(Master{.key = keys[i].clone(),
                                   .roots = {root(record_key_label), root(held_key_label)}});
        current_ = static_cast<int>(i) + 1;
    }
    if (current_ == 0) throw std::invalid_argument("a keyring needs at least one master key");
    if (current_ < limits_.min_encrypt_version)
        throw std::invalid_argument("the highest master key is below the least version that seals");
}

std::string Keyring::encrypt(std::string_view plaintext, std::string_view context,
                             Sealing sealing) {
    return record(context, sealing).encrypt(plaintext);
}

base::Result<base::Secret> Keyring::decrypt(std::string_view sealed, std::string_view context,
                                            Sealing sealing) {
    return record(context, sealing).decrypt(sealed);
}

base::Result<std::string> Keyring::rewrap(std::string_view sealed, std::string_view context,
                                          Sealing sealing) {
    return record(context, sealing).rewrap(sealed);
}

Keyring::Record Keyring::record(std::string_view context, Sealing sealing) {
    return {*this, context, sealing};
}

std::vector<int> Keyring::versions() const {
    std::vector<int> out;
    for (std::size_t i = 0; i < masters_.size(); ++i) {
        if (masters_[i]) out.push_back(static_cast<int>(i) + 1);
    }
    return out;
}

Keyring::Record::Record(Keyring& keyring, std::string_view context, Sealing sealing)
    : keyring_(keyring), context_(context), sealing_(sealing) {}

Keyring::Record::~Record() {
    if (!key_) return;
    key_->rekey(no_key());
    keyring_.spare_ = std::move(key_);
}

bool Keyring::Record::has_own_key() const {
    return !context_.empty() || sealing_ == Sealing::held_key;
}

Aead& Keyring::Record::own_key(int version) {
    if (key_version_ == version) return *key_;
    auto const& roots = keyring_.masters_[static_cast<std::size_t>(version - 1)]->roots;
    auto const key = crypto::hkdf_expand_sha256(roots[static_cast<std::size_t>(sealing_)],
                                                crypto::as_bytes(context_), Aead::key_size);
    auto& cipher = cipher_under(key);
    key_version_ = version;
    return cipher;
}

Aead& Keyring::Record::master_key(int version) {
    return cipher_under(keyring_.masters_[static_cast<std::size_t>(version - 1)]->key);
}

Aead& Keyring::Record::cipher_under(base::Secret const& key) {
    key_version_ = 0;
    if (!key_) key_ = std::move(keyring_.spare_);
    if (key_) {
        key_->rekey(key);
    } else {
        key_ = std::make_unique<Aead>(key);
    }
    return *key_;
}

std::string Keyring::Record::associated_data(std::string_view field) const {
    bool const has_fields = !context_.empty() && sealing_ == Sealing::record;
    if (!has_fields || field.empty()) return context_;
    return context_ + "|" + std::string(field);
}

std::string Keyring::Record::encrypt(std::string_view plaintext, std::string_view field) {
    auto const version = keyring_.current_;
    auto& aead = has_own_key() ? own_key(version) : master_key(version);
    auto const nonce = crypto::random_nonce(keyring_.random_);
    auto const aad = associated_data(field);
    auto const sealed = aead.seal(nonce, crypto::as_bytes(aad), crypto::as_bytes(plaintext));
    std::vector<std::uint8_t> blob;
    blob.reserve(nonce.size() + sealed.size());
    blob.insert(blob.end(), nonce.begin(), nonce.end());
    blob.insert(blob.end(), sealed.begin(), sealed.end());
    return std::string(prefix) + "v" + std::to_string(version) + ":" + crypto::base64_encode(blob);
}

base::Result<Keyring::Record::Opened> Keyring::Record::open(std::string_view sealed,
                                                            std::string_view field) {
    auto const parsed = parse(sealed);
    if (!parsed) return std::unexpected(parsed.error());
    auto const blob = crypto::base64_decode(parsed->payload);
    if (!blob || blob->size() < Aead::nonce_size + Aead::tag_size) {
        return invalid("invalid_ciphertext",
                       "The payload must be the base64 of a nonce, a ciphertext and a tag.");
    }
    auto const version = std::to_string(parsed->version);
    if (parsed->version < keyring_.limits_.min_decrypt_version)
        return invalid("key_version_retired", "Master key version " + version +
                                                  " opens nothing any more; rewrap in time.");
    if (!keyring_.masters_[static_cast<std::size_t>(parsed->version - 1)])
        return invalid("unknown_key_version", "There is no master key of version " + version + ".");
    Aead::Nonce nonce{};
    std::copy_n(blob->begin(), nonce.size(), nonce.begin());
    auto const open_with = [&](Aead& aead, std::string const& aad) {
        return aead.open(nonce, crypto::as_bytes(aad), std::span(*blob).subspan(nonce.size()));
    };
    bool const is_current = parsed->version == keyring_.current_ && sealed.starts_with("nil:v");
    if (has_own_key()) {
        auto& key = own_key(parsed->version);
        auto const aad = associated_data(field);
        if (auto plaintext = open_with(key, aad))
            return Opened{.plaintext = std::move(*plaintext), .is_newest = is_current};
        auto unbound = aad == context_ ? std::optional<base::Secret>() : open_with(key, context_);
        if (unbound) return Opened{.plaintext = std::move(*unbound), .is_newest = false};
    }
    auto plaintext = sealing_ == Sealing::record ? open_with(master_key(parsed->version), context_)
                                                 : std::optional<base::Secret>();
    if (!plaintext) {
        return invalid("decryption_failed",
                       "Does not open: it was altered, or sealed under another key, context or "
                       "field.");
    }
    return Opened{.plaintext = std::move(*plaintext), .is_newest = is_current && context_.empty()};
}

base::Result<base::Secret> Keyring::Record::decrypt(std::string_view sealed,
                                                    std::string_view field) {
    auto opened = open(sealed, field);
    if (!opened) return std::unexpected(opened.error());
    return std::move(opened->plaintext);
}

base::Result<std::string> Keyring::Record::rewrap(std::string_view sealed, std::string_view field) {
    auto const opened = open(sealed, field);
    if (!opened) return std::unexpected(opened.error());
    if (opened->is_newest) return std::string(sealed);
    return encrypt(opened->plaintext.reveal(), field);
}

}  // namespace obscura::citadel
