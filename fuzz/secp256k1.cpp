// Addresses, public keys and signatures of Ethereum-like chains.
#include "crypto/secp256k1.hpp"
#include "fuzz/target.hpp"

#include <string>

namespace obscura::fuzz {
namespace {

using namespace crypto;

void must_read_address(std::string_view text) {
    auto const address = EthereumAddress::parse(text);
    if (!address) return;
    must(text.size() == 42, "an address has 42 characters");
    must(EthereumAddress::parse(address->to_string()) == *address, "an address prints to itself");
}

void must_read_key(Bytes raw) {
    auto const key = Secp256k1PublicKey::from_bytes(raw);
    if (!key) {
        must(key.error().reason == "invalid_key", "a refusal has a known reason");
        return;
    }
    must(Secp256k1PublicKey::from_bytes(key->bytes()) == *key, "a key reads as itself");
    must(raw.size() == 33 || as_text(raw) == as_text(key->bytes()), "a key has one long form");
}

/// 32 bytes of r, 32 of s, one of v, and the message.
void must_recover(Bytes input) {
    if (input.size() < 65) return;
    Secp256k1Signature signature{.v = input[64]};
    std::ranges::copy(input.first(32), signature.r.begin());
    std::ranges::copy(input.subspan(32, 32), signature.s.begin());
    auto const digest = sha256(input.subspan(65));
    auto const signer = Secp256k1PublicKey::recover(digest, signature);
    if (!signer) {
        must(signer.error().reason == "invalid_signature", "a refusal has a known reason");
        return;
    }
    must(signer->verify(digest, signature), "who is recovered has signed");
    auto other = digest;
    other[0] ^= 1U;
    must(!signer->verify(other, signature), "a signature is good for one digest");
}

}  // namespace

/// A byte that chooses what the rest is taken for.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    switch (choice % 3) {
        case 0:
            return must_read_address(rest);
        case 1:
            return must_read_key(as_bytes(rest));
        default:
            return must_recover(as_bytes(rest));
    }
}

}  // namespace obscura::fuzz
