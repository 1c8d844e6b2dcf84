#pragma once

#include "crypto/aead.hpp"
#include "crypto/hash.hpp"
#include "crypto/password.hpp"
#include "crypto/x25519.hpp"
#include "custody/machine_key.hpp"
#include "custody/master_keys.hpp"

#include <optional>

namespace obscura::custody {

/// The ways to open a key file, each with the master keys sealed for it.
struct PassphraseLock {
    crypto::PasswordCost cost;
    std::array<std::uint8_t, 16> salt{};
    crypto::Aead::Nonce nonce{};
    std::vector<std::uint8_t> sealed;
};
struct MachineLock {
    attest::TcbVersion tcb;
    crypto::Aead::Nonce nonce{};
    std::vector<std::uint8_t> sealed;
};
struct RecipientLock {
    crypto::X25519PublicKey key{}, enc{};
    std::vector<std::uint8_t> sealed;
};

/// Master keys in a file, once for each way to open it: with a passphrase, by the machine that it
/// was sealed on, with a private key kept elsewhere. Text, one line each:
///
///     obscura-master-keys 1
///     versions 1 2
///     passphrase <passes> <memory in bytes> <salt> <nonce> <sealed>
///     machine <TCB in hex> <nonce> <sealed>
///     recipient <public key> <enc> <sealed>
///     check <HMAC of all before it>
///
/// Bytes are base64url. The associated data of what is sealed is the first two lines and its own
/// line up to there. The key of `check` comes from the master keys, so that whoever opens one line
/// knows that nobody changed another. What does not print as itself is refused.
struct KeyFile {
    std::vector<int> versions;
    std::optional<PassphraseLock> passphrase;
    std::optional<MachineLock> machine;
    std::optional<RecipientLock> recipient;
    crypto::Digest check{};
};
inline constexpr std::size_t max_key_file = 8 << 10;

/// What a file may ask of whoever opens it. The upper bounds keep a hostile file from taking the
/// machine's memory or an afternoon; the lower ones are libsodium's.
inline constexpr crypto::PasswordCost least_cost{.passes = 1, .memory_bytes = 8 << 10};
inline constexpr crypto::PasswordCost greatest_cost{.passes = 16, .memory_bytes = 1 << 30};
/// Half a second of one core: whoever has stolen a file may try it where he likes.
inline constexpr crypto::PasswordCost default_cost{.passes = 3, .memory_bytes = 256 << 20};

/// invalid_argument "key_file" for what is none, "key_file_cost" for one beyond the bounds.
[[nodiscard]] base::Result<KeyFile> parse_key_file(std::string_view text);
[[nodiscard]] std::string to_text(KeyFile const& file);

/// All three: invalid_argument "key_file_lock" where the file has no such line, "key_file_closed"
/// when it does not open (another secret, or it was altered), "key_file_altered" when another line
/// was.
[[nodiscard]] base::Result<MasterKeys> open_key_file(KeyFile const& file,
                                                     base::Secret const& passphrase);
[[nodiscard]] base::Result<MasterKeys> open_key_file(KeyFile const& file, MachineKey& machine);
[[nodiscard]] base::Result<MasterKeys> open_key_file(KeyFile const& file,
                                                     crypto::X25519PrivateKey const& key);

/// Who is to be able to open a file; at least one.
struct KeyFileLocks {
    base::Secret const* passphrase = nullptr;
    crypto::PasswordCost cost = default_cost;
    MachineKey* machine = nullptr;
    std::optional<crypto::X25519PublicKey> recipient;
};
/// Throws std::invalid_argument without a lock, without a key, or for a cost beyond the bounds;
/// otherwise the machine's errors, or those of crypto::hpke_seal.
[[nodiscard]] base::Result<KeyFile> make_key_file(MasterKeys const& keys, KeyFileLocks const& locks,
                                                  base::Random& random);

}  // namespace obscura::custody
