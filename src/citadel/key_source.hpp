#pragma once

#include "citadel/config.hpp"
#include "custody/machine_key.hpp"

#include <functional>
#include <memory>

namespace obscura::citadel {

/// Where master keys come from (docs/keys.md).
enum class KeySource {
    environment,      ///< the configuration itself
    passphrase_file,  ///< a file, and a passphrase beside it
    sealed_file,      ///< a file that this machine alone opens
    release,          ///< a key holder, once it has appraised this machine
};
inline constexpr std::array<base::EnumName<KeySource>, 4> key_source_names{
    {{"environment", KeySource::environment},
     {"passphrase_file", KeySource::passphrase_file},
     {"sealed_file", KeySource::sealed_file},
     {"release", KeySource::release}}};

/// environment for a name that `bind` would have refused.
[[nodiscard]] KeySource source_of(Config const& config);
/// What the source needs and has not, and what is given that it does not use.
[[nodiscard]] std::vector<std::string> key_source_complaints(Config const& config);

/// How a machine's key is reached.
using OpenMachine = std::function<base::Result<std::unique_ptr<custody::MachineKey>>()>;
/// Reads what the source is at the start: `config.loaded_keys`. Nothing to do for environment and
/// release. Errors of custody's files.
[[nodiscard]] base::Result<void> load_keys(Config& config, OpenMachine const& open_machine);

}  // namespace obscura::citadel
