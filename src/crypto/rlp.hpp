#pragma once

#include "crypto/bytes.hpp"

#include <cstdint>
#include <vector>

namespace obscura::crypto {

/// A list in RLP, which Ethereum's transactions are written in (Yellow Paper, appendix B).
class RlpList {
public:
    RlpList& add(Bytes bytes);
    RlpList& add(std::uint64_t number);  ///< big-endian, without leading zeros; 0 is no bytes
    /// A number of 32 bytes, likewise.
    RlpList& add_number(Bytes big_endian);
    RlpList& add(RlpList const& list);
    [[nodiscard]] std::vector<std::uint8_t> encode() const;

private:
    std::vector<std::uint8_t> payload_;
};

}  // namespace obscura::crypto
