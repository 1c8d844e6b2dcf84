#include "crypto/hash.hpp"

#include "crypto/detail/openssl.hpp"
#include "crypto/hex.hpp"

namespace obscura::crypto {
namespace {

/// Fetched once: a fetch by name costs more than hashing a short message.
EVP_MD const* algorithm() {
    static EVP_MD const* const fetched =
        detail::check(EVP_MD_fetch(nullptr, "SHA256", nullptr), "fetch SHA256");
    return fetched;
}

}  // namespace

Digest sha256(Bytes message) {
    Digest out{};
    detail::check(
        EVP_Digest(message.data(), message.size(), out.data(), nullptr, algorithm(), nullptr),
        "SHA256");
    return out;
}

Digest sha256(std::string_view message) { return sha256(as_bytes(message)); }

std::string sha256_hex(std::string_view message) { return hex_encode(sha256(message)); }

std::string sha512_hex(std::string_view message) {
    static EVP_MD const* const fetched =
        detail::check(EVP_MD_fetch(nullptr, "SHA512", nullptr), "fetch SHA512");
    std::array<std::uint8_t, 64> out{};
    detail::check(EVP_Digest(message.data(), message.size(), out.data(), nullptr, fetched, nullptr),
                  "SHA512");
    return hex_encode(out);
}

struct Sha256::State {
    detail::DigestContext context{detail::check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")};

    void start() {
        detail::check(EVP_DigestInit_ex(context.get(), algorithm(), nullptr), "start SHA256");
    }
};

Sha256::Sha256() : state_(std::make_unique<State>()) { state_->start(); }
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

Sha256& Sha256::update(Bytes piece) {
    detail::check(EVP_DigestUpdate(state_->context.get(), piece.data(), piece.size()), "SHA256");
    return *this;
}

Digest Sha256::finish() {
    Digest out{};
    detail::check(EVP_DigestFinal_ex(state_->context.get(), out.data(), nullptr), "SHA256");
    state_->start();
    return out;
}

}  // namespace obscura::crypto
