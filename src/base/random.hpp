#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>

namespace obscura::base {

/// Randomness as a dependency. Production code takes `SystemRandom`; a simulation takes a seed.
class Random {
public:
    virtual ~Random() = default;
    virtual void fill(std::span<std::byte> out) = 0;
    [[nodiscard]] std::uint64_t next_u64();
    /// Uniform in [0, bound); bound > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t bound);
};

/// getrandom(2). Any thread. Throws std::system_error when the kernel refuses.
class SystemRandom final : public Random {
public:
    void fill(std::span<std::byte> out) override;
};

/// Reproducible; never for keys. One thread.
class SeededRandom final : public Random {
public:
    explicit SeededRandom(std::uint64_t seed) : engine_(seed) {}
    void fill(std::span<std::byte> out) override;

private:
    std::mt19937_64 engine_;
};

}  // namespace obscura::base
