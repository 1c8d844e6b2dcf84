#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <span>
#include <string>

/// What is left of a secret on the heap of this process. Elsewhere, as on stacks, nobody looks.
namespace obscura::test {

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define OBSCURA_HEAP_IS_ELSEWHERE 1
#endif
#endif
#ifdef OBSCURA_HEAP_IS_ELSEWHERE
inline constexpr bool is_heap_searchable = false;
#else
inline constexpr bool is_heap_searchable = true;
#endif

/// A secret with every bit turned, so that what is searched for is not found in the search itself.
using TurnedSecret = std::array<std::uint8_t, 32>;

inline void turn(std::span<std::uint8_t const> from, std::span<std::uint8_t> to) {
    std::ranges::transform(from, to.begin(),
                           [](std::uint8_t b) { return static_cast<std::uint8_t>(~b); });
}

inline int copies_between(std::uint8_t const* from, std::uint8_t const* to,
                          TurnedSecret const& secret) {
    int copies = 0;
    for (auto const* at = from; at + secret.size() <= to; ++at) {
        std::size_t same = 0;
        while (same < secret.size() && at[same] == static_cast<std::uint8_t>(~secret[same])) ++same;
        if (same == secret.size()) ++copies;
    }
    return copies;
}

inline int copies_on_heap(TurnedSecret const& secret) {
    int copies = 0;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        std::uintptr_t from = 0;
        std::uintptr_t to = 0;
        if (!line.ends_with("[heap]") || std::sscanf(line.c_str(), "%lx-%lx", &from, &to) != 2)
            continue;
        copies += copies_between(reinterpret_cast<std::uint8_t const*>(from),
                                 reinterpret_cast<std::uint8_t const*>(to), secret);
    }
    return copies;
}

}  // namespace obscura::test
