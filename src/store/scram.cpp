#include "store/detail/scram.hpp"

#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <stdexcept>

namespace obscura::store {

std::string scram_verifier(base::Secret const& password, crypto::Bytes salt) {
    constexpr int iterations = 4096;
    auto const text = password.reveal();
    if (text.empty() || !std::ranges::all_of(text, [](char c) { return c >= ' ' && c <= '~'; })) {
        throw std::invalid_argument("a role's password must be printable ASCII");
    }
    auto salted = base::Secret::zeroed(32);
    if (PKCS5_PBKDF2_HMAC(text.data(), static_cast<int>(text.size()), salt.data(),
                          static_cast<int>(salt.size()), iterations, EVP_sha256(),
                          static_cast<int>(salted.size()), salted.mutable_bytes().data()) != 1) {
        throw std::runtime_error("PBKDF2 failed");
    }
    auto client_key = crypto::hmac_sha256(salted.bytes(), crypto::as_bytes("Client Key"));
    auto const stored_key = crypto::sha256(client_key);
    auto const server_key = crypto::hmac_sha256(salted.bytes(), crypto::as_bytes("Server Key"));
    base::cleanse(client_key.data(), client_key.size());
    return "SCRAM-SHA-256$" + std::to_string(iterations) + ":" + crypto::base64_encode(salt) + "$" +
           crypto::base64_encode(stored_key) + ":" + crypto::base64_encode(server_key);
}

}  // namespace obscura::store
