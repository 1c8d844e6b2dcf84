#pragma once

#include "base/clock.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// PostgreSQL's text formats, read and written without a connection.
namespace obscura::store::pg_text {

/// "2026-11-22 21:30:00.123456+00"; nullopt for another zone, 'infinity', years before 0 or after
/// 9999. The session's time zone is UTC, so no other offset is ever sent.
[[nodiscard]] std::optional<base::Timestamp> parse_timestamp(std::string_view text);
[[nodiscard]] std::string format_timestamp(base::Timestamp t);

/// A one-dimensional array, "{a,\"b c\",NULL}"; an inner nullopt is NULL. Nullopt for more
/// dimensions or a broken text.
[[nodiscard]] std::optional<std::vector<std::optional<std::string>>> parse_array(
    std::string_view text);
[[nodiscard]] std::string format_array(std::vector<std::optional<std::string>> const& items);

/// "\x0aff"
[[nodiscard]] std::optional<std::string> parse_bytes(std::string_view text);
[[nodiscard]] std::string format_bytes(std::string_view bytes);

}  // namespace obscura::store::pg_text
