#include "citadel/config.hpp"

#include "citadel/key_source.hpp"
#include "crypto/hex.hpp"
#include "custody/master_keys.hpp"
#include "net/http.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using Must = std::optional<std::string>;

constexpr std::size_t min_caller_key = 8;

Must is_master_key(std::string const& text) {
    bool const good =
        text.size() == 64 && text.find_first_not_of("0123456789abcdefABCDEF") == text.npos;
    return good ? std::nullopt : Must("must be 64 hex digits");
}

Must is_key_source(std::string const& text) {
    if (model::value_of(text, key_source_names)) return std::nullopt;
    return "must be environment, passphrase_file, sealed_file or release";
}

Must is_caller_key(std::string const& text) {
    if (text.starts_with("sha256:")) {
        crypto::Digest digest{};
        return crypto::hex_decode_into(text.substr(7), digest)
                   ? std::nullopt
                   : Must("must have 64 hex digits after sha256:");
    }
    bool const good = text.size() >= min_caller_key && text.size() <= 256 &&
                      std::ranges::all_of(text, [](char c) { return c > ' ' && c <= '~'; });
    return good ? std::nullopt : Must("must be 8 to 256 printable characters without blanks");
}

Must is_caller_name(std::string const& text) {
    // Whoever rewraps everything, or holds the master keys, must not be able to read it; alchemist
    // has nothing to do with it.
    using enum CallerName;
    auto const name = model::value_of(text, caller_names);
    if (name && *name != rotation && *name != key_holder && *name != alchemist) return std::nullopt;
    return "must be gateway, conductor, sentinel, admin or internal";
}

Must is_served_venue(std::string const& text) {
    return find_signer(text) ? std::nullopt : Must("must be a venue that citadel signs for");
}

/// Signed orders for real accounts travel encrypted; on this host they may do without.
bool is_private(net::Url const& url) {
    return url.is_tls() || url.host == "127.0.0.1" || url.host == "localhost" || url.host == "::1";
}

base::ConfigTable::Check origin_rule(model::Environment environment) {
    return [environment](std::string const& text) -> Must {
        auto const url = net::parse_url(text);
        bool const is_http = url && (url->scheme == "https" || url->scheme == "http");
        if (!is_http || url->target != "/" || text.ends_with('/')) {
            return "must be an origin like https://api.binance.com:443, without a path";
        }
        if (environment == model::Environment::paper || is_private(*url)) return std::nullopt;
        return "must be https";
    };
}

/// Empty on paper alone, where one venue serves both markets at one address: for a real venue it
/// would send orders of one market to the host of the other.
base::ConfigTable::Check futures_rule(model::Environment environment) {
    return [environment](std::string const& text) -> Must {
        if (text.empty() && environment == model::Environment::paper) return std::nullopt;
        return origin_rule(environment)(text);
    };
}

base::ConfigTable::Check websocket_rule(model::Environment environment) {
    return [environment](std::string const& text) -> Must {
        auto const url = net::parse_url(text);
        if (!url || (url->scheme != "wss" && url->scheme != "ws")) {
            return "must be a URL like wss://ws-api.binance.com:443/ws-api/v3";
        }
        if (environment == model::Environment::paper || is_private(*url)) return std::nullopt;
        return "must be wss";
    };
}

void bind_key_source(base::ConfigTable& table, Config& config) {
    table.bind(
        "citadel.key_source", config.key_source,
        "Where master keys come from: environment (this table; for a developer's machine), "
        "passphrase_file, sealed_file (native SEV-SNP), or release (a key holder brings them "
        "to a machine that it appraised).",
        is_key_source);
    table.bind("citadel.key_file", config.key_file,
               "Of passphrase_file and sealed_file: what `obscura admin keys seal` made.");
    table.bind(
        "citadel.passphrase_file", config.passphrase_file,
        "Of passphrase_file: a file that its owner alone may use, or fd:N, read at the start.");
}

void bind_keys(base::ConfigTable& table, Config& config) {
    bind_key_source(table, config);
    for (int version = 1; version <= Keyring::max_version; ++version) {
        auto const suffix = version == 1 ? std::string() : "_v" + std::to_string(version);
        auto const upper = version == 1 ? std::string() : "_V" + std::to_string(version);
        table.bind("citadel.master_key" + suffix,
                   config.master_keys_hex[static_cast<std::size_t>(version - 1)],
                   "Of environment: master key of version " + std::to_string(version) +
                       ", 64 hex digits. The highest version given seals, all of them open.",
                   is_master_key);
        table.alias("CITADEL_MASTER_KEY" + upper);
    }
    table.bind("citadel.min_decrypt_version", config.min_decrypt_version,
               "What is sealed under an older master key no longer opens: raise it once "
               "`obscura admin rotate-keys` has left nothing behind.",
               {1, Keyring::max_version});
    table.bind(
        "citadel.min_encrypt_version", config.min_encrypt_version,
        "citadel does not start with an older highest master key, as after a restored backup.",
        {1, Keyring::max_version});
    table.bind("citadel.sealing_key_lifetime", config.sealing_key_lifetime,
               "How long credentials open that clients seal to a key of citadel's; for half of it "
               "the key is the one to seal to.",
               {60'000, 3'600'000});
    for (std::size_t i = 0; i < caller_names.size(); ++i) {
        auto const name = std::string(caller_names[i].name);
        bool const conventional = caller_names[i].value == CallerName::internal;
        table.bind("callers." + name, config.caller_keys[i],
                   conventional ? "X-Internal-API-Key of any caller that may only encrypt."
                                : "X-Internal-API-Key of " + name +
                                      ", or sha256: and the 64 hex digits of its digest.",
                   is_caller_key);
        if (conventional) table.alias("CITADEL_INTERNAL_API_KEY");
    }
    table.bind("citadel.decrypt_callers", config.decrypt_callers,
               "Callers that may ask for plaintext. Leave it empty: nothing of ours needs it.",
               is_caller_name);
}

void bind_binance(base::ConfigTable& table, VenueAddresses& addresses) {
    for (auto const& [name, environment] : model::environment_names) {
        auto& endpoints = addresses[static_cast<std::size_t>(environment)];
        auto const prefix = "venues.binance." + std::string(name);
        table.bind(prefix + ".rest", endpoints.rest, "Origin of Binance's REST API.",
                   origin_rule(environment));
        table.bind(prefix + ".ws", endpoints.websocket, "URL of Binance's WebSocket API.",
                   websocket_rule(environment));
        table.bind(prefix + ".futures", endpoints.futures,
                   environment == model::Environment::paper
                       ? "Origin of USD-M futures; empty: that of rest."
                       : "Origin of Binance's USD-M futures API.",
                   futures_rule(environment));
    }
}

/// Of any other venue: the addresses that it has of its own, in the environments that it has.
void bind_venue(base::ConfigTable& table, std::string const& venue, VenueAddresses& addresses) {
    for (auto const& [name, environment] : model::environment_names) {
        auto& endpoints = addresses[static_cast<std::size_t>(environment)];
        auto const bind = [&](std::string_view key, std::string& target, std::string meaning,
                              base::ConfigTable::Check check) {
            if (target.empty()) return;
            table.bind("venues." + venue + "." + std::string(name) + "." + std::string(key), target,
                       std::move(meaning), std::move(check));
        };
        auto const rest = origin_rule(environment);
        auto const websocket = websocket_rule(environment);
        bool const is_one = endpoints.futures.empty();
        bool const streams_are_one = endpoints.futures_websocket.empty();
        bind("rest", endpoints.rest,
             is_one ? "Origin of its REST API." : "Origin of spot's REST API.", rest);
        bind("ws", endpoints.websocket,
             streams_are_one ? "URL of its private stream." : "URL of spot's private stream.",
             websocket);
        bind("futures", endpoints.futures, "Origin of linear perpetuals' REST API.", rest);
        bind("futures_ws", endpoints.futures_websocket, "URL of linear perpetuals' private stream.",
             websocket);
    }
}

void bind_venues(base::ConfigTable& table, Config& config) {
    bind_binance(table, config.venues.at("binance"));
    for (auto const& signer : venue_signers()) {
        auto const venue = std::string(signer.venue);
        if (venue != "binance") bind_venue(table, venue, config.venues.at(venue));
    }
    table.bind("citadel.default_validity", config.default_validity,
               "How long a signed request is valid whose item names no not_after_ms.", {1, 60'000});
}

void bind_relay(base::ConfigTable& table, Config& config) {
    table.bind(
        "citadel.relay_only", config.relay_only,
        "Venues whose live requests leave through citadel's relay only, so that conductor sees "
        "and alters nothing of them. Those of the default must be among them.",
        is_served_venue);
    table.bind(
        "citadel.relay_ca", config.relay_ca_file,
        "PEM file of the CAs that may vouch for a venue, in the relay and for prices; empty: the "
        "system's.");
}

Must is_day(std::string const& text) {
    bool const good =
        text.empty() || (text.size() == 10 && base::parse_rfc3339(text + "T00:00:00Z"));
    return good ? std::nullopt : Must("must be a day like 2026-11-29");
}

void bind_audit(base::ConfigTable& table, Config& settings) {
    auto& config = settings.audit;
    table.bind("citadel.audit_folder", config.folder,
               "Where the log of all calls is kept, with the key that signs its heads; empty: "
               ".obscura/citadel-<port> of the working directory.");
    table.bind("citadel.audit_head_entries", config.head_entries,
               "At most so many entries before a signed head; of a log that is begun.",
               {1, 100'000});
    table.bind("citadel.audit_head_interval", config.head_interval,
               "At most so long without a signed head while there are entries.", {10, 3'600'000});
    table.bind("citadel.audit_flush_interval", config.flush_interval,
               "Entries go to the disk together, this far apart: what a power cut may lose.",
               {1, 10'000});
    table.bind("citadel.audit_file_bytes", config.file_bytes,
               "A file of the log that is as large is finished, and a next one goes on; one of an "
               "earlier day of UTC as well.",
               {4'096, 1LL << 40});
    table.bind("citadel.accept_lost_day", settings.accept_lost_day,
               "A day of UTC whose sums of notionals are not known any more, as after a lost file: "
               "orders under a daily limit go on, and only what is still known counts.",
               is_day);
}

Must is_address(std::string const& text) {
    bool const good = text.empty() || crypto::EthereumAddress::parse(text);
    return good ? std::nullopt : Must("must be 0x and 40 hex digits");
}

void bind_chain(base::ConfigTable& table, ChainRules& rules) {
    table.bind("chain.id", rules.chain_id,
               "The chain that checkpoints and transactions are signed for; 0: none.",
               {0, INT64_MAX});
    table.bind("chain.registry", rules.registry,
               "Contract whose checkpoints the notary's key signs; empty: none.", is_address);
    table.bind("chain.contracts", rules.contracts,
               "Contracts that transactions may call, and no other address.", is_address);
    table.bind("chain.max_fee_gwei", rules.max_fee_gwei,
               "The most that a transaction may offer for a unit of gas.", {1, 1'000'000});
    table.bind("chain.max_gas", rules.max_gas, "The most gas that a transaction may ask for.",
               {21'000, 100'000'000});
    table.bind("chain.checkpoint_interval", rules.checkpoint_interval,
               "A log has one checkpoint in each.", {1'000, 86'400'000});
}

/// "a and b must differ" for every two that are the same.
template <std::size_t N, class Name>
void require_distinct(std::array<base::Secret, N> const& secrets, Name const& name,
                      std::vector<std::string>& out) {
    for (std::size_t i = 0; i < N; ++i) {
        for (std::size_t j = i + 1; j < N; ++j) {
            if (secrets[i].empty() || secrets[i].reveal() != secrets[j].reveal()) continue;
            out.push_back(name(i) + " and " + name(j) + " must differ");
        }
    }
}

}  // namespace

void bind(base::ConfigTable& table, Config& config) {
    bind_keys(table, config);
    bind_venues(table, config);
    bind_relay(table, config);
    bind_audit(table, config);
    bind_chain(table, config.chain);
    bind(table, config.rates);
    bind(table, config.evidence);
}

Keyring::Keys master_keys(Config const& config) {
    Keyring::Keys out;
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (!config.loaded_keys[i].empty()) {
            out[i] = config.loaded_keys[i].clone();
            continue;
        }
        auto key = base::Secret::zeroed(crypto::Aead::key_size);
        if (crypto::hex_decode_into(config.master_keys_hex[i].reveal(), key.mutable_bytes())) {
            out[i] = std::move(key);
        }
    }
    return out;
}

std::vector<std::string> key_complaints(Keyring::Keys const& keys, Config const& config) {
    std::vector<std::string> out;
    auto const highest = custody::highest_version(keys);
    if (highest == 0) {
        out.push_back(
            "citadel.master_key: at least one version must be given (CITADEL_MASTER_KEY)");
        return out;
    }
    if (highest < config.min_encrypt_version)
        out.push_back("citadel.min_encrypt_version is " +
                      std::to_string(config.min_encrypt_version) +
                      ", and the highest master key given is version " + std::to_string(highest));
    if (highest < config.min_decrypt_version)
        out.push_back(
            "citadel.min_decrypt_version is above every master key given: nothing would open");
    auto const key_name = [](std::size_t i) {
        return i == 0 ? std::string("citadel.master_key")
                      : "citadel.master_key_v" + std::to_string(i + 1);
    };
    require_distinct(keys, key_name, out);
    return out;
}

std::vector<std::string> complaints(Config const& config) {
    std::vector<std::string> out;
    auto const is_given = [](base::Secret const& s) { return !s.empty(); };
    auto const keys = master_keys(config);
    if (source_of(config) == KeySource::environment || std::ranges::any_of(keys, is_given))
        out = key_complaints(keys, config);
    std::ranges::move(key_source_complaints(config), std::back_inserter(out));
    // What hardware vouches for would say nothing of who else has the keys, or reads with them.
    if (config.evidence.source != "software") {
        if (source_of(config) == KeySource::environment)
            out.push_back(
                "citadel.key_source: environment is for software evidence: this machine's owner "
                "has such keys. Take sealed_file or release");
        if (!config.decrypt_callers.empty())
            out.push_back("citadel.decrypt_callers must be empty where evidence is of hardware");
    }
    if (std::ranges::none_of(config.caller_keys, is_given)) {
        out.push_back("callers: at least one key must be given (CITADEL_INTERNAL_API_KEY)");
    }
    auto const caller_name = [](std::size_t i) {
        return "callers." + std::string(caller_names[i].name);
    };
    for (auto const& venue : venues_that_must_relay())
        if (std::ranges::find(config.relay_only, venue) == config.relay_only.end())
            out.push_back("citadel.relay_only must have " + venue +
                          " in it: its requests give a secret away, or can be made into others");
    require_distinct(config.caller_keys, caller_name, out);
    return out;
}

}  // namespace obscura::citadel
