#include "base/secret.hpp"

#include <string.h>  // explicit_bzero

#include <utility>

namespace obscura::base {

void cleanse(void* data, std::size_t size) noexcept {
    if (size != 0) ::explicit_bzero(data, size);
}

void cleanse(std::string& text) noexcept {
    text.resize(text.capacity());  // within the capacity: no allocation, nothing moves
    cleanse(text.data(), text.size());
    text.clear();
}

bool equal_constant_time(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) return false;
    // volatile keeps the optimiser from leaving the loop early.
    unsigned char volatile difference = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
        difference = static_cast<unsigned char>(difference | (a[i] ^ b[i]));
    }
    return difference == 0;
}

Secret::Secret(std::string_view text) : bytes_(text.begin(), text.end()) {}

Secret::Secret(std::span<std::uint8_t const> bytes) : bytes_(bytes.begin(), bytes.end()) {}

Secret::~Secret() { wipe(); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::exchange(other.bytes_, {})) {}

Secret& Secret::operator=(Secret&& other) noexcept {
    if (this == &other) return *this;
    wipe();
    bytes_ = std::exchange(other.bytes_, {});
    return *this;
}

std::string_view Secret::reveal() const {
    return {reinterpret_cast<char const*>(bytes_.data()), bytes_.size()};
}

Secret Secret::zeroed(std::size_t size) {
    Secret secret;
    secret.bytes_.resize(size);
    return secret;
}

void Secret::wipe() noexcept {
    cleanse(bytes_.data(), bytes_.size());
    bytes_.clear();
}

}  // namespace obscura::base
