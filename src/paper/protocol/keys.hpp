#pragma once

#include "base/random.hpp"
#include "crypto/ed25519.hpp"
#include "paper/engine/types.hpp"
#include "paper/protocol/params.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace obscura::paper {

/// Who a key speaks for, ready to verify.
struct Key {
    AccountId account{};
    KeyType type = KeyType::hmac;
    std::string secret;                                  ///< HMAC
    std::optional<crypto::Ed25519PublicKey> public_key;  ///< Ed25519
};

/// The venue's API keys, found by one hash.
class KeyRing {
public:
    /// Throws std::invalid_argument when the credential's public key is broken.
    void add(AccountId account, Credential const& credential);
    /// -2014 (401) for text that cannot be a key, -2015 (401) for an unknown one.
    [[nodiscard]] Outcome<Key const*> find(std::optional<std::string_view> api_key) const;

private:
    std::unordered_map<std::string, Key> keys_;
};

/// 64 letters and digits: an API key, a secret or a listen key.
[[nodiscard]] std::string random_key(base::Random& random);
/// A fresh credential: 64 letters and digits for key and secret, or an Ed25519 pair.
[[nodiscard]] Credential make_credential(KeyType type, base::Random& random);

/// -1022 unless `signature` (hex HMAC-SHA256, any case, or base64 Ed25519) is the key's over
/// `bytes`.
[[nodiscard]] Outcome<void> verify_signature(Key const& key, std::string_view bytes,
                                             std::string_view signature);

/// `timestamp` and `recvWindow` (default 5000, at most 60000) at `now`: -1102, -1131, -1021.
/// Milliseconds; on spot timestamps of 16 digits are microseconds, to futures they are far ahead.
[[nodiscard]] Outcome<void> check_timestamp(Params const& params, base::Timestamp now,
                                            Market market);

}  // namespace obscura::paper
