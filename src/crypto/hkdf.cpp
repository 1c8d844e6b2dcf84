#include "crypto/hkdf.hpp"

#include "crypto/hmac.hpp"

#include <algorithm>
#include <stdexcept>
#include <vector>

namespace obscura::crypto {

base::Secret hkdf_sha256(Bytes key_material, Bytes salt, Bytes info, std::size_t length) {
    return hkdf_expand_sha256(hkdf_extract_sha256(salt, key_material), info, length);
}

base::Secret hkdf_extract_sha256(Bytes salt, Bytes key_material) {
    auto digest = hmac_sha256(salt, key_material);
    base::Secret out(digest);
    base::cleanse(digest.data(), digest.size());
    return out;
}

base::Secret hkdf_expand_sha256(base::Secret const& pseudo_random_key, Bytes info,
                                std::size_t length) {
    constexpr std::size_t block_size = sizeof(Digest);
    if (length == 0 || length > 255 * block_size) {
        throw std::invalid_argument("hkdf_sha256: length must be 1 to 8160 bytes");
    }
    auto out = base::Secret::zeroed(length);
    // T(i) = HMAC(PRK, T(i-1) | info | i), §2.3.
    std::vector<std::uint8_t> input(info.begin(), info.end());
    input.push_back(1);
    std::size_t done = 0;
    while (true) {
        auto block = hmac_sha256(pseudo_random_key.bytes(), input);
        auto const take = std::min(block_size, length - done);
        std::copy_n(block.begin(), take,
                    out.mutable_bytes().begin() + static_cast<std::ptrdiff_t>(done));
        done += take;
        auto const counter = static_cast<std::uint8_t>(input.back() + 1);
        base::cleanse(input.data(), input.size());
        if (done == length) {
            base::cleanse(block.data(), block.size());
            break;
        }
        input.assign(block.begin(), block.end());
        input.insert(input.end(), info.begin(), info.end());
        input.push_back(counter);
        base::cleanse(block.data(), block.size());
    }
    return out;
}

}  // namespace obscura::crypto
