#include "crypto/ed25519.hpp"

#include "crypto/aead.hpp"
#include "crypto/detail/openssl.hpp"

#include <openssl/pem.h>

#include <climits>

namespace obscura::crypto {
namespace {

constexpr std::size_t key_size = 32;
/// A PEM of one key is some 120 bytes; the rest is room for comments around it.
constexpr std::size_t max_pem = 8192;

std::unexpected<base::Error> bad_key(char const* detail) {
    ERR_clear_error();
    return base::fail(base::Errc::invalid_argument, "invalid_key", detail);
}

detail::Bio read_only(std::string_view text) {
    return detail::Bio{
        detail::check(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), "BIO")};
}

/// Encrypted keys are refused; without this OpenSSL would ask on the terminal.
int no_passphrase(char*, int, int, void*) { return -1; }

}  // namespace

struct Ed25519PublicKey::State {
    detail::Key key;
};
struct Ed25519PrivateKey::State {
    detail::Key key;
};

Ed25519PublicKey::Ed25519PublicKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519PublicKey::~Ed25519PublicKey() = default;
Ed25519PublicKey::Ed25519PublicKey(Ed25519PublicKey&&) noexcept = default;
Ed25519PublicKey& Ed25519PublicKey::operator=(Ed25519PublicKey&&) noexcept = default;

base::Result<Ed25519PublicKey> Ed25519PublicKey::from_bytes(Bytes raw) {
    if (raw.size() != key_size) return bad_key("An Ed25519 public key has 32 bytes.");
    detail::Key key{EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, raw.data(), raw.size())};
    if (!key) return bad_key("Not an Ed25519 public key.");
    return Ed25519PublicKey(std::make_unique<State>(std::move(key)));
}

base::Result<Ed25519PublicKey> Ed25519PublicKey::from_pem(std::string_view pem) {
    if (pem.size() > max_pem) return bad_key("The PEM text is too long.");
    auto const bio = read_only(pem);
    detail::Key key{PEM_read_bio_PUBKEY(bio.get(), nullptr, no_passphrase, nullptr)};
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
        return bad_key("Not an Ed25519 public key in PEM.");
    }
    return Ed25519PublicKey(std::make_unique<State>(std::move(key)));
}

bool Ed25519PublicKey::verify(Bytes message, Bytes signature) const {
    detail::DigestContext const context{detail::check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")};
    detail::check(EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()),
                  "Ed25519");
    bool const good = EVP_DigestVerify(context.get(), signature.data(), signature.size(),
                                       message.data(), message.size()) == 1;
    if (!good) ERR_clear_error();
    return good;
}

std::array<std::uint8_t, 32> Ed25519PublicKey::bytes() const {
    std::array<std::uint8_t, 32> out{};
    auto size = out.size();
    detail::check(EVP_PKEY_get_raw_public_key(state_->key.get(), out.data(), &size), "public key");
    return out;
}

std::string Ed25519PublicKey::pem() const {
    detail::Bio const bio{detail::check(BIO_new(BIO_s_mem()), "BIO")};
    detail::check(PEM_write_bio_PUBKEY(bio.get(), state_->key.get()), "PEM");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return {data, static_cast<std::size_t>(size)};
}

Ed25519PrivateKey::Ed25519PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
Ed25519PrivateKey::~Ed25519PrivateKey() = default;
Ed25519PrivateKey::Ed25519PrivateKey(Ed25519PrivateKey&&) noexcept = default;
Ed25519PrivateKey& Ed25519PrivateKey::operator=(Ed25519PrivateKey&&) noexcept = default;

Ed25519PrivateKey Ed25519PrivateKey::generate(base::Random& random) {
    auto const seed = random_key(random, key_size);
    auto key = from_seed(seed.bytes());
    if (!key) detail::broken("Ed25519 key");  // every 32 bytes are a seed
    return std::move(*key);
}

base::Result<Ed25519PrivateKey> Ed25519PrivateKey::from_seed(Bytes seed) {
    if (seed.size() != key_size) return bad_key("An Ed25519 seed has 32 bytes.");
    detail::Key key{
        EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size())};
    if (!key) return bad_key("Not an Ed25519 seed.");
    return Ed25519PrivateKey(std::make_unique<State>(std::move(key)));
}

base::Result<Ed25519PrivateKey> Ed25519PrivateKey::from_pem(std::string_view pem) {
    if (pem.size() > max_pem) return bad_key("The PEM text is too long.");
    auto const bio = read_only(pem);
    detail::Key key{PEM_read_bio_PrivateKey(bio.get(), nullptr, no_passphrase, nullptr)};
    if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_ED25519) {
        return bad_key("Not an unencrypted Ed25519 private key in PEM.");
    }
    return Ed25519PrivateKey(std::make_unique<State>(std::move(key)));
}

Ed25519Signature Ed25519PrivateKey::sign(Bytes message) const {
    detail::DigestContext const context{detail::check(EVP_MD_CTX_new(), "EVP_MD_CTX_new")};
    detail::check(EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, state_->key.get()),
                  "Ed25519");
    Ed25519Signature out{};
    auto size = out.size();
    detail::check(EVP_DigestSign(context.get(), out.data(), &size, message.data(), message.size()),
                  "Ed25519");
    return out;
}

Ed25519PublicKey Ed25519PrivateKey::public_key() const {
    std::array<std::uint8_t, 32> raw{};
    auto size = raw.size();
    detail::check(EVP_PKEY_get_raw_public_key(state_->key.get(), raw.data(), &size), "public key");
    auto key = Ed25519PublicKey::from_bytes(raw);
    if (!key) detail::broken("public key");
    return std::move(*key);
}

base::Secret Ed25519PrivateKey::seed() const {
    auto out = base::Secret::zeroed(key_size);
    auto size = out.size();
    detail::check(
        EVP_PKEY_get_raw_private_key(state_->key.get(), out.mutable_bytes().data(), &size), "seed");
    return out;
}

base::Secret Ed25519PrivateKey::pem() const {
    detail::Bio const bio{detail::check(BIO_new(BIO_s_secmem()), "BIO")};
    detail::check(PEM_write_bio_PKCS8PrivateKey(bio.get(), state_->key.get(), nullptr, nullptr, 0,
                                                nullptr, nullptr),
                  "PEM");
    char* data = nullptr;
    auto const size = BIO_get_mem_data(bio.get(), &data);
    return base::Secret(std::string_view(data, static_cast<std::size_t>(size)));
}

}  // namespace obscura::crypto
