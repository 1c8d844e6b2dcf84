#pragma once

#include "custody/key_file.hpp"

/// The lines of a key file, in and out. For this folder's .cpp files only.
namespace obscura::custody::detail {

/// The first two lines.
[[nodiscard]] std::string head_of(std::span<int const> versions);
/// A lock's own line up to what is sealed; of a recipient's up to `enc`, which is part of the
/// sealing.
[[nodiscard]] std::string lock_of(PassphraseLock const& lock);
[[nodiscard]] std::string lock_of(MachineLock const& lock);
[[nodiscard]] std::string lock_of(RecipientLock const& lock);

[[nodiscard]] std::string all_but_check(KeyFile const& file);
[[nodiscard]] std::string check_line(KeyFile const& file);

/// Lenient about blanks and the order of lines: whether the text prints as itself is the caller's
/// to see.
[[nodiscard]] std::optional<KeyFile> read_lines(std::string_view text);

}  // namespace obscura::custody::detail
