#include "crypto/jws.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"

namespace obscura::crypto {

std::string jwk_thumbprint(Ed25519PublicKey const& key) {
    auto const text =
        R"({"crv":"Ed25519","kty":"OKP","x":")" + base64url_encode(key.bytes()) + R"("})";
    return base64url_encode(sha256(text));
}

std::string jwt_signing_input(std::string_view key_id, std::string_view payload) {
    // A thumbprint is base64url: nothing in it needs an escape.
    auto const header = R"({"alg":"EdDSA","typ":"JWT","kid":")" + std::string(key_id) + R"("})";
    return base64url_encode(as_bytes(header)) + "." + base64url_encode(as_bytes(payload));
}

std::string jwt_of(std::string_view signing_input, Bytes signature) {
    return std::string(signing_input) + "." + base64url_encode(signature);
}

}  // namespace obscura::crypto
