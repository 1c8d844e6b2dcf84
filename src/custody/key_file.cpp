#include "custody/key_file.hpp"

#include "crypto/hkdf.hpp"
#include "crypto/hmac.hpp"
#include "crypto/hpke.hpp"
#include "custody/detail/key_file_lines.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::custody {
namespace {

using crypto::Aead;
using crypto::as_bytes;
using detail::head_of;
using detail::lock_of;

constexpr std::string_view sealing_label = "obscura/citadel/sealed-keys/v1";
constexpr std::string_view recipient_label = "obscura/citadel/recovery/v1";
constexpr std::string_view check_label = "obscura/citadel/key-file-check/v1";

std::unexpected<base::Error> refused(std::string reason, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(reason), std::move(detail));
}
std::unexpected<base::Error> without(std::string_view lock) {
    return refused("key_file_lock", "The key file has no " + std::string(lock) + " line.");
}

base::Secret machine_key(base::Secret const& derived, std::string_view line) {
    return crypto::hkdf_sha256(derived.bytes(), as_bytes(sealing_label), as_bytes(line),
                               Aead::key_size);
}

crypto::Digest check_of(base::Secret const& payload, KeyFile const& file) {
    auto const key = crypto::hkdf_sha256(payload.bytes(), {}, as_bytes(check_label), 32);
    return crypto::hmac_sha256(key.bytes(), as_bytes(detail::all_but_check(file)));
}

/// What has opened, held to the rest of the file.
base::Result<MasterKeys> keys_in(KeyFile const& file, std::optional<base::Secret> const& payload,
                                 std::string_view with) {
    if (!payload)
        return refused("key_file_closed", "The key file does not open with " + std::string(with) +
                                              ", or it was altered.");
    auto const check = check_of(*payload, file);
    if (!base::equal_constant_time(crypto::as_text(check), crypto::as_text(file.check)))
        return refused("key_file_altered",
                       "The key file opens, but another line of it was altered.");
    return unpack(payload->bytes(), file.versions);
}

bool is_within_bounds(crypto::PasswordCost const& cost) {
    return cost.passes >= least_cost.passes && cost.passes <= greatest_cost.passes &&
           cost.memory_bytes >= least_cost.memory_bytes &&
           cost.memory_bytes <= greatest_cost.memory_bytes;
}

}  // namespace

base::Result<KeyFile> parse_key_file(std::string_view text) {
    auto file = detail::read_lines(text);
    if (!file || to_text(*file) != text)
        return refused("key_file", "This is no key file of citadel's, or it was altered.");
    if (file->passphrase && !is_within_bounds(file->passphrase->cost))
        return refused("key_file_cost",
                       "The key file asks for more memory or passes than 1 GiB and 16.");
    return std::move(*file);
}

std::string to_text(KeyFile const& file) {
    return detail::all_but_check(file) + detail::check_line(file);
}

base::Result<MasterKeys> open_key_file(KeyFile const& file, base::Secret const& passphrase) {
    if (!file.passphrase) return without("passphrase");
    auto const& lock = *file.passphrase;
    Aead aead(crypto::derive_password_key(passphrase.reveal(), lock.salt, lock.cost));
    auto const aad = head_of(file.versions) + lock_of(lock);
    return keys_in(file, aead.open(lock.nonce, as_bytes(aad), lock.sealed), "this passphrase");
}

base::Result<MasterKeys> open_key_file(KeyFile const& file, MachineKey& machine) {
    if (!file.machine) return without("machine");
    auto const& lock = *file.machine;
    auto const derived = machine.derive(lock.tcb);
    if (!derived) return std::unexpected(derived.error());
    auto const aad = head_of(file.versions) + lock_of(lock);
    Aead aead(machine_key(*derived, lock_of(lock)));
    return keys_in(file, aead.open(lock.nonce, as_bytes(aad), lock.sealed),
                   "this machine's key (an upgrade changes it: use the recovery line)");
}

base::Result<MasterKeys> open_key_file(KeyFile const& file, crypto::X25519PrivateKey const& key) {
    if (!file.recipient) return without("recipient");
    auto const& lock = *file.recipient;
    auto const aad = head_of(file.versions) + lock_of(lock);
    auto opened =
        crypto::hpke_open(lock.enc, key, as_bytes(recipient_label), as_bytes(aad), lock.sealed);
    return keys_in(file, opened ? std::optional(std::move(*opened)) : std::nullopt,
                   "this private key");
}

base::Result<KeyFile> make_key_file(MasterKeys const& keys, KeyFileLocks const& locks,
                                    base::Random& random) {
    KeyFile file{.versions = versions_of(keys)};
    bool const has_lock = locks.passphrase || locks.machine || locks.recipient;
    if (!has_lock || file.versions.empty() || !is_within_bounds(locks.cost))
        throw std::invalid_argument("a key file needs a key, and who is to open it");
    auto const payload = pack(keys);
    auto const head = head_of(file.versions);
    if (locks.passphrase) {
        auto& lock = file.passphrase.emplace(
            PassphraseLock{.cost = locks.cost, .nonce = crypto::random_nonce(random)});
        random.fill(std::as_writable_bytes(std::span(lock.salt)));
        Aead aead(crypto::derive_password_key(locks.passphrase->reveal(), lock.salt, lock.cost));
        lock.sealed = aead.seal(lock.nonce, as_bytes(head + lock_of(lock)), payload.bytes());
    }
    if (locks.machine) {
        auto const tcb = locks.machine->tcb();
        if (!tcb) return std::unexpected(tcb.error());
        auto const derived = locks.machine->derive(*tcb);
        if (!derived) return std::unexpected(derived.error());
        auto& lock =
            file.machine.emplace(MachineLock{.tcb = *tcb, .nonce = crypto::random_nonce(random)});
        Aead aead(machine_key(*derived, lock_of(lock)));
        lock.sealed = aead.seal(lock.nonce, as_bytes(head + lock_of(lock)), payload.bytes());
    }
    if (locks.recipient) {
        auto& lock = file.recipient.emplace(RecipientLock{.key = *locks.recipient});
        auto message = crypto::hpke_seal(lock.key, as_bytes(recipient_label),
                                         as_bytes(head + lock_of(lock)), payload.bytes(), random);
        if (!message) return std::unexpected(message.error());
        lock.enc = message->enc;
        lock.sealed = std::move(message->sealed);
    }
    file.check = check_of(payload, file);
    return file;
}

}  // namespace obscura::custody
