#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/aead.hpp"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// What a text is sealed as. A key that is held (`HeldKeys`) is under keys of its own, so that no
/// context in the world opens it as a record's, nor a record as such a key.
enum class Sealing { record, held_key };

/// The master keys by version, and the one text form of what they seal:
/// `nil:v{n}:{base64(nonce[12] || ciphertext || tag[16])}`, AES-256-GCM; the older `nil:{...}` is
/// version 1. `context` is the associated data: a ciphertext opens under no other. Where there is
/// one, the key is the record's own, derived from the master key and the context (HKDF-SHA256), so
/// that no key comes near the 2^32 messages that random nonces are good for; without one it is the
/// master key itself, as any AES-GCM has it. Beside a context a `field` may be named, which is part
/// of the associated data too: a secret does not open in the place of an API key, which is shown.
/// What was sealed with a context before keys were derived, or without a field, opens as well;
/// rewrapping renews it. Event-loop thread.
class Keyring {
public:
    class Record;
    static constexpr int max_version = 9;
    /// Index 0 is version 1; an empty secret is a version that is not there.
    using Keys = std::array<base::Secret, max_version>;
    struct Limits {
        std::int64_t min_decrypt_version =
            1;  ///< what is sealed under an older one no longer opens
        std::int64_t min_encrypt_version = 1;  ///< an older highest key is a misconfiguration
    };

    /// std::invalid_argument when no key is given, one has not 32 bytes, or the highest is below
    /// the least version for sealing. `random` gives the nonces and must outlive this.
    Keyring(Keys const& keys, base::Random& random, Limits limits);
    Keyring(Keys const& keys, base::Random& random) : Keyring(keys, random, Limits()) {}

    /// Seals under the highest version.
    [[nodiscard]] std::string encrypt(std::string_view plaintext, std::string_view context,
                                      Sealing sealing = Sealing::record);
    /// invalid_argument: "unsupported_ciphertext" (the `ev:` form), "invalid_ciphertext" (no such
    /// form), "unknown_key_version", "key_version_retired" (below the least that opens),
    /// "decryption_failed" (other key, other context, or altered).
    [[nodiscard]] base::Result<base::Secret> decrypt(std::string_view sealed,
                                                     std::string_view context,
                                                     Sealing sealing = Sealing::record);
    /// The same secret under the highest version, in its newest form; the same text where it is
    /// that already. Errors as decrypt's.
    [[nodiscard]] base::Result<std::string> rewrap(std::string_view sealed,
                                                   std::string_view context,
                                                   Sealing sealing = Sealing::record);
    /// For several texts of one context: the key is derived once. It must not outlive this.
    [[nodiscard]] Record record(std::string_view context, Sealing sealing = Sealing::record);
    /// Ascending.
    [[nodiscard]] std::vector<int> versions() const;
    [[nodiscard]] int current_version() const { return current_; }

private:
    struct Master {
        base::Secret key;
        std::array<base::Secret, 2> roots;  ///< by Sealing: what keys of a context are derived from
    };

    std::array<std::optional<Master>, max_version> masters_;
    Limits limits_;
    int current_ = 0;
    base::Random& random_;
    std::unique_ptr<crypto::Aead> spare_;  ///< under no key of ours: the next record's
};

/// One context, for as long as one call takes: the cipher of the key that was used last is kept,
/// and overwritten at the end: what OpenSSL makes of a key is on the heap, where nothing is locked.
/// What it does is said at Keyring's functions of the same names.
class Keyring::Record {
public:
    Record(Keyring& keyring, std::string_view context, Sealing sealing);
    ~Record();
    Record(Record const&) = delete;
    Record& operator=(Record const&) = delete;

    /// `field` is the name of the text in the record; without a context, and of a held key, it
    /// binds nothing.
    [[nodiscard]] std::string encrypt(std::string_view plaintext, std::string_view field = {});
    [[nodiscard]] base::Result<base::Secret> decrypt(std::string_view sealed,
                                                     std::string_view field = {});
    [[nodiscard]] base::Result<std::string> rewrap(std::string_view sealed,
                                                   std::string_view field = {});

private:
    struct Opened {
        base::Secret plaintext;
        bool is_newest = false;
    };
    [[nodiscard]] base::Result<Opened> open(std::string_view sealed, std::string_view field);
    /// The context with the field: no other pair has the same under the context's own key.
    [[nodiscard]] std::string associated_data(std::string_view field) const;
    /// Whether keys are derived at all.
    [[nodiscard]] bool has_own_key() const;
    [[nodiscard]] crypto::Aead& own_key(int version);
    [[nodiscard]] crypto::Aead& master_key(int version);
    [[nodiscard]] crypto::Aead& cipher_under(base::Secret const& key);

    Keyring& keyring_;
    std::string context_;
    Sealing sealing_;
    std::unique_ptr<crypto::Aead> key_;
    int key_version_ = 0;  ///< 0: it is none that was derived
};

}  // namespace obscura::citadel
