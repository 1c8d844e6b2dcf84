#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Small files of a state folder. All throw std::system_error where the system refuses.
namespace obscura::app {

/// Nullopt when there is no such file.
[[nodiscard]] std::optional<std::string> read_file(std::string const& path);
/// The same of what a stranger may have made: one with more than `max` bytes is refused, and no
/// more of it is read.
[[nodiscard]] std::optional<std::string> read_file(std::string const& path, std::size_t max);
/// Writes a temporary file beside it and renames: a reader sees the old text or the new one. The
/// mode is set before the first byte is written.
void write_file(std::string const& path, std::string_view text, unsigned mode = 0644);
/// Makes the folder where it is missing; sets its mode either way.
void make_folder(std::string const& path, unsigned mode);
/// Moves `path` to `path`.1 (and .1 to .2, .2 to .3) when it has more than `limit` bytes.
void rotate_file(std::string const& path, std::size_t limit);
/// At most the last `count` lines, for people.
[[nodiscard]] std::string last_lines(std::string const& path, std::size_t count);
/// The folder of the running executable.
[[nodiscard]] std::string executable_folder();

}  // namespace obscura::app
