#include "crypto/x25519.hpp"

#include "crypto/detail/openssl.hpp"

namespace obscura::crypto {
namespace {

std::unexpected<base::Error> bad_key(char const* detail) {
    ERR_clear_error();
    return base::fail(base::Errc::invalid_argument, "invalid_key", detail);
}

}  // namespace

struct X25519PrivateKey::State {
    detail::Key key;
};

X25519PrivateKey::X25519PrivateKey(std::unique_ptr<State> state) : state_(std::move(state)) {}
X25519PrivateKey::~X25519PrivateKey() = default;
X25519PrivateKey::X25519PrivateKey(X25519PrivateKey&&) noexcept = default;
X25519PrivateKey& X25519PrivateKey::operator=(X25519PrivateKey&&) noexcept = default;

base::Result<X25519PrivateKey> X25519PrivateKey::from_bytes(Bytes raw) {
    if (raw.size() != size) return bad_key("An X25519 private key has 32 bytes.");
    detail::Key key{EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, nullptr, raw.data(), raw.size())};
    if (!key) return bad_key("Not an X25519 private key.");
    return X25519PrivateKey(std::make_unique<State>(std::move(key)));
}

X25519PublicKey X25519PrivateKey::public_key() const {
    X25519PublicKey out{};
    auto length = out.size();
    detail::check(EVP_PKEY_get_raw_public_key(state_->key.get(), out.data(), &length),
                  "public key");
    return out;
}

base::Result<base::Secret> X25519PrivateKey::agree(X25519PublicKey const& peer) const {
    detail::Key const peer_key{detail::check(
        EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, nullptr, peer.data(), peer.size()), "X25519")};
    detail::KeyContext const context{
        detail::check(EVP_PKEY_CTX_new(state_->key.get(), nullptr), "X25519")};
    detail::check(EVP_PKEY_derive_init(context.get()), "X25519");
    detail::check(EVP_PKEY_derive_set_peer(context.get(), peer_key.get()), "X25519");
    auto out = base::Secret::zeroed(size);
    auto length = out.size();
    // OpenSSL itself looks whether the result is zero, in constant time, and fails for no other
    // reason.
    if (EVP_PKEY_derive(context.get(), out.mutable_bytes().data(), &length) != 1)
        return bad_key("The public key is a point of small order.");
    return out;
}

base::Secret X25519PrivateKey::bytes() const {
    auto out = base::Secret::zeroed(size);
    auto length = out.size();
    detail::check(
        EVP_PKEY_get_raw_private_key(state_->key.get(), out.mutable_bytes().data(), &length),
        "private key");
    return out;
}

}  // namespace obscura::crypto
