#pragma once

#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <string_view>

// HKDF as HPKE uses it (RFC 9180 §4). For this folder's .cpp files only.
namespace obscura::crypto::detail {

/// Two bytes, most significant first: I2OSP(value, 2).
[[nodiscard]] constexpr std::array<std::uint8_t, 2> big_endian_16(std::size_t value) {
    return {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
}

/// Extract and expand whose inputs begin with the version, the suite and a label, so that no two
/// uses of one secret meet. The bytes of the suite must outlive this.
class LabeledHkdf {
public:
    explicit LabeledHkdf(Bytes suite_id) : suite_id_(suite_id) {}

    [[nodiscard]] base::Secret extract(Bytes salt, std::string_view label,
                                       Bytes key_material) const;
    [[nodiscard]] base::Secret expand(base::Secret const& pseudo_random_key, std::string_view label,
                                      Bytes info, std::size_t length) const;

private:
    Bytes suite_id_;
};

}  // namespace obscura::crypto::detail
