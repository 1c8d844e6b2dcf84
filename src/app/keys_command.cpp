#include "app/keys_command.hpp"

#include "app/files.hpp"
#include "app/or_throw.hpp"
#include "base/config.hpp"
#include "citadel/harden.hpp"
#include "crypto/dhkem.hpp"
#include "crypto/hex.hpp"
#include "custody/files.hpp"
#include "custody/sev_guest.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <filesystem>

namespace obscura::app {
namespace {

using custody::MasterKeys;

constexpr std::size_t least_passphrase = 16;

struct SealOptions {
    std::string out;
    std::string passphrase_file;
    std::string recovery_key;
    bool on_machine = false;
    std::string from;
    std::string from_passphrase_file;
    std::string from_private_key;
    bool from_machine = false;
    bool from_environment = false;
    bool adds_version = false;
};

crypto::X25519PrivateKey private_key_in(std::string const& path) {
    auto const digits = or_throw(custody::read_passphrase(path));
    auto raw = base::Secret::zeroed(crypto::X25519PrivateKey::size);
    if (!crypto::hex_decode_into(digits.reveal(), raw.mutable_bytes()))
        throw std::runtime_error(path + ": must be what `keys recovery-key` wrote");
    return or_throw(crypto::X25519PrivateKey::from_bytes(raw.bytes()));
}

/// CITADEL_MASTER_KEY and its later versions, as citadel itself reads them.
MasterKeys keys_in_environment() {
    MasterKeys digits, keys;
    base::ConfigTable table;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        auto const n = std::to_string(i + 1);
        table.bind("citadel.master_key" + (i == 0 ? "" : "_v" + n), digits[i], "");
        table.alias("CITADEL_MASTER_KEY" + (i == 0 ? "" : "_V" + n));
    }
    for (auto const& complaint : table.load("", "", base::process_environment()))
        throw std::runtime_error(complaint);
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (digits[i].empty()) continue;
        keys[i] = base::Secret::zeroed(crypto::Aead::key_size);
        if (!crypto::hex_decode_into(digits[i].reveal(), keys[i].mutable_bytes()))
            throw std::runtime_error("CITADEL_MASTER_KEY: each must be 64 hex digits");
    }
    return keys;
}

MasterKeys keys_in_file(SealOptions const& o) {
    auto const file = or_throw(custody::load_key_file(o.from));
    if (o.from_machine) {
        auto machine = or_throw(custody::SevGuest::open());
        return or_throw(custody::open_key_file(file, machine));
    }
    if (!o.from_private_key.empty())
        return or_throw(custody::open_key_file(file, private_key_in(o.from_private_key)));
    auto const& where = o.from_passphrase_file.empty() ? o.passphrase_file : o.from_passphrase_file;
    return or_throw(custody::open_key_file(file, or_throw(custody::read_passphrase(where))));
}

/// A file that nobody named as the source is not written over: keys that are gone open nothing.
void require_free(SealOptions const& o) {
    if (std::filesystem::exists(o.out) &&
        (o.from.empty() || !std::filesystem::equivalent(o.from, o.out)))
        throw std::runtime_error(o.out + " is there: name it with --from to make it anew");
}

MasterKeys keys_to_seal(SealOptions const& o, base::Random& random) {
    auto keys = o.from_environment ? keys_in_environment()
                : o.from.empty()   ? MasterKeys()
                                   : keys_in_file(o);
    bool const is_new = o.from.empty() && !o.from_environment;
    if (is_new || o.adds_version) (void)or_throw(custody::add_version(keys, random));
    if (custody::highest_version(keys) == 0)
        throw std::runtime_error("there is no CITADEL_MASTER_KEY in the environment");
    return keys;
}

int seal(SealOptions const& o) {
    require_free(o);
    base::SystemRandom random;
    auto const keys = keys_to_seal(o, random);
    custody::KeyFileLocks locks;
    base::Secret passphrase;
    if (!o.passphrase_file.empty()) {
        passphrase = or_throw(custody::read_passphrase(o.passphrase_file));
        if (passphrase.size() < least_passphrase)
            throw std::runtime_error("the passphrase must have 16 bytes or more");
        locks.passphrase = &passphrase;
    }
    std::optional<custody::SevGuest> machine;
    if (o.on_machine) locks.machine = &machine.emplace(or_throw(custody::SevGuest::open()));
    if (!o.recovery_key.empty() &&
        !crypto::hex_decode_into(o.recovery_key, locks.recipient.emplace()))
        throw std::runtime_error("--recovery-key must be 64 hex digits");
    if (!locks.passphrase && !locks.recipient)
        throw std::runtime_error(
            "--passphrase-file or --recovery-key must be given: an upgrade would lock a machine "
            "out of its own file");
    auto const file = or_throw(custody::make_key_file(keys, locks, random));
    write_file(o.out, custody::to_text(file), 0600);
    std::printf("%s: versions %s\n", o.out.c_str(), custody::versions_text(file.versions).c_str());
    return 0;
}

int show(std::string const& path) {
    auto const file = or_throw(custody::load_key_file(path));
    std::printf("versions %s\n", custody::versions_text(file.versions).c_str());
    if (auto const& lock = file.passphrase)
        std::printf("opens with a passphrase (Argon2id, %llu passes, %zu MiB)\n", lock->cost.passes,
                    lock->cost.memory_bytes >> 20);
    if (auto const& lock = file.machine)
        std::printf("opens on the machine it was sealed on (TCB %s)\n",
                    crypto::hex_encode(lock->tcb.bytes).c_str());
    if (auto const& lock = file.recipient)
        std::printf("opens with the private key of %s\n", crypto::hex_encode(lock->key).c_str());
    return 0;
}

int make_recovery_key(std::string const& path) {
    if (std::filesystem::exists(path)) throw std::runtime_error(path + " is there");
    base::SystemRandom random;
    auto const key = crypto::dhkem_generate_key(random);
    auto digits = crypto::hex_encode(key.bytes().bytes()) + "\n";
    write_file(path, digits, 0600);
    base::cleanse(digits);
    std::printf("%s\n", crypto::hex_encode(key.public_key()).c_str());
    return 0;
}

void add_seal(CLI::App& app, SealOptions& o) {
    auto* const sub = app.add_subcommand("seal", "makes a key file, or makes one anew");
    sub->add_option("--out", o.out, "the file; written whole, for its owner alone")->required();
    sub->add_option("--passphrase-file", o.passphrase_file, "opens it: a file, or fd:N");
    sub->add_option("--recovery-key", o.recovery_key,
                    "opens it: the private key of this public one (keys recovery-key)");
    sub->add_flag("--machine", o.on_machine, "opens it: this SEV-SNP guest");
    auto* const from = sub->add_option("--from", o.from, "a key file to take the keys from");
    sub->add_option("--from-passphrase-file", o.from_passphrase_file,
                    "opens that one (else --passphrase-file)");
    sub->add_option("--from-private-key", o.from_private_key, "opens that one");
    sub->add_flag("--from-machine", o.from_machine, "opens that one: this SEV-SNP guest");
    sub->add_flag("--from-environment", o.from_environment, "takes CITADEL_MASTER_KEY, _V2, …")
        ->excludes(from);
    sub->add_flag("--add-version", o.adds_version, "a new random key above the highest version");
}

}  // namespace

int run_keys(std::vector<std::string> args) {
    (void)citadel::harden_process();
    CLI::App app("files of citadel's master keys (docs/keys.md); no key is ever shown",
                 "obscura admin keys");
    app.require_subcommand(1);
    SealOptions options;
    add_seal(app, options);
    std::string shown, recovery;
    auto* const show_file = app.add_subcommand("show", "what is in a key file, and what opens it");
    show_file->add_option("file", shown, "the key file")->required();
    auto* const make = app.add_subcommand("recovery-key", "a key pair; prints the public one");
    make->add_option("--out", recovery, "the private key's file")->required();
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    try {
        if (app.got_subcommand(show_file)) return show(shown);
        return app.got_subcommand(make) ? make_recovery_key(recovery) : seal(options);
    } catch (std::exception const& e) {
        std::fprintf(stderr, "obscura admin keys: %s\n", e.what());
        return 1;
    }
}

}  // namespace obscura::app
