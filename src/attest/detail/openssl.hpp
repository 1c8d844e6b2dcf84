#pragma once

// Ownership of OpenSSL's objects. For this folder's .cpp files only.

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <memory>
#include <stdexcept>

namespace obscura::attest::detail {

template <auto Free>
struct Freed {
    template <class T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using Bio = std::unique_ptr<BIO, Freed<BIO_free_all>>;
using Object = std::unique_ptr<ASN1_OBJECT, Freed<ASN1_OBJECT_free>>;
using AsnInteger = std::unique_ptr<ASN1_INTEGER, Freed<ASN1_INTEGER_free>>;
using AsnText = std::unique_ptr<ASN1_IA5STRING, Freed<ASN1_IA5STRING_free>>;
using Number = std::unique_ptr<BIGNUM, Freed<BN_free>>;
using Signature = std::unique_ptr<ECDSA_SIG, Freed<ECDSA_SIG_free>>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, Freed<EVP_MD_CTX_free>>;

/// OpenSSL failed where it can only fail for want of memory: the environment is broken.
template <class T>
T* check(T* made) {
    if (made == nullptr) throw std::runtime_error("openssl: no memory");
    return made;
}

/// Over bytes of the caller's.
inline Bio reader_of(std::string_view text) {
    return Bio(check(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))));
}

}  // namespace obscura::attest::detail
