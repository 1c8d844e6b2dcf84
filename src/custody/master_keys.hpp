#pragma once

#include "base/error.hpp"
#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/bytes.hpp"

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Where citadel's master keys are while they are not in citadel: in files, under the key of a
/// machine, and on the way to a machine that was appraised.
namespace obscura::custody {

/// Versions 1 to 9, index 0 being version 1; an empty secret is a version that is not there.
using MasterKeys = std::array<base::Secret, 9>;

/// Ascending.
[[nodiscard]] std::vector<int> versions_of(MasterKeys const& keys);
/// 0 when there is none.
[[nodiscard]] int highest_version(MasterKeys const& keys);
/// Puts a new random key above the highest version and tells which that is; conflict "key_versions"
/// when nine are there.
[[nodiscard]] base::Result<int> add_version(MasterKeys& keys, base::Random& random);

/// "1 2 9", as files and messages say it; ascending, and nothing but that.
[[nodiscard]] std::string versions_text(std::span<int const> versions);
[[nodiscard]] base::Result<std::vector<int>> parse_versions(std::string_view text);

/// The keys as bytes: each version's number, then its 32 bytes.
[[nodiscard]] base::Secret pack(MasterKeys const& keys);
/// Exactly what `pack` makes of keys of these versions. invalid_argument "key_payload".
[[nodiscard]] base::Result<MasterKeys> unpack(crypto::Bytes payload, std::span<int const> versions);

}  // namespace obscura::custody
