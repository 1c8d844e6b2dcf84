#include "crypto/keccak.hpp"

#include <cryptopp/keccak.h>

namespace obscura::crypto {

Digest keccak256(Bytes message) {
    Digest out{};
    CryptoPP::Keccak_256().CalculateDigest(out.data(), message.data(), message.size());
    return out;
}

Digest keccak256(std::string_view message) { return keccak256(as_bytes(message)); }

}  // namespace obscura::crypto
