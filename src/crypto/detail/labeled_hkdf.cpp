#include "crypto/detail/labeled_hkdf.hpp"

#include "crypto/hkdf.hpp"

#include <algorithm>
#include <initializer_list>

namespace obscura::crypto::detail {
namespace {

constexpr std::string_view version_label = "HPKE-v1";

/// The parts in a row. Some are secret, and so is the whole.
base::Secret joined(std::initializer_list<Bytes> parts) {
    std::size_t size = 0;
    for (auto const part : parts) size += part.size();
    auto out = base::Secret::zeroed(size);
    auto position = out.mutable_bytes().begin();
    for (auto const part : parts) position = std::ranges::copy(part, position).out;
    return out;
}

}  // namespace

base::Secret LabeledHkdf::extract(Bytes salt, std::string_view label, Bytes key_material) const {
    auto const labeled =
        joined({as_bytes(version_label), suite_id_, as_bytes(label), key_material});
    return hkdf_extract_sha256(salt, labeled.bytes());
}

base::Secret LabeledHkdf::expand(base::Secret const& pseudo_random_key, std::string_view label,
                                 Bytes info, std::size_t length) const {
    auto const labeled =
        joined({big_endian_16(length), as_bytes(version_label), suite_id_, as_bytes(label), info});
    return hkdf_expand_sha256(pseudo_random_key, labeled.bytes(), length);
}

}  // namespace obscura::crypto::detail
