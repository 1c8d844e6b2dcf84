#pragma once

#include "base/decode.hpp"
#include "crypto/ethereum_address.hpp"
#include "crypto/secp256k1.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace obscura::citadel {

/// What may be signed for a chain. Without `chain_id` nothing is.
struct ChainRules {
    std::int64_t chain_id = 0;
    std::string registry;                ///< whose checkpoints the notary signs
    std::vector<std::string> contracts;  ///< that transactions may call
    std::int64_t max_fee_gwei = 500;     ///< for a unit of gas
    std::int64_t max_gas = 30'000'000;   ///< of a transaction
    std::chrono::milliseconds checkpoint_interval = std::chrono::hours(1);
};

/// A call of a contract (EIP-1559, type 2), without value and without an access list.
struct ChainTransaction {
    std::uint64_t chain_id = 0;
    std::uint64_t nonce = 0;
    std::uint64_t max_priority_fee_per_gas = 0;  ///< wei
    std::uint64_t max_fee_per_gas = 0;           ///< wei
    std::uint64_t gas_limit = 0;
    crypto::EthereumAddress to{};
    std::vector<std::uint8_t> data;

    /// What is signed.
    [[nodiscard]] crypto::Digest signing_hash() const;
    /// What a node takes.
    [[nodiscard]] std::vector<std::uint8_t> encode(crypto::Secp256k1Signature const& by) const;
};

/// Reads one and holds it to the rules: the chain, a contract of the list, no value, and what the
/// whole may cost.
[[nodiscard]] ChainTransaction read_chain_transaction(base::ObjectReader& in,
                                                      ChainRules const& rules);

}  // namespace obscura::citadel
