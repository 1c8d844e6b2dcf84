#include "crypto/aead.hpp"

#include "crypto/detail/openssl.hpp"

#include <algorithm>
#include <climits>
#include <stdexcept>

namespace obscura::crypto {
namespace {

EVP_CIPHER const* cipher_of(AeadAlgorithm algorithm) {
    static EVP_CIPHER const* const aes_256 =
        detail::check(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), "fetch AES-256-GCM");
    static EVP_CIPHER const* const aes_128 =
        detail::check(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), "fetch AES-128-GCM");
    return algorithm == AeadAlgorithm::aes_256_gcm ? aes_256 : aes_128;
}

/// OpenSSL counts in int.
int length_of(Bytes bytes) {
    if (bytes.size() > INT_MAX - 64) throw std::length_error("AES-GCM: message too long");
    return static_cast<int>(bytes.size());
}

detail::CipherContext make_context() {
    return detail::CipherContext{detail::check(EVP_CIPHER_CTX_new(), "EVP_CIPHER_CTX_new")};
}

}  // namespace

struct Aead::State {
    std::size_t key_size = 0;
    detail::CipherContext encrypt = make_context();
    detail::CipherContext decrypt = make_context();

    /// nullptr: the cipher of last time.
    void set_key(EVP_CIPHER const* cipher, base::Secret const& key) {
        if (key.size() != key_size)
            throw std::invalid_argument("AES-GCM: the key has another size than the algorithm's");
        auto const* bytes = key.bytes().data();
        detail::check(EVP_EncryptInit_ex2(encrypt.get(), cipher, bytes, nullptr, nullptr), "key");
        detail::check(EVP_DecryptInit_ex2(decrypt.get(), cipher, bytes, nullptr, nullptr), "key");
    }
};

Aead::Aead(base::Secret const& key, AeadAlgorithm algorithm)
    : state_(std::make_unique<State>(State{.key_size = key_size_of(algorithm)})) {
    state_->set_key(cipher_of(algorithm), key);
}

void Aead::rekey(base::Secret const& key) { state_->set_key(nullptr, key); }

Aead::~Aead() = default;
Aead::Aead(Aead&&) noexcept = default;
Aead& Aead::operator=(Aead&&) noexcept = default;

std::vector<std::uint8_t> Aead::seal(Nonce const& nonce, Bytes aad, Bytes plaintext) {
    auto* const context = state_->encrypt.get();
    std::vector<std::uint8_t> out(plaintext.size() + tag_size);
    int written = 0;
    detail::check(EVP_EncryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr), "nonce");
    if (!aad.empty()) {
        detail::check(EVP_EncryptUpdate(context, nullptr, &written, aad.data(), length_of(aad)),
                      "aad");
    }
    if (!plaintext.empty()) {
        detail::check(EVP_EncryptUpdate(context, out.data(), &written, plaintext.data(),
                                        length_of(plaintext)),
                      "encrypt");
    }
    auto* const tag = out.data() + plaintext.size();
    detail::check(EVP_EncryptFinal_ex(context, tag, &written), "encrypt");
    detail::check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, tag_size, tag), "tag");
    return out;
}

std::optional<base::Secret> Aead::open(Nonce const& nonce, Bytes aad, Bytes sealed) {
    if (sealed.size() < tag_size) return std::nullopt;
    auto* const context = state_->decrypt.get();
    auto const ciphertext = sealed.first(sealed.size() - tag_size);
    std::array<std::uint8_t, tag_size> tag{};
    std::ranges::copy(sealed.last(tag_size), tag.begin());
    auto out = base::Secret::zeroed(ciphertext.size());
    int written = 0;
    detail::check(EVP_DecryptInit_ex2(context, nullptr, nullptr, nonce.data(), nullptr), "nonce");
    if (!aad.empty()) {
        detail::check(EVP_DecryptUpdate(context, nullptr, &written, aad.data(), length_of(aad)),
                      "aad");
    }
    if (!ciphertext.empty()) {
        detail::check(EVP_DecryptUpdate(context, out.mutable_bytes().data(), &written,
                                        ciphertext.data(), length_of(ciphertext)),
                      "decrypt");
    }
    detail::check(EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, tag_size, tag.data()), "tag");
    std::array<std::uint8_t, tag_size> none{};  // GCM's final writes nothing
    if (EVP_DecryptFinal_ex(context, none.data(), &written) != 1) {
        ERR_clear_error();
        return std::nullopt;  // `out` wipes what was decrypted and is not genuine
    }
    return out;
}

Aead::Nonce random_nonce(base::Random& random) {
    Aead::Nonce nonce{};
    random.fill(std::as_writable_bytes(std::span(nonce)));
    return nonce;
}

base::Secret random_key(base::Random& random, std::size_t size) {
    auto key = base::Secret::zeroed(size);
    random.fill(std::as_writable_bytes(key.mutable_bytes()));
    return key;
}

}  // namespace obscura::crypto
