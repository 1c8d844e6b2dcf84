#include "crypto/eip712.hpp"

#include "crypto/keccak.hpp"

#include <algorithm>

namespace obscura::crypto {
namespace {

/// Right-aligned in 32 bytes.
Digest padded(Bytes bytes) {
    Digest out{};
    std::ranges::copy(bytes, out.end() - static_cast<std::ptrdiff_t>(bytes.size()));
    return out;
}

}  // namespace

Eip712Struct::Eip712Struct(std::string_view type) { word(keccak256(type)); }

Eip712Struct& Eip712Struct::text(std::string_view value) { return word(keccak256(value)); }

Eip712Struct& Eip712Struct::word(Digest const& value) {
    words_.insert(words_.end(), value.begin(), value.end());
    return *this;
}

Eip712Struct& Eip712Struct::number(std::uint64_t value) {
    std::array<std::uint8_t, 8> bytes{};
    for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte, value >>= 8)
        *byte = static_cast<std::uint8_t>(value);
    return word(padded(bytes));
}

Eip712Struct& Eip712Struct::address(EthereumAddress const& value) {
    return word(padded(value.bytes));
}

Digest Eip712Struct::hash() const { return keccak256(words_); }

Digest Eip712Domain::separator() const {
    return Eip712Struct(
               "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)")
        .text(name)
        .text(version)
        .number(chain_id)
        .address(verifying_contract)
        .hash();
}

Digest eip712_digest(Eip712Domain const& domain, Digest const& struct_hash) {
    std::vector<std::uint8_t> message{0x19, 0x01};
    auto const separator = domain.separator();
    message.insert(message.end(), separator.begin(), separator.end());
    message.insert(message.end(), struct_hash.begin(), struct_hash.end());
    return keccak256(message);
}

}  // namespace obscura::crypto
