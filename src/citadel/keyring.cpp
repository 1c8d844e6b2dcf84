#include "citadel/keyring.hpp"

#include "crypto/base64.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::citadel {
namespace {

using crypto::Aead;

constexpr std::string_view prefix = "nil:";
constexpr std::string_view envelope_prefix = "ev:";

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

}  // namespace

Keyring::Keyring(Keys const& keys, base::Random& random) : random_(random) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (keys[i].empty()) continue;
        keys_[i].emplace(keys[i]);
        current_ = static_cast<int>(i) + 1;
    }
    if (current_ == 0) throw std::invalid_argument("a keyring needs at least one master key");
}

std::string Keyring::encrypt(std::string_view plaintext, std::string_view context) {
    auto const nonce = crypto::random_nonce(random_);
    auto const sealed = keys_[static_cast<std::size_t>(current_ - 1)]->seal(
        nonce, crypto::as_bytes(context), crypto::as_bytes(plaintext));
    std::vector<std::uint8_t> blob;
    blob.reserve(nonce.size() + sealed.size());
    blob.insert(blob.end(), nonce.begin(), nonce.end());
    blob.insert(blob.end(), sealed.begin(), sealed.end());
    return std::string(prefix) + "v" + std::to_string(current_) + ":" + crypto::base64_encode(blob);
}

base::Result<base::Secret> Keyring::decrypt(std::string_view sealed, std::string_view context) {
    auto const parsed = parse(sealed);
    if (!parsed) return std::unexpected(parsed.error());
    auto const blob = crypto::base64_decode(parsed->payload);
    if (!blob || blob->size() < Aead::nonce_size + Aead::tag_size) {
        return invalid("invalid_ciphertext",
                       "The payload must be the base64 of a nonce, a ciphertext and a tag.");
    }
    auto& key = keys_[static_cast<std::size_t>(parsed->version - 1)];
    if (!key) {
        return invalid("unknown_key_version", "There is no master key of version " +
                                                  std::to_string(parsed->version) + ".");
    }
    Aead::Nonce nonce{};
    std::copy_n(blob->begin(), nonce.size(), nonce.begin());
    auto plaintext =
        key->open(nonce, crypto::as_bytes(context), std::span(*blob).subspan(nonce.size()));
    if (!plaintext) {
        return invalid("decryption_failed",
                       "Does not open: it was altered, or sealed under another key or context.");
    }
    return std::move(*plaintext);
}

std::vector<int> Keyring::versions() const {
    std::vector<int> out;
    for (std::size_t i = 0; i < keys_.size(); ++i) {
        if (keys_[i]) out.push_back(static_cast<int>(i) + 1);
    }
    return out;
}

}  // namespace obscura::citadel
