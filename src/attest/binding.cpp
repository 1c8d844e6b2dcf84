#include "attest/binding.hpp"

#include "attest/detail/openssl.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

constexpr std::string_view label = "obscura/citadel-kr/v1";

void append(std::vector<std::uint8_t>& out, crypto::Bytes bytes) {
    auto const size = static_cast<std::uint32_t>(bytes.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

}  // namespace

ByteArray<64> nilcc_report_data(crypto::Bytes spki) {
    ByteArray<64> data{};
    std::ranges::copy(crypto::sha256(spki), data.begin() + 1);
    return data;
}

ByteArray<64> native_report_data(crypto::Bytes nonce, crypto::Bytes spki,
                                 crypto::Bytes wrapping_key) {
    std::vector<std::uint8_t> message;
    std::ranges::copy(label, std::back_inserter(message));
    for (auto const part : {nonce, spki, wrapping_key}) append(message, part);
    ByteArray<64> digest{};
    unsigned size = 0;
    if (EVP_Digest(message.data(), message.size(), digest.data(), &size, EVP_sha512(), nullptr) !=
            1 ||
        size != digest.size())
        throw std::runtime_error("openssl: SHA-512");
    return digest;
}

}  // namespace obscura::attest
