#pragma once

#include "base/clock.hpp"
#include "base/decode.hpp"
#include "base/error.hpp"
#include "base/task.hpp"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::ports {

/// What a key that citadel holds may sign, and nothing else.
enum class KeyPurpose { receipt, notary, chain_transaction, access_token };
inline constexpr std::array<base::EnumName<KeyPurpose>, 4> key_purpose_names{
    {{"receipt", KeyPurpose::receipt},
     {"notary", KeyPurpose::notary},
     {"chain_transaction", KeyPurpose::chain_transaction},
     {"access_token", KeyPurpose::access_token}}};

enum class KeyAlgorithm { ed25519, secp256k1 };
inline constexpr std::array<base::EnumName<KeyAlgorithm>, 2> key_algorithm_names{
    {{"ed25519", KeyAlgorithm::ed25519}, {"secp256k1", KeyAlgorithm::secp256k1}}};

/// The one algorithm of a purpose.
[[nodiscard]] constexpr KeyAlgorithm algorithm_of(KeyPurpose purpose) {
    return purpose == KeyPurpose::receipt || purpose == KeyPurpose::access_token
               ? KeyAlgorithm::ed25519
               : KeyAlgorithm::secp256k1;
}

/// The context that a key of a purpose is sealed under: it opens for no other purpose and no other
/// algorithm.
[[nodiscard]] std::string held_key_context(KeyPurpose purpose);
/// The purpose whose context this is.
[[nodiscard]] std::optional<KeyPurpose> held_key_purpose(std::string_view context);

/// A key as everybody but citadel has it. Whoever has it made keeps `sealed`; it opens in citadel
/// alone, and for its purpose alone.
struct HeldKey {
    std::string id;  ///< made of purpose and public key
    KeyPurpose purpose = KeyPurpose::receipt;
    std::string public_key;  ///< hex: 32 bytes of Ed25519; 65 of secp256k1, SEC 1 uncompressed
    std::string address;     ///< Ethereum's, of secp256k1; else empty
    std::string sealed;      ///< `nil:...`
};

/// What everybody may know of a key.
struct PublicKeyRecord {
    std::string id;
    std::string public_key;  ///< hex
    base::Timestamp created_at{};
    std::optional<base::Timestamp> retired_at;
};

struct StatementItem {
    std::string id;  ///< of the item, to tell answers apart
    std::string sealed_key;
    KeyPurpose purpose = KeyPurpose::receipt;
    base::Json statement;  ///< typed: docs/receipts.md, src/citadel/README.md
};

struct StatementSignature {
    std::string key_id;
    std::string signature;        ///< hex: 64 bytes of Ed25519; "0x" and r, s, v of secp256k1
    std::string raw_transaction;  ///< "0x...", to be sent as it is; else empty
};

/// Signatures by keys that citadel holds, over bytes that citadel makes of typed statements.
class StatementSigner {
public:
    static constexpr std::size_t max_batch = 1'000;
    virtual ~StatementSigner() = default;
    /// A new key. The caller keeps it: citadel does not.
    [[nodiscard]] virtual base::Task<base::Result<HeldKey>> make_key(KeyPurpose purpose) = 0;
    /// An answer for each, in their order. At most `max_batch`.
    [[nodiscard]] virtual base::Task<base::Result<std::vector<base::Result<StatementSignature>>>>
    sign_statements(std::vector<StatementItem> items) = 0;
};

}  // namespace obscura::ports
