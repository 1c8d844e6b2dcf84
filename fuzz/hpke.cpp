// HPKE messages: what was sealed to a key opens with it, and nothing else does.
#include "crypto/hpke.hpp"
#include "fuzz/target.hpp"

#include <string>

namespace obscura::fuzz {
namespace {

using crypto::as_bytes;
using crypto::Bytes;

crypto::X25519PrivateKey const& receiver() {
    static auto const key = crypto::dhkem_derive_key(as_bytes(std::string(32, '1'))).value();
    return key;
}

/// The input as an encapsulated key and what it was sent with, cut where it says.
void must_refuse(Bytes info, Bytes message, std::size_t cut) {
    auto const enc = message.first(std::min(cut, message.size()));
    auto const opened = crypto::hpke_open(enc, receiver(), info, {}, message.subspan(enc.size()));
    must(!opened, "nobody guesses a sealed message");
    must(opened.error().code == base::Errc::invalid_argument, "what does not open is refused");
    auto const& reason = opened.error().reason;
    must(reason == "invalid_key" || reason == "decryption_failed", "a refusal has a known reason");
    must(enc.size() == 32 || reason == "invalid_key", "an encapsulated key has 32 bytes");
}

void must_seal(Bytes info, Bytes plaintext, unsigned choice) {
    static base::SeededRandom random{1};
    auto message =
        crypto::hpke_seal(receiver().public_key(), info, info, plaintext, random).value();
    auto const opened = crypto::hpke_open(message.enc, receiver(), info, info, message.sealed);
    must(opened && opened->reveal() == crypto::as_text(plaintext), "what was sealed opens");
    auto const bit = static_cast<std::uint8_t>(1U << choice % 8);
    auto enc = message.enc;
    enc[choice % enc.size()] ^= bit;
    must(!crypto::hpke_open(enc, receiver(), info, info, message.sealed),
         "another encapsulated key does not open it");
    message.sealed[choice % message.sealed.size()] ^= bit;
    must(!crypto::hpke_open(message.enc, receiver(), info, info, message.sealed),
         "what was altered does not open");
}

}  // namespace

/// A byte that chooses where to cut and a bit to alter, `info`, and below it a message, which
/// serves as a plaintext too.
void try_input(std::string_view input) {
    auto [choice, rest] = choice_and_rest(input);
    auto const info = take_line(rest);
    must_refuse(as_bytes(info), as_bytes(rest), choice);
    must_seal(as_bytes(info), as_bytes(rest), choice);
}

}  // namespace obscura::fuzz
