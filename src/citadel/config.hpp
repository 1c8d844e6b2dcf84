#pragma once

#include "audit/journal.hpp"
#include "base/config.hpp"
#include "citadel/call_rates.hpp"
#include "citadel/callers.hpp"
#include "citadel/chain_transaction.hpp"
#include "citadel/evidence_config.hpp"
#include "citadel/keyring.hpp"
#include "citadel/venue_signer.hpp"
#include "net/tls.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::citadel {

/// What an operator may set, beside the address and the log that every service has. `bind` says
/// what each key means.
struct Config {
    net::TlsServerConfig tls;                ///< what the server shows, where it speaks TLS
    std::string key_source = "environment";  ///< a name of `key_source_names`
    std::string key_file;                    ///< of passphrase_file and sealed_file
    std::string passphrase_file;
    Keyring::Keys master_keys_hex;         ///< 64 hex digits each; `master_keys` gives the bytes
    Keyring::Keys loaded_keys;             ///< in place of them, from another source
    std::int64_t min_decrypt_version = 1;  ///< see Keyring::Limits
    std::int64_t min_encrypt_version = 1;
    CallerKeys caller_keys;
    std::vector<std::string> decrypt_callers;
    VenueBook venues = public_venue_book();
    ChainRules chain;
    /// Venues whose live requests leave through citadel's relay only. Those that must are among
    /// them.
    std::vector<std::string> relay_only = venues_that_must_relay();
    std::string relay_ca_file;  ///< whom the relay trusts; empty: the system's roots
    /// How long a request is valid whose item does not say.
    std::chrono::milliseconds default_validity{5'000};
    /// How long what a client seals to a key opens.
    std::chrono::milliseconds sealing_key_lifetime = std::chrono::hours(1);
    audit::JournalConfig audit{.file_bytes = 64 << 20, .is_daily = true};
    std::string accept_lost_day;  ///< "2026-11-29" (ADR 25)
    CallRates rates;
    EvidenceConfig evidence;
    std::string version = "unknown";  ///< of the build, shown by /health
};

/// Declares every key of `config`, which must outlive `table`.
void bind(base::ConfigTable& table, Config& config);
/// The keys that were loaded; where there are none, those that `config` names. What is no hex stays
/// away: `bind` has refused it.
[[nodiscard]] Keyring::Keys master_keys(Config const& config);
/// What makes these keys none to start with, under the versions that `config` wants; also that
/// there are none, or two that are the same.
[[nodiscard]] std::vector<std::string> key_complaints(Keyring::Keys const& keys,
                                                      Config const& config);
/// What is wrong across settings, once each alone is good. Of the master keys those are looked at
/// that are there already.
[[nodiscard]] std::vector<std::string> complaints(Config const& config);

}  // namespace obscura::citadel
