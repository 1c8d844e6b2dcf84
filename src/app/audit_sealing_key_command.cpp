#include "app/appraisal_policy.hpp"
#include "app/commands.hpp"
#include "app/or_throw.hpp"
#include "app/run_to_end.hpp"
#include "base/log.hpp"
#include "crypto/hex.hpp"
#include "custody/files.hpp"
#include "net/runtime.hpp"
#include "peers/sealing_audit.hpp"

#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <cstdio>
#include <optional>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

/// A key serves for half an hour at most; its statement should not be long in coming.
constexpr auto audit_again = 5s;

struct AuditorOptions {
    std::string citadel, policy, signing_key_file;
    net::TlsClientConfig tls;
    bool stays = false;
    bool shows_public_key = false;
};

crypto::Ed25519PrivateKey signing_key(std::string const& file) {
    auto const text = or_throw(custody::read_passphrase(file));
    auto seed = base::Secret::zeroed(32);
    if (!crypto::hex_decode_into(text.reveal(), seed.mutable_bytes()))
        throw std::runtime_error(file + " must hold an Ed25519 seed: 64 hex digits");
    return or_throw(crypto::Ed25519PrivateKey::from_seed(seed.bytes()));
}

class Auditor {
public:
    explicit Auditor(AuditorOptions const& o)
        : stays_(o.stays),
          url_(o.citadel),
          http_{.allowed_origins = {o.citadel}, .tls = o.tls},
          files_(o.policy),
          key_(signing_key(o.signing_key_file)) {
        if (files_.policy.format == "software")
            throw std::runtime_error(o.policy + ": an auditor vouches for hardware");
    }

    /// Exit status; with --stay it ends with the process.
    [[nodiscard]] net::Task<int> run() {
        while (true) {
            auto const made = co_await audit();
            tell(made);
            if (!stays_) co_return made ? 0 : 1;
            co_await net::sleep_for(audit_again);
        }
    }

private:
    [[nodiscard]] net::Task<base::Result<attest::SignedStatement>> audit() {
        auto crl = files_.revocations();
        if (!crl) co_return std::unexpected(crl.error());
        attest::CitadelPolicy const policy{.required = attest::RequiredEvidence::attested,
                                           .snp = files_.policy.snp,
                                           .certificates = files_.certificates,
                                           .revocations = std::move(*crl)};
        peers::SealingAudit audit(http_, url_,
                                  {.policy = policy,
                                   .environment = files_.policy.environment,
                                   .format = files_.policy.format,
                                   .auditor = key_,
                                   .roots = attest::TrustRoots::production()},
                                  clock_, random_);
        co_return co_await audit.run(last_ ? &*last_ : nullptr);
    }

    /// What was signed, on standard output; each once.
    void tell(base::Result<attest::SignedStatement> const& made) {
        if (!made)
            return base::log::error("auditor.refused", {{"reason", made.error().reason},
                                                        {"detail", made.error().detail}});
        if (last_ && last_->signature == made->signature) return;
        last_ = *made;
        std::puts(to_json(*made).dump().c_str());
        std::fflush(stdout);
    }

    bool stays_;
    std::string url_;
    net::ClientConfig http_;
    AppraisalPolicy files_;
    crypto::Ed25519PrivateKey key_;
    std::optional<attest::SignedStatement> last_;
    base::SystemClock clock_;
    base::SystemRandom random_;
};

int run_auditor(AuditorOptions const& options) {
    base::log::start("auditor", base::log::Level::info, base::log::Format::readable);
    Auditor auditor(options);
    asio::io_context io{1};
    return run_to_end(io, auditor.run(), OnSignal::ends);
}

int show_public_key(std::string const& file) {
    std::puts(crypto::hex_encode(signing_key(file).public_key().bytes()).c_str());
    return 0;
}

}  // namespace

int run_audit_sealing_key(std::vector<std::string> args) {
    CLI::App app(
        "vouches, as an auditor, for the key that credentials are sealed to "
        "(docs/sealing.md)",
        "obscura audit-sealing-key");
    AuditorOptions o;
    app.add_option("--signing-key-file", o.signing_key_file,
                   "the auditor's Ed25519 seed, 64 hex digits: a file, or fd:N")
        ->required();
    auto* const shows = app.add_flag("--public-key", o.shows_public_key,
                                     "print its public key, which owners pin, and end");
    auto* const citadel =
        app.add_option("--citadel", o.citadel, "origin, as https://citadel.example");
    auto* const policy =
        app.add_option("--policy", o.policy, "TOML: what is vouched for (docs/keys.md)");
    app.add_option("--ca-file", o.tls.ca_file, "PEM: who vouches for citadel's certificate");
    app.add_option("--certificate", o.tls.certificate_file, "PEM: ours, for mutual TLS");
    app.add_option("--key", o.tls.key_file, "PEM: its key");
    app.add_flag("--stay", o.stays, "stay, and vouch for each new key as it is made");
    citadel->excludes(shows);
    policy->excludes(shows);
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
        if (!o.shows_public_key && (o.citadel.empty() || o.policy.empty()))
            throw CLI::RequiredError("--citadel and --policy");
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return o.shows_public_key ? show_public_key(o.signing_key_file) : run_auditor(o);
}

}  // namespace obscura::app
