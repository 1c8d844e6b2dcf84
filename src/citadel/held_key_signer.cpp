#include "citadel/held_key_signer.hpp"

#include "crypto/hex.hpp"
#include "crypto/jws.hpp"
#include "model/access_token.hpp"
#include "model/receipt.hpp"

namespace obscura::citadel {
namespace {

using crypto::EthereumAddress;
using ports::KeyPurpose;
using ports::StatementItem;

/// Clocks of the gateway and of citadel may differ by that.
constexpr auto token_clock_error = std::chrono::minutes(2);

std::string hex(crypto::Bytes bytes) { return "0x" + crypto::hex_encode(bytes); }

/// r, s, v: as Solidity's ecrecover is given them.
std::string ethereum_text(crypto::Secp256k1Signature const& signature) {
    std::array<std::uint8_t, 65> bytes{};
    std::ranges::copy(signature.s, std::ranges::copy(signature.r, bytes.begin()).out);
    bytes.back() = signature.v;
    return hex(bytes);
}

std::unexpected<base::Error> not_configured() {
    return base::fail(base::Errc::invalid_argument, "chain_not_configured",
                      "Nothing is signed for a chain until citadel's chain.* is set.");
}

}  // namespace

HeldKeySigner::HeldKeySigner(HeldKeys& keys, ChainRules rules, base::Clock const& clock)
    : keys_(keys),
      rules_(std::move(rules)),
      clock_(clock),
      cadence_({.interval =
                    std::chrono::duration_cast<std::chrono::seconds>(rules_.checkpoint_interval)}) {
}

base::Result<OpenedKey const*> HeldKeySigner::open(StatementItem const& item, Opened& opened) {
    std::pair const name(item.purpose, item.sealed_key);
    auto found = opened.find(name);
    if (found == opened.end()) {
        auto key = keys_.open(item.sealed_key, item.purpose);
        if (!key) return std::unexpected(key.error());
        found = opened.emplace(name, std::move(*key)).first;
    }
    return &found->second;
}

HeldKeySigner::Signed HeldKeySigner::sign(Caller const& caller, StatementItem const& item,
                                          Opened& opened) {
    if (!caller.may_hold_key(item.purpose))
        return base::fail(base::Errc::forbidden, "purpose_not_allowed",
                          "This caller has nothing of this purpose signed.");
    switch (item.purpose) {
        case KeyPurpose::receipt:
            return sign_receipt(item, opened);
        case KeyPurpose::notary:
            return sign_checkpoint(item, opened);
        case KeyPurpose::chain_transaction:
            return sign_transaction(item, opened);
        case KeyPurpose::access_token:
            return sign_access_token(item, opened);
    }
    std::unreachable();
}

HeldKeySigner::Signed HeldKeySigner::sign_receipt(StatementItem const& item, Opened& opened) {
    auto const text = model::receipt_text(item.statement);
    if (!text) return std::unexpected(text.error());
    auto const key = open(item, opened);
    if (!key) return std::unexpected(key.error());
    auto const signature = std::get<crypto::Ed25519PrivateKey>((*key)->key).sign(*text);
    return ports::StatementSignature{
        .key_id = (*key)->id, .signature = crypto::hex_encode(signature), .raw_transaction = {}};
}

HeldKeySigner::Signed HeldKeySigner::sign_access_token(StatementItem const& item, Opened& opened) {
    auto const token = model::access_token_from_json(item.statement);
    if (!token) return std::unexpected(token.error());
    // Neither for a day that is to come nor for one that is over: a gateway gone bad can sign what
    // it likes while it is there, and nothing for later.
    auto const now = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch();
    if (std::chrono::abs(token->issued - now) > token_clock_error)
        return std::unexpected(
            base::field_error("/iat", "not_now", "Must be the time that it is."));
    auto const key = open(item, opened);
    if (!key) return std::unexpected(key.error());
    auto const& private_key = std::get<crypto::Ed25519PrivateKey>((*key)->key);
    auto const key_id = crypto::jwk_thumbprint(private_key.public_key());
    auto const signature =
        private_key.sign(crypto::jwt_signing_input(key_id, model::payload_of(*token)));
    return ports::StatementSignature{
        .key_id = (*key)->id, .signature = crypto::hex_encode(signature), .raw_transaction = {}};
}

HeldKeySigner::Signed HeldKeySigner::sign_checkpoint(StatementItem const& item, Opened& opened) {
    auto const registry = EthereumAddress::parse(rules_.registry);
    if (rules_.chain_id == 0 || !registry) return not_configured();
    base::ObjectReader in(item.statement);
    auto const checkpoint = read_checkpoint(in);
    (void)in.integer("chain_id", {.min = rules_.chain_id, .max = rules_.chain_id});
    if (auto const named = in.text("registry"); EthereumAddress::parse(named) != registry)
        in.add_error("registry", "wrong_registry", "Must be citadel's chain.registry.");
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    auto const key = open(item, opened);
    if (!key) return std::unexpected(key.error());
    if (auto const good = cadence_.admit(checkpoint, clock_.now()); !good)
        return std::unexpected(good.error());
    auto const domain = checkpoint_domain(static_cast<std::uint64_t>(rules_.chain_id), *registry);
    auto const signature = std::get<crypto::Secp256k1PrivateKey>((*key)->key)
                               .sign(crypto::eip712_digest(domain, checkpoint.hash()));
    return ports::StatementSignature{
        .key_id = (*key)->id, .signature = ethereum_text(signature), .raw_transaction = {}};
}

HeldKeySigner::Signed HeldKeySigner::sign_transaction(StatementItem const& item, Opened& opened) {
    if (rules_.chain_id == 0) return not_configured();
    base::ObjectReader in(item.statement);
    auto const transaction = read_chain_transaction(in, rules_);
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    auto const key = open(item, opened);
    if (!key) return std::unexpected(key.error());
    auto const signature =
        std::get<crypto::Secp256k1PrivateKey>((*key)->key).sign(transaction.signing_hash());
    return ports::StatementSignature{.key_id = (*key)->id,
                                     .signature = ethereum_text(signature),
                                     .raw_transaction = hex(transaction.encode(signature))};
}

}  // namespace obscura::citadel
