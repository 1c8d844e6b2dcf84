#pragma once

#include "base/secret_arena.hpp"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::base {

/// Bytes that must not be copied, printed or left behind: move-only, wiped on destruction, no
/// formatter, no comparison but `equals`. It lives in base, not crypto, because the configuration
/// table reads secrets too. Where it is kept: secret_arena.hpp.
class Secret {
public:
    Secret() = default;
    explicit Secret(std::string_view text);
    explicit Secret(std::span<std::uint8_t const> bytes);
    ~Secret();
    Secret(Secret&& other) noexcept;
    Secret& operator=(Secret&& other) noexcept;
    Secret(Secret const&) = delete;
    Secret& operator=(Secret const&) = delete;

    /// The only ways in; call sites of `reveal` are what an auditor reads.
    [[nodiscard]] std::string_view reveal() const;
    [[nodiscard]] std::span<std::uint8_t const> bytes() const { return bytes_; }
    [[nodiscard]] std::span<std::uint8_t> mutable_bytes() { return bytes_; }
    [[nodiscard]] static Secret zeroed(std::size_t size);
    [[nodiscard]] Secret clone() const { return Secret(bytes()); }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] std::size_t size() const { return bytes_.size(); }
    void wipe() noexcept;

private:
    std::vector<std::uint8_t, SecretAllocator<std::uint8_t>> bytes_;
};

/// Wipes memory in a way that the optimiser keeps.
void cleanse(void* data, std::size_t size) noexcept;
/// Wipes a string's whole capacity.
void cleanse(std::string& text) noexcept;

/// Time does not depend on the contents; false for different lengths.
[[nodiscard]] bool equal_constant_time(std::string_view a, std::string_view b);

}  // namespace obscura::base
