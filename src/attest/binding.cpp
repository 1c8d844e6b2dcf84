#include "attest/binding.hpp"

#include "attest/detail/openssl.hpp"
#include "crypto/hash.hpp"

#include <algorithm>

namespace obscura::attest {
namespace {

constexpr std::string_view key_release_label = "obscura/citadel-kr/v1";
constexpr std::string_view sealing_key_label = "obscura/citadel-sealing-key/v1";

void append(std::vector<std::uint8_t>& out, crypto::Bytes bytes) {
    auto const size = static_cast<std::uint32_t>(bytes.size());
    for (int shift = 24; shift >= 0; shift -= 8)
        out.push_back(static_cast<std::uint8_t>(size >> shift));
    out.insert(out.end(), bytes.begin(), bytes.end());
}

/// SHA-512 over the label and, each with its length before it, the parts.
ByteArray<64> digest_of(std::string_view label, std::initializer_list<crypto::Bytes> parts) {
    std::vector<std::uint8_t> message;
    std::ranges::copy(label, std::back_inserter(message));
    for (auto const part : parts) append(message, part);
    ByteArray<64> digest{};
    unsigned size = 0;
    if (EVP_Digest(message.data(), message.size(), digest.data(), &size, EVP_sha512(), nullptr) !=
            1 ||
        size != digest.size())
        throw std::runtime_error("openssl: SHA-512");
    return digest;
}

}  // namespace

ByteArray<64> nilcc_report_data(crypto::Bytes spki) {
    ByteArray<64> data{};
    std::ranges::copy(crypto::sha256(spki), data.begin() + 1);
    return data;
}

ByteArray<64> native_report_data(crypto::Bytes nonce, crypto::Bytes spki,
                                 crypto::Bytes wrapping_key) {
    return digest_of(key_release_label, {nonce, spki, wrapping_key});
}

ByteArray<64> sealing_key_report_data(crypto::Bytes public_key, base::Timestamp expires_at) {
    ByteArray<8> end{};
    auto const ms = static_cast<std::uint64_t>(base::to_unix_ms(expires_at));
    for (std::size_t i = 0; i < end.size(); ++i)
        end[i] = static_cast<std::uint8_t>(ms >> (56 - 8 * i));
    return digest_of(sealing_key_label, {public_key, end});
}

}  // namespace obscura::attest
