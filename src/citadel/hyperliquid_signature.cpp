// Hyperliquid's L1 actions: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/signing.
#include "citadel/hyperliquid_signature.hpp"

#include "citadel/msgpack.hpp"
#include "crypto/eip712.hpp"
#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"

namespace obscura::citadel {
namespace {

using base::Json;

void append_big_endian(std::vector<std::uint8_t>& out, std::uint64_t value) {
    for (int shift = 56; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(value >> shift));
}

/// The venue asks for lower case.
std::string lower_hex(crypto::Bytes bytes) { return "0x" + crypto::hex_encode(bytes); }

Json to_json(crypto::Secp256k1Signature const& signature) {
    return Json::object(
        {{"r", lower_hex(signature.r)}, {"s", lower_hex(signature.s)}, {"v", int{signature.v}}});
}

}  // namespace

crypto::Digest hyperliquid_action_hash(Json const& action, std::uint64_t nonce,
                                       std::optional<crypto::EthereumAddress> const& vault,
                                       std::optional<std::uint64_t> expires_after) {
    auto message = msgpack(action);
    append_big_endian(message, nonce);
    message.push_back(vault ? 1 : 0);
    if (vault) message.insert(message.end(), vault->bytes.begin(), vault->bytes.end());
    if (expires_after) {
        message.push_back(0);
        append_big_endian(message, *expires_after);
    }
    return crypto::keccak256(message);
}

crypto::Digest hyperliquid_digest(HyperliquidChain chain, crypto::Digest const& action_hash) {
    // The chain id and the empty contract are the same on both chains: the source tells them apart.
    static constexpr crypto::Eip712Domain domain{
        .name = "Exchange", .version = "1", .chain_id = 1337};
    auto const agent = crypto::Eip712Struct("Agent(string source,bytes32 connectionId)")
                           .text(chain == HyperliquidChain::mainnet ? "a" : "b")
                           .word(action_hash)
                           .hash();
    return crypto::eip712_digest(domain, agent);
}

ports::SignedRequest hyperliquid_request(HyperliquidEndpoint const& endpoint,
                                         crypto::Secp256k1PrivateKey const& key, Json action,
                                         HyperliquidTerms const& terms) {
    auto const expires_ms = base::to_unix_ms(terms.not_after);
    auto const expires_after = static_cast<std::uint64_t>(expires_ms);
    auto const hash = hyperliquid_action_hash(action, terms.nonce, terms.vault, expires_after);
    auto const signature = key.sign(hyperliquid_digest(endpoint.chain, hash));
    auto const body =
        Json::object({{"action", std::move(action)},
                      {"nonce", terms.nonce},
                      {"signature", to_json(signature)},
                      {"vaultAddress", terms.vault ? Json(lower_hex(terms.vault->bytes)) : Json()},
                      {"expiresAfter", expires_after}});
    return ports::SignedRequest{.method = "POST",
                                .url = endpoint.origin + "/exchange",
                                .headers = {{"Content-Type", "application/json"}},
                                .body = body.dump(),
                                .expires_at = base::from_unix_ms(expires_ms)};
}

}  // namespace obscura::citadel
