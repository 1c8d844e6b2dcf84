#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "base/strong.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::base {

/// 128 bits, printed as RFC 9562 text.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    [[nodiscard]] std::string to_string() const;  ///< 8-4-4-4-12, lower case
    [[nodiscard]] std::string to_hex() const;     ///< 32 digits, no dashes
    [[nodiscard]] bool is_nil() const;

    friend auto operator<=>(Uuid const&, Uuid const&) = default;
};

/// Reads the dashed or the plain form, any case.
[[nodiscard]] std::optional<Uuid> parse_uuid(std::string_view text);

/// UUIDv7 (RFC 9562 §5.7): sortable by creation time.
[[nodiscard]] Uuid make_uuid_v7(Timestamp now, Random& random);

/// A UUID that names one kind of thing; `Tag::prefix` ("" or e.g. "sig_") is part of its text.
template <class Tag>
struct Id {
    Uuid value{};

    Id() = default;
    explicit Id(Uuid v) : value(v) {}

    [[nodiscard]] std::string to_string() const {
        if constexpr (Tag::prefix.empty())
            return value.to_string();
        else
            return std::string(Tag::prefix) + value.to_hex();
    }
    [[nodiscard]] static std::optional<Id> parse(std::string_view text) {
        if (!text.starts_with(Tag::prefix)) return std::nullopt;
        auto const uuid = parse_uuid(text.substr(Tag::prefix.size()));
        if (!uuid) return std::nullopt;
        return Id{*uuid};
    }
    [[nodiscard]] static Id make(Timestamp now, Random& random) {
        return Id{make_uuid_v7(now, random)};
    }
    friend auto operator<=>(Id const&, Id const&) = default;
};

}  // namespace obscura::base

template <>
struct std::hash<obscura::base::Uuid> {
    std::size_t operator()(obscura::base::Uuid const& u) const noexcept;
};
template <class Tag>
struct std::hash<obscura::base::Id<Tag>> {
    std::size_t operator()(obscura::base::Id<Tag> const& id) const noexcept {
        return std::hash<obscura::base::Uuid>{}(id.value);
    }
};
