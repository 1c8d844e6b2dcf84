// hpke_peer seal|open: our side of hpke_test.mjs. Reads one JSON object from standard input and
// answers with one; every value in it is hex. A key is named by what it is derived from.
#include "base/json.hpp"
#include "crypto/hex.hpp"
#include "crypto/hpke.hpp"

#include <fmt/format.h>

#include <iostream>
#include <iterator>
#include <stdexcept>

namespace {

using namespace obscura;
using crypto::hex_encode;

std::vector<std::uint8_t> bytes_of(base::Json const& object, std::string_view field) {
    auto const bytes = crypto::hex_decode(object[field].as_string());
    if (!bytes) throw std::invalid_argument(std::string(field) + ": not hex");
    return *bytes;
}

/// The context's messages in order, and 32 bytes exported from it.
base::Json seal(base::Json const& request) {
    base::SystemRandom random;
    crypto::X25519PublicKey receiver{};
    if (!crypto::hex_decode_into(request["receiver"].as_string(), receiver))
        throw std::invalid_argument("receiver: not 32 bytes");
    auto sender = crypto::HpkeSender::to(receiver, bytes_of(request, "info"), random).value();
    auto sealed = base::Json::array();
    for (auto const& message : request["messages"].as_array()) {
        sealed.push_back(
            hex_encode(sender.seal(bytes_of(message, "aad"), bytes_of(message, "plaintext"))));
    }
    auto const exported = sender.export_secret(crypto::as_bytes("interop"), 32);
    return base::Json::object({{"enc", hex_encode(sender.enc())},
                               {"sealed", std::move(sealed)},
                               {"exported", hex_encode(exported.bytes())}});
}

/// What each message opens to; null for one that does not.
base::Json open(base::Json const& request) {
    auto const key = crypto::dhkem_derive_key(bytes_of(request, "ikm")).value();
    auto receiver =
        crypto::HpkeReceiver::from(bytes_of(request, "enc"), key, bytes_of(request, "info"))
            .value();
    auto opened = base::Json::array();
    for (auto const& message : request["messages"].as_array()) {
        auto const plaintext = receiver.open(bytes_of(message, "aad"), bytes_of(message, "sealed"));
        opened.push_back(plaintext ? base::Json(hex_encode(plaintext->bytes())) : base::Json());
    }
    auto const exported = receiver.export_secret(crypto::as_bytes("interop"), 32);
    return base::Json::object({{"public", hex_encode(key.public_key())},
                               {"opened", std::move(opened)},
                               {"exported", hex_encode(exported.bytes())}});
}

}  // namespace

int main(int argc, char** argv) {
    try {
        std::string_view const what = argc == 2 ? argv[1] : "";
        if (what != "seal" && what != "open") throw std::invalid_argument("hpke_peer seal|open");
        std::string const text(std::istreambuf_iterator<char>(std::cin), {});
        auto const request = base::parse_json(text).value();
        fmt::print("{}\n", (what == "seal" ? seal(request) : open(request)).dump());
        return 0;
    } catch (std::exception const& error) {
        fmt::print(stderr, "{}\n", error.what());
        return 1;
    }
}
