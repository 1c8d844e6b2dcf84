#pragma once

// Ownership of OpenSSL's objects. For this folder's .cpp files only.

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <memory>
#include <stdexcept>
#include <string>

namespace obscura::crypto::detail {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using CipherContext = std::unique_ptr<EVP_CIPHER_CTX, Freed<EVP_CIPHER_CTX_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;
using MacContext = std::unique_ptr<EVP_MAC_CTX, Freed<EVP_MAC_CTX_free>>;
using KdfContext = std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX_free>>;
using KeyContext = std::unique_ptr<EVP_PKEY_CTX, Freed<EVP_PKEY_CTX_free>>;
using Key = std::unique_ptr<EVP_PKEY, Freed<EVP_PKEY_free>>;
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;

/// OpenSSL failed where it can only fail for want of memory or of the algorithm: the environment is
/// broken.
[[noreturn]] inline void broken(char const* what) {
    char text[256] = "no reason given";
    if (auto const code = ERR_get_error(); code != 0) ERR_error_string_n(code, text, sizeof text);
    ERR_clear_error();
    throw std::runtime_error(std::string("openssl: ") + what + ": " + text);
}
inline void check(int result, char const* what) {
    if (result != 1) broken(what);
}
template <class T>
T* check(T* made, char const* what) {
    if (made == nullptr) broken(what);
    return made;
}

}  // namespace obscura::crypto::detail
