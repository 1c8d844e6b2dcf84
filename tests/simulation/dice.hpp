#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace obscura::simulation {

/// 64 bits of FNV-1a; also what the event log is hashed with.
[[nodiscard]] constexpr std::uint64_t hash_of(std::string_view text,
                                              std::uint64_t basis = 0xcbf29ce484222325U) {
    for (char const c : text) {
        basis ^= static_cast<unsigned char>(c);
        basis *= 0x100000001b3U;
    }
    return basis;
}

/// Choices of a seed (SplitMix64). Streams by name, so that one more choice here changes none
/// there: a run without one of its faults stays close to the run with it.
class Dice {
public:
    explicit Dice(std::uint64_t seed) : state_(seed) {}
    Dice(std::uint64_t seed, std::string_view stream) : state_(hash_of(stream, seed ^ basis)) {}

    std::uint64_t next() {
        state_ += 0x9e3779b97f4a7c15U;
        auto z = state_;
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
        z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
        return z ^ (z >> 31);
    }
    /// In [0, bound).
    std::uint64_t below(std::uint64_t bound) { return next() % bound; }
    std::int64_t between(std::int64_t least, std::int64_t most) {
        return least +
               static_cast<std::int64_t>(below(static_cast<std::uint64_t>(most - least + 1)));
    }
    std::chrono::microseconds between(std::chrono::microseconds least,
                                      std::chrono::microseconds most) {
        return std::chrono::microseconds(between(least.count(), most.count()));
    }
    bool chance(unsigned percent) { return below(100) < percent; }

private:
    static constexpr std::uint64_t basis = 0xcbf29ce484222325U;
    std::uint64_t state_;
};

}  // namespace obscura::simulation
