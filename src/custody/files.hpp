#pragma once

#include "custody/key_file.hpp"

#include <string>

namespace obscura::custody {

inline constexpr std::size_t max_passphrase = 1024;

/// From a file, or from a descriptor that the process was started with ("fd:3", read to its end and
/// closed). One line break at the end is not part of it. invalid_argument "passphrase_file": not
/// there, readable or writable for others than its owner, somebody else's, empty, or too long.
[[nodiscard]] base::Result<base::Secret> read_passphrase(std::string const& where);

/// invalid_argument "key_file_missing", or those of parse_key_file.
[[nodiscard]] base::Result<KeyFile> load_key_file(std::string const& path);

}  // namespace obscura::custody
