#pragma once

#include <compare>
#include <functional>
#include <string>
#include <utility>

namespace obscura::base {

/// A value that is only what its tag says: explicit to make, no comparison across tags.
template <class Tag, class T>
struct Strong {
    T value{};

    constexpr Strong() = default;
    constexpr explicit Strong(T v) : value(std::move(v)) {}

    friend constexpr auto operator<=>(Strong const&, Strong const&) = default;
    friend constexpr bool operator==(Strong const&, Strong const&) = default;
};

}  // namespace obscura::base

template <class Tag, class T>
struct std::hash<obscura::base::Strong<Tag, T>> {
    std::size_t operator()(obscura::base::Strong<Tag, T> const& s) const noexcept {
        return std::hash<T>{}(s.value);
    }
};
