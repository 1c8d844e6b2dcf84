#pragma once

#include "crypto/hash.hpp"
#include "model/trade.hpp"

namespace obscura::store {

/// The arrival chain of an account's fills: link n is
/// SHA-256(link n-1 || canonical JSON of trade n), so that a trade can be neither changed, taken
/// out nor slipped in later without every following link telling. The canonical JSON is
/// `model::to_json` with sorted keys.
///
/// The first link follows SHA-256("obscura.trade-chain.v1:" + connection id): two accounts never
/// share a chain.
[[nodiscard]] crypto::Digest chain_start(model::ConnectionId connection);
[[nodiscard]] crypto::Digest chain_link(crypto::Digest const& previous, model::Trade const& trade);

}  // namespace obscura::store
