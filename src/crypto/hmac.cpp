#include "crypto/hmac.hpp"

#include "crypto/detail/openssl.hpp"
#include "crypto/hex.hpp"

#include <openssl/core_names.h>
#include <openssl/params.h>

namespace obscura::crypto {
namespace {

detail::MacContext make_context(char const* name) {
    auto* const mac = detail::check(EVP_MAC_fetch(nullptr, "HMAC", nullptr), "fetch HMAC");
    detail::MacContext context{EVP_MAC_CTX_new(mac)};
    EVP_MAC_free(mac);  // the context holds its own reference
    detail::check(context.get(), "EVP_MAC_CTX_new");
    std::string digest = name;
    OSSL_PARAM const parameters[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    detail::check(EVP_MAC_CTX_set_params(context.get(), parameters), name);
    return context;
}

void set_key(EVP_MAC_CTX* context, Bytes key) {
    // A null pointer would mean "the key of last time".
    static constexpr std::uint8_t empty = 0;
    auto const* data = key.empty() ? &empty : key.data();
    detail::check(EVP_MAC_init(context, data, key.size(), nullptr), "HMAC key");
}

template <std::size_t Size>
std::array<std::uint8_t, Size> compute(EVP_MAC_CTX* context, Bytes key, Bytes message) {
    static constexpr std::array<std::uint8_t, 32> no_key{};
    std::array<std::uint8_t, Size> out{};
    std::size_t size = 0;
    set_key(context, key);
    detail::check(EVP_MAC_update(context, message.data(), message.size()), "HMAC");
    detail::check(EVP_MAC_final(context, out.data(), &size, out.size()), "HMAC");
    set_key(context, no_key);  // overwrites what was derived from the key
    return out;
}

}  // namespace

// One context a thread: making one costs several times the hashing of a short message.
Digest hmac_sha256(Bytes key, Bytes message) {
    thread_local detail::MacContext const context = make_context("SHA256");
    return compute<32>(context.get(), key, message);
}

std::string hmac_sha512_hex(std::string_view key, std::string_view message) {
    thread_local detail::MacContext const context = make_context("SHA512");
    return hex_encode(compute<64>(context.get(), as_bytes(key), as_bytes(message)));
}

Digest hmac_sha256(std::string_view key, std::string_view message) {
    return hmac_sha256(as_bytes(key), as_bytes(message));
}

std::string hmac_sha256_hex(std::string_view key, std::string_view message) {
    return hex_encode(hmac_sha256(key, message));
}

}  // namespace obscura::crypto
