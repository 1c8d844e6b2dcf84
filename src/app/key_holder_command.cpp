#include "app/appraisal_policy.hpp"
#include "app/commands.hpp"
#include "app/internal_tls.hpp"
#include "app/or_throw.hpp"
#include "app/run_to_end.hpp"
#include "base/log.hpp"
#include "citadel/harden.hpp"
#include "custody/files.hpp"
#include "net/runtime.hpp"
#include "peers/key_release.hpp"

#include <boost/asio/io_context.hpp>

#include <CLI/CLI.hpp>

#include <algorithm>
#include <utility>

namespace asio = boost::asio;

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

constexpr auto look_again = 2s;

struct HolderOptions {
    std::string keys, passphrase_file, citadel, caller_key_file, policy;
    net::TlsClientConfig tls;
    bool stays = false;
};

void tell_of_release(base::Result<custody::ReleaseVerdict> const& released) {
    if (!released)
        return base::log::error("key_holder.refused", {{"reason", released.error().reason},
                                                       {"detail", released.error().detail}});
    std::string not_asked;
    for (auto const& check : released->not_asked)
        not_asked += (not_asked.empty() ? "" : " ") + check;
    base::log::info("key_holder.released", {{"attested", released->attested},
                                            {"binding", released->binding},
                                            {"not_asked", not_asked}});
    if (!released->attested)
        base::log::warn("key_holder.not_attested", {{"cure", "development only"}});
}

class Holder {
public:
    explicit Holder(HolderOptions const& o)
        : stays_(o.stays),
          url_(o.citadel),
          http_{.allowed_origins = {o.citadel}, .tls = o.tls},
          judge_(o.policy),
          caller_key_(or_throw(custody::read_passphrase(o.caller_key_file))),
          keys_(or_throw(
              custody::open_key_file(or_throw(custody::load_key_file(o.keys)),
                                     or_throw(custody::read_passphrase(o.passphrase_file))))) {}

    /// Exit status; with --stay it ends with the process.
    [[nodiscard]] net::Task<int> run() {
        while (true) {
            auto const released = co_await release();
            tell(released);
            if (!stays_) co_return released ? 0 : 1;
            co_await net::sleep_for(look_again);
        }
    }

private:
    [[nodiscard]] net::Task<base::Result<custody::ReleaseVerdict>> release() {
        auto const crl = judge_.revocations();
        if (!crl) co_return std::unexpected(crl.error());
        peers::KeyRelease release(http_, url_, caller_key_,
                                  {.policy = judge_.policy,
                                   .certificates = judge_.certificates,
                                   .revocations = *crl ? &**crl : nullptr,
                                   .roots = attest::TrustRoots::production()},
                                  clock_, random_);
        if (stays_) {
            auto const status = co_await release.status();
            if (!status) co_return std::unexpected(status.error());
            if (*status != "locked")
                co_return base::fail(base::Errc::conflict, "already_open", "It has its keys.");
        }
        co_return co_await release.release(keys_);
    }

    /// With --stay each thing that stops it once, until it is another: it looks every few seconds.
    void tell(base::Result<custody::ReleaseVerdict> const& released) {
        auto stopped_by = released ? "" : released.error().reason + ": " + released.error().detail;
        bool const is_news = std::exchange(stopped_by_, stopped_by) != stopped_by;
        if (!released && !is_news) return;
        if (stays_ && !released && released.error().reason == "already_open") return;
        tell_of_release(released);
    }

    bool stays_;
    std::string url_;
    net::ClientConfig http_;
    AppraisalPolicy judge_;
    base::Secret caller_key_;
    custody::MasterKeys keys_;
    std::string stopped_by_;
    base::SystemClock clock_;
    base::SystemRandom random_;
};

/// Our caller's key goes there beside the master keys: whoever reads it on the way could bring keys
/// of his own to a citadel that is locked.
std::string is_where_keys_may_go(std::string const& url) {
    auto const must = is_internal_url(url);
    return must ? "must be " + *must : "";
}

int run_holder(HolderOptions const& options) {
    base::log::start("key-holder", base::log::Level::info, base::log::Format::readable);
    (void)citadel::harden_process();
    Holder holder(options);
    asio::io_context io{1};
    return run_to_end(io, holder.run(), OnSignal::ends);
}

}  // namespace

int run_key_holder(std::vector<std::string> args) {
    CLI::App app("brings the master keys to a citadel that it has appraised (docs/keys.md)",
                 "obscura key-holder");
    HolderOptions o;
    app.add_option("--keys", o.keys, "key file (obscura admin keys seal)")->required();
    app.add_option("--passphrase-file", o.passphrase_file, "opens it: a file, or fd:N")->required();
    app.add_option("--citadel", o.citadel,
                   "origin, as https://citadel:8004; http on this host alone")
        ->required()
        ->check(is_where_keys_may_go);
    app.add_option("--policy", o.policy, "TOML: whom keys may go to")->required();
    app.add_option("--caller-key-file", o.caller_key_file,
                   "citadel's callers.key_holder: a file, or fd:N")
        ->required();
    app.add_option("--ca-file", o.tls.ca_file, "PEM: who vouches for citadel's certificate");
    app.add_option("--certificate", o.tls.certificate_file, "PEM: ours, for mutual TLS");
    app.add_option("--key", o.tls.key_file, "PEM: its key");
    app.add_flag("--stay", o.stays, "stay, and bring them again to a citadel that was restarted");
    try {
        std::ranges::reverse(args);
        app.parse(std::move(args));
    } catch (CLI::ParseError const& e) {
        return app.exit(e) == 0 ? 0 : 2;
    }
    return run_holder(o);
}

}  // namespace obscura::app
