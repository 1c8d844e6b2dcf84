#include "crypto/rlp.hpp"

#include <algorithm>
#include <array>

namespace obscura::crypto {
namespace {

constexpr std::uint8_t short_bytes = 0x80;
constexpr std::uint8_t short_list = 0xc0;
constexpr std::size_t longest_short = 55;

Bytes without_leading_zeros(Bytes big_endian) {
    auto const first = std::ranges::find_if(big_endian, [](std::uint8_t b) { return b != 0; });
    return {first, big_endian.end()};
}

std::array<std::uint8_t, 8> big_endian(std::uint64_t number) {
    std::array<std::uint8_t, 8> out{};
    for (auto byte = out.rbegin(); byte != out.rend(); ++byte, number >>= 8)
        *byte = static_cast<std::uint8_t>(number);
    return out;
}

void append(std::vector<std::uint8_t>& out, Bytes bytes) {
    out.insert(out.end(), bytes.begin(), bytes.end());
}

void append_length(std::vector<std::uint8_t>& out, std::uint8_t offset, std::size_t length) {
    if (length <= longest_short) {
        out.push_back(static_cast<std::uint8_t>(offset + length));
        return;
    }
    auto const digits = big_endian(length);
    auto const shown = without_leading_zeros(digits);
    out.push_back(static_cast<std::uint8_t>(offset + longest_short + shown.size()));
    append(out, shown);
}

}  // namespace

RlpList& RlpList::add(Bytes bytes) {
    bool const is_own_encoding = bytes.size() == 1 && bytes[0] < short_bytes;
    if (!is_own_encoding) append_length(payload_, short_bytes, bytes.size());
    append(payload_, bytes);
    return *this;
}

RlpList& RlpList::add(std::uint64_t number) { return add_number(big_endian(number)); }

RlpList& RlpList::add_number(Bytes number) { return add(without_leading_zeros(number)); }

RlpList& RlpList::add(RlpList const& list) {
    append(payload_, list.encode());
    return *this;
}

std::vector<std::uint8_t> RlpList::encode() const {
    std::vector<std::uint8_t> out;
    append_length(out, short_list, payload_.size());
    append(out, payload_);
    return out;
}

}  // namespace obscura::crypto
