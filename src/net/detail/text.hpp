#pragma once

#include <string>
#include <string_view>
#include <vector>

/// Character rules of HTTP (RFC 9110) and UTF-8 (RFC 3629).
namespace obscura::net::detail {

[[nodiscard]] bool is_utf8(std::string_view text);
/// ASCII only, as HTTP field names compare.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);
/// One or more tchar: methods and field names.
[[nodiscard]] bool is_token(std::string_view text);
/// Free of CR, LF, NUL and other controls (a tab is allowed): safe to put on a header line.
[[nodiscard]] bool is_field_value(std::string_view text);
/// Visible ASCII without spaces and starting with '/': safe to put on a request line.
[[nodiscard]] bool is_request_target(std::string_view text);
/// Whether a comma-separated field value has `token` among its members.
[[nodiscard]] bool list_contains(std::string_view list, std::string_view token);
[[nodiscard]] std::string_view trim(std::string_view text);
/// "/a//b" is {"a", "", "b"}; "/" is {""}.
[[nodiscard]] std::vector<std::string_view> split_path(std::string_view path);

}  // namespace obscura::net::detail
