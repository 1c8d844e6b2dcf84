// `nil:` payloads: what citadel sealed opens to itself, and nothing else opens.
#include "citadel/keyring.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace obscura::fuzz {
namespace {

using citadel::Keyring;

constexpr std::array<std::string_view, 4> refusals{"unsupported_ciphertext", "invalid_ciphertext",
                                                   "unknown_key_version", "decryption_failed"};

/// Versions 1 and 2, of keys that the corpus was sealed with.
Keyring::Keys keys() {
    Keyring::Keys out;
    out[0] = base::Secret(std::string(32, '1'));
    out[1] = base::Secret(std::string(32, '2'));
    return out;
}

void must_open(Keyring& ring, std::string_view sealed, std::string_view context) {
    auto const opened = ring.decrypt(sealed, context);
    if (opened) {
        must(sealed.starts_with("nil:"), "what opens is of our form");
        auto const other = std::string(context) + ".";
        must(!ring.decrypt(sealed, other), "no ciphertext opens under two contexts");
        return;
    }
    must(opened.error().code == base::Errc::invalid_argument, "what does not open is refused");
    must(std::ranges::count(refusals, opened.error().reason) == 1, "a refusal has a known reason");
    must(!opened.error().detail.empty(), "a refusal says what to change");
}

void must_seal(Keyring& ring, std::string_view plaintext, std::string_view context,
               unsigned choice) {
    auto record = ring.record(context);
    auto sealed = record.encrypt(plaintext, "field");
    auto const opened = record.decrypt(sealed, "field");
    must(opened && opened->reveal() == plaintext, "what was sealed opens to itself");
    must(context.empty() || !record.decrypt(sealed, "other"), "no field opens as another");
    auto& letter = sealed[choice % sealed.size()];
    letter = letter == 'A' ? 'B' : 'A';
    must(!record.decrypt(sealed, "field"), "what was altered does not open");
}

}  // namespace

/// A byte that chooses a letter to alter, the context, and below it a payload, which serves as a
/// plaintext too.
void try_input(std::string_view input) {
    static base::SeededRandom random{1};
    static Keyring ring(keys(), random);
    auto [choice, rest] = choice_and_rest(input);
    auto const context = take_line(rest);
    must_open(ring, rest, context);
    must_seal(ring, rest, context, choice);
}

}  // namespace obscura::fuzz
