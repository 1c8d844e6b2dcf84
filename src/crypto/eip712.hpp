#pragma once

#include "crypto/ethereum_address.hpp"
#include "crypto/hash.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

/// Typed data as Ethereum wallets sign it (EIP-712).
namespace obscura::crypto {

/// hashStruct: the hash of a type and of its members, which are added in the order of the type.
class Eip712Struct {
public:
    /// `type` is encodeType: "Mail(Person from,Person to,string contents)Person(...)".
    explicit Eip712Struct(std::string_view type);

    Eip712Struct& text(std::string_view value);  ///< string
    Eip712Struct& word(Digest const& value);     ///< bytes32, or the hash of a struct
    Eip712Struct& number(std::uint64_t value);   ///< an unsigned integer of any width
    Eip712Struct& address(EthereumAddress const& value);
    [[nodiscard]] Digest hash() const;

private:
    std::vector<std::uint8_t> words_;
};

struct Eip712Domain {
    std::string_view name;
    std::string_view version;
    std::uint64_t chain_id = 0;
    EthereumAddress verifying_contract{};

    [[nodiscard]] Digest separator() const;
};

/// What is signed.
[[nodiscard]] Digest eip712_digest(Eip712Domain const& domain, Digest const& struct_hash);

}  // namespace obscura::crypto
