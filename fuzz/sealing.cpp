// Sealed credentials: bodies of /open-sealed, and what is inside a seal. Whatever a client sends,
// what opens is exactly what was sealed for that connection.
#include "base/json.hpp"
#include "citadel/seal_content.hpp"
#include "citadel/seal_opener.hpp"
#include "citadel/seal_request.hpp"
#include "crypto/base64.hpp"
#include "crypto/hpke.hpp"
#include "fuzz/problem.hpp"
#include "fuzz/target.hpp"
#include "ports/key_vault.hpp"

#include <algorithm>
#include <string>

namespace obscura::fuzz {
namespace {

using citadel::Keyring;

struct Citadel {
    base::ManualClock clock{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random{1};
    Keyring ring{keys(), random};
    citadel::SealingKeys sealing{clock, random, {}};
    citadel::SealOpener opener{ring, sealing};

    static Keyring::Keys keys() {
        Keyring::Keys out;
        out[0] = base::Secret(std::string(32, '1'));
        return out;
    }
};

/// What is read is written and reads as itself; what is refused names its fields. Nothing opens:
/// the key is not one that the input could know.
void must_read(Citadel& citadel, std::string_view input) {
    auto const json = base::parse_json(input);
    if (!json) return;
    auto const request = citadel::seal_request_from_json(*json);
    if (!request) return must_be_told(request.error());
    auto const again = ports::sealed_credential_from_json(to_json(request->sealed), "");
    must(again && again->binding == request->sealed.binding && again->enc == request->sealed.enc &&
             again->ciphertext == request->sealed.ciphertext,
         "a seal is written as it was read");
    auto const opened = citadel.opener.open(request->connection, request->sealed);
    must(!opened, "nobody guesses a seal");
    must(opened.error().code == base::Errc::invalid_argument, "what does not open is refused");
    must(!opened.error().detail.empty(), "a refusal says what to change");
}

bool is_told(base::Error const& error, std::string_view secret) {
    if (error.detail.find(secret) != std::string::npos) return true;
    return std::ranges::any_of(error.fields, [&](base::FieldError const& field) {
        return field.pointer.find(secret) != std::string::npos ||
               field.detail.find(secret) != std::string::npos;
    });
}

/// `content` sealed as a client would: it is refused, and then without showing anything of it, or
/// each of its fields opens under the connection's context and no other.
void must_open(Citadel& citadel, std::string_view content, unsigned choice) {
    auto const key = citadel.sealing.current();
    ports::ConnectionRecord const connection{.venue = "binance"};
    ports::SealBinding const binding{.key_id = key.id, .venue = "binance"};
    crypto::X25519PublicKey receiver{};
    std::ranges::copy(crypto::base64url_decode(key.public_key).value(), receiver.begin());
    auto const info = ports::seal_info(binding);
    auto const message = crypto::hpke_seal(receiver, crypto::as_bytes(info), {},
                                           crypto::as_bytes(content), citadel.random)
                             .value();
    ports::SealedCredential sealed{.binding = binding,
                                   .enc = crypto::base64url_encode(message.enc),
                                   .ciphertext = crypto::base64url_encode(message.sealed)};
    auto const read = citadel::SealContent::from_plaintext(base::Secret(content));
    auto const opened = citadel.opener.open(connection, sealed);
    if (!opened) {
        must(!is_told(opened.error(), "S3CR3T"), "a refusal shows nothing of the content");
        return;
    }
    must(read.has_value(), "what opens is well-formed");
    must(read->binding.venue == "binance" && read->binding.user == connection.user,
         "what opens was sealed for this connection");
    auto const context = ports::context_of(connection);
    for (auto const& [name, text] : *opened) {
        must(name == "limits" || read->credentials.contains(name), "no field is made up");
        must(!citadel.ring.record(context + ".").decrypt(text, name), "no field opens elsewhere");
        auto record = citadel.ring.record(context);
        must(!record.decrypt(text, name + "."), "no field opens as another");
        bool const is_limited = opened->contains("limits") && name != "limits";
        must(record.decrypt(text, name).has_value() != is_limited,
             "fields with limits do not open without them");
    }
    auto& letter = sealed.ciphertext[choice % sealed.ciphertext.size()];
    letter = letter == 'A' ? 'B' : 'A';
    must(!citadel.opener.open(connection, sealed), "what was altered does not open");
}

}  // namespace

/// A byte that chooses a letter to alter, and a body of /open-sealed or the content of a seal (of
/// nobody's, on paper, to follow).
void try_input(std::string_view input) {
    static Citadel citadel;
    auto const [choice, rest] = choice_and_rest(input);
    must_read(citadel, rest);
    must_open(citadel, rest, choice);
}

}  // namespace obscura::fuzz
