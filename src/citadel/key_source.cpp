#include "citadel/key_source.hpp"

#include "custody/files.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

base::Result<Keyring::Keys> keys_of_passphrase(Config const& config, custody::KeyFile const& file) {
    auto const passphrase = custody::read_passphrase(config.passphrase_file);
    if (!passphrase) return std::unexpected(passphrase.error());
    return custody::open_key_file(file, *passphrase);
}

base::Result<Keyring::Keys> keys_of_machine(custody::KeyFile const& file,
                                            OpenMachine const& open_machine) {
    auto const machine = open_machine();
    if (!machine) return std::unexpected(machine.error());
    return custody::open_key_file(file, **machine);
}

}  // namespace

KeySource source_of(Config const& config) {
    return model::value_of(config.key_source, key_source_names).value_or(KeySource::environment);
}

std::vector<std::string> key_source_complaints(Config const& config) {
    std::vector<std::string> out;
    auto const source = source_of(config);
    bool const is_file = source == KeySource::passphrase_file || source == KeySource::sealed_file;
    auto const must = [&](bool is_needed, std::string const& value, std::string const& key) {
        if (is_needed == !value.empty()) return;
        out.push_back(key + (is_needed ? ": must be given" : ": must not be given") +
                      " while citadel.key_source is " + config.key_source);
    };
    must(is_file, config.key_file, "citadel.key_file");
    must(source == KeySource::passphrase_file, config.passphrase_file, "citadel.passphrase_file");
    bool const has_hex = std::ranges::any_of(config.master_keys_hex,
                                             [](base::Secret const& key) { return !key.empty(); });
    // A key that lies about in the environment is no less stolen for not being used.
    if (has_hex && source != KeySource::environment)
        out.push_back("citadel.master_key: must not be given while citadel.key_source is " +
                      config.key_source);
    auto const holder = static_cast<std::size_t>(CallerName::key_holder);
    if (source == KeySource::release && config.caller_keys[holder].empty())
        out.push_back("callers.key_holder: must be given while citadel.key_source is release");
    return out;
}

base::Result<void> load_keys(Config& config, OpenMachine const& open_machine) {
    auto const source = source_of(config);
    if (source == KeySource::environment || source == KeySource::release) return {};
    auto const file = custody::load_key_file(config.key_file);
    if (!file) return std::unexpected(file.error());
    auto keys = source == KeySource::passphrase_file ? keys_of_passphrase(config, *file)
                                                     : keys_of_machine(*file, open_machine);
    if (!keys) return std::unexpected(keys.error());
    config.loaded_keys = std::move(*keys);
    return {};
}

}  // namespace obscura::citadel
