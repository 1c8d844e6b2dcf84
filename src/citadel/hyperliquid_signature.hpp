#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "crypto/secp256k1.hpp"
#include "ports/signer.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace obscura::citadel {

/// Which of the venue's chains: a signature for one is worth nothing on the other.
enum class HyperliquidChain { mainnet, testnet };

/// Where a chain of the venue is.
struct HyperliquidEndpoint {
    std::string origin;  ///< "https://api.hyperliquid.xyz:443"
    HyperliquidChain chain = HyperliquidChain::testnet;
};

/// What is signed beside the action.
struct HyperliquidTerms {
    /// Unix ms about now, and never twice for one key: the venue takes it once.
    std::uint64_t nonce = 0;
    /// The venue must refuse the action after this, to the millisecond.
    base::Timestamp not_after{};
    /// The sub-account or vault that is traded; without it the account that the key stands for.
    std::optional<crypto::EthereumAddress> vault;
};

/// The hash that the venue knows an action by. `expires_after` is in unix ms; the venue takes
/// actions without one too, we sign none.
[[nodiscard]] crypto::Digest hyperliquid_action_hash(
    base::Json const& action, std::uint64_t nonce,
    std::optional<crypto::EthereumAddress> const& vault,
    std::optional<std::uint64_t> expires_after);
/// What a key signs for it: the EIP-712 digest of an "Agent" in the domain "Exchange".
[[nodiscard]] crypto::Digest hyperliquid_digest(HyperliquidChain chain,
                                                crypto::Digest const& action_hash);

/// The POST that has `action` done.
[[nodiscard]] ports::SignedRequest hyperliquid_request(HyperliquidEndpoint const& endpoint,
                                                       crypto::Secp256k1PrivateKey const& key,
                                                       base::Json action,
                                                       HyperliquidTerms const& terms);

}  // namespace obscura::citadel
