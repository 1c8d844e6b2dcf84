#include "crypto/password.hpp"

#include <sodium.h>

#include <new>
#include <stdexcept>

namespace obscura::crypto {
namespace {

void ready() {
    static bool const started = sodium_init() >= 0;
    if (!started) throw std::runtime_error("libsodium does not start");
}

/// What crypto_pwhash_str writes is shorter; what is longer is not from us.
bool may_be_hash(std::string const& hash) { return hash.size() < crypto_pwhash_STRBYTES; }

}  // namespace

std::string hash_password(std::string_view password, PasswordCost cost) {
    ready();
    char out[crypto_pwhash_STRBYTES] = {};
    if (crypto_pwhash_str_alg(out, password.data(), password.size(), cost.passes, cost.memory_bytes,
                              crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return out;
}

base::Secret derive_password_key(std::string_view password, Bytes salt, PasswordCost cost) {
    ready();
    if (salt.size() != crypto_pwhash_SALTBYTES)
        throw std::invalid_argument("the salt of a password has 16 bytes");
    auto key = base::Secret::zeroed(32);
    if (crypto_pwhash(key.mutable_bytes().data(), key.size(), password.data(), password.size(),
                      salt.data(), cost.passes, cost.memory_bytes,
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw std::bad_alloc();
    }
    return key;
}

bool verify_password(std::string const& hash, std::string_view password) {
    ready();
    return may_be_hash(hash) &&
           crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

bool needs_rehash(std::string const& hash, PasswordCost cost) {
    ready();
    return !may_be_hash(hash) ||
           crypto_pwhash_str_needs_rehash(hash.c_str(), cost.passes, cost.memory_bytes) != 0;
}

}  // namespace obscura::crypto
