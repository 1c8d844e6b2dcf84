#include "base/random.hpp"

#include <sys/random.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace obscura::base {

std::uint64_t Random::next_u64() {
    std::array<std::byte, 8> bytes{};
    fill(bytes);
    std::uint64_t value = 0;
    for (auto const b : bytes) value = value << 8 | std::to_integer<std::uint64_t>(b);
    return value;
}

std::uint64_t Random::below(std::uint64_t bound) {
    if (bound == 0) throw std::invalid_argument("Random::below: the bound must be positive");
    // Values under 2^64 mod bound are refused: what remains is a whole number of rounds.
    std::uint64_t const refused = (0 - bound) % bound;
    std::uint64_t value = next_u64();
    while (value < refused) value = next_u64();
    return value % bound;
}

void SystemRandom::fill(std::span<std::byte> out) {
    while (!out.empty()) {
        auto const got = ::getrandom(out.data(), out.size(), 0);
        if (got < 0) {
            if (errno == EINTR) continue;
            throw std::system_error(errno, std::generic_category(), "getrandom");
        }
        out = out.subspan(static_cast<std::size_t>(got));
    }
}

void SeededRandom::fill(std::span<std::byte> out) {
    // Bytes are taken one by one from the low end, so that a seed means the same on any machine.
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (i % 8 == 0) word = engine_();
        out[i] = static_cast<std::byte>(word);
        word >>= 8;
    }
}

}  // namespace obscura::base
