#include "crypto/rsa.hpp"

#include "crypto/detail/openssl.hpp"

#include <openssl/pem.h>

namespace obscura::crypto {
namespace {

/// Of 4096 bits it is some 3,300 bytes; the rest is room for comments around it.
constexpr std::size_t longest_pem = 8192;
constexpr int fewest_bits = 2048;
constexpr int most_bits = 4096;

std::unexpected<base::Error> bad_rsa_key(char const* detail) {
    ERR_clear_error();
    return base::fail(base::Errc::invalid_argument, "invalid_key", detail);
}

/// Encrypted keys are refused; without this OpenSSL would ask on the terminal.
int asks_nobody(char*, int, int, void*) { return -1; }

}  // namespace

struct RsaPrivateKey::State {
    detail::Key key;
};

RsaPrivateKey::RsaPrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
RsaPrivateKey::~RsaPrivateKey() = default;
RsaPrivateKey::RsaPrivateKey(RsaPrivateKey&&) noexcept = default;
RsaPrivateKey& RsaPrivateKey::operator=(RsaPrivateKey&&) noexcept = default;

base::Result<RsaPrivateKey> RsaPrivateKey::from_pem(std::string_view pem) {
    if (pem.size() > longest_pem) return bad_rsa_key("The PEM text is too long.");
    detail::Bio const bio{
        detail::check(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), "BIO")};
    detail::Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, asks_nobody, nullptr)};
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA)
        return bad_rsa_key("Not an unencrypted RSA private key in PEM.");
    auto const bits = EVP_PKEY_get_bits(key.get());
    if (bits < fewest_bits || bits > most_bits)
        return bad_rsa_key("An RSA key must have 2048 to 4096 bits.");
    return RsaPrivateKey(std::make_unique<State>(std::move(key)));
}

std::vector<std::uint8_t> RsaPrivateKey::sign(Bytes message) const {
    detail::DigestContext const context{detail::check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")};
    detail::check(
        EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, state_->key.get()),
        "RSA");
    std::size_t size = 0;
    detail::check(EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()),
                  "RSA");
    std::vector<std::uint8_t> out(size);
    detail::check(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()),
                  "RSA");
    out.resize(size);
    return out;
}

}  // namespace obscura::crypto
