#include "peers/citadel_gate.hpp"

#include "base/json.hpp"
#include "base/log.hpp"
#include "crypto/hex.hpp"
#include "net/runtime.hpp"
#include "peers/citadel_wire.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <stdexcept>

namespace asio = boost::asio;

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using base::Errc;
using base::Result;

/// One refusal, then pauses that double: a citadel that fails does not get better by being asked.
constexpr net::BreakerConfig retries{.failures = 1, .first_pause = 1s, .longest_pause = 30s};
/// After a look that found nobody.
constexpr auto look_again = 2s;

std::vector<std::uint8_t> bytes_of(net::PeerKey const& key) {
    return key ? *key : std::vector<std::uint8_t>();
}

}  // namespace

struct CitadelGate::Check {
    explicit Check(asio::any_io_executor executor)
        : done(std::move(executor), asio::steady_timer::time_point::max()) {}
    asio::steady_timer done;  ///< cancelled at the end
    std::optional<Outcome> outcome;
};

struct CitadelGate::Answer {
    attest::BoundEvidence bound;
    net::PeerKey key;
};

CitadelGate::CitadelGate(net::HttpClient& http, std::string origin,
                         CitadelClientConfig const& config, base::Clock const& clock,
                         base::Random& random, attest::TrustRoots const& roots)
    : http_(http),
      origin_(std::move(origin)),
      is_loopback_(net::is_loopback(net::parse_url(origin_).value().host)),
      config_(config),
      clock_(clock),
      random_(random),
      roots_(roots),
      retry_(retries) {
    if (auto const policy = read_policy(config_.evidence); !policy)
        throw std::invalid_argument(policy.error().detail);
}

bool CitadelGate::is_younger_than(std::chrono::milliseconds age) const {
    return verdict_ && clock_.steady() < checked_at_ + age;
}

base::Task<CitadelGate::Outcome> CitadelGate::enter() {
    // `keep` renews it in time. Twice as old nobody keeps it, or citadel is slow to tell.
    if (is_younger_than(2 * config_.evidence.recheck)) co_return key_;
    co_return co_await check();
}

void CitadelGate::forget() {
    verdict_.reset();
    key_.reset();
}

base::Task<void> CitadelGate::keep() {
    while (true) {
        auto const outcome = co_await check();
        auto pause = outcome ? config_.evidence.recheck : std::chrono::milliseconds(look_again);
        if (is_refused())
            pause = std::max<std::chrono::milliseconds>(retry_.retry_after(clock_.steady()), 100ms);
        co_await net::sleep_for(pause);
    }
}

base::Task<CitadelGate::Outcome> CitadelGate::check() {
    if (auto const other = under_way_) {
        co_await other->done.async_wait(asio::as_tuple(asio::use_awaitable));
        if (other->outcome) co_return *other->outcome;
        co_return std::unexpected(citadel_wire::unavailable("the check was cancelled"));
    }
    if (!retry_.allow(clock_.steady())) co_return std::unexpected(refused());
    auto const mine = std::make_shared<Check>(co_await asio::this_coro::executor);
    under_way_ = mine;
    struct End {
        CitadelGate& gate;
        Check& check;
        ~End() {
            gate.under_way_.reset();
            check.done.cancel();
        }
    };
    End const end{*this, *mine};
    mine->outcome = co_await ask();
    co_return *mine->outcome;
}

base::Task<CitadelGate::Outcome> CitadelGate::ask() {
    attest::Nonce nonce{};
    random_.fill(std::as_writable_bytes(std::span(nonce)));
    auto const answer = co_await fetch(nonce);
    if (!answer && answer.error().code == Errc::unavailable) {
        if (is_refused()) retry_.failed(clock_.steady());
        co_return std::unexpected(answer.error());
    }
    if (!answer) co_return refuse(answer.error());
    auto verdict = appraise(*answer, nonce);
    if (!verdict) co_return refuse(verdict.error());
    co_return accept(std::move(*verdict), answer->key);
}

base::Task<Result<CitadelGate::Answer>> CitadelGate::fetch(attest::Nonce nonce) {
    net::Request request{.target = "/attestation?nonce=" + crypto::hex_encode(nonce)};
    auto const answer = co_await http_.fetch(origin_, std::move(request), config_.deadline);
    if (!answer) co_return std::unexpected(citadel_wire::unavailable(answer.error().detail));
    auto const status = answer->status;
    if (status == 429 || status >= 500)
        co_return std::unexpected(
            citadel_wire::unavailable("its evidence: status " + std::to_string(status)));
    auto const body = base::parse_json(answer->body);
    if (status != 200 || !body)
        co_return base::fail(Errc::invalid_argument, "evidence_missing",
                             "whoever answers shows no evidence: status " + std::to_string(status));
    auto bound = attest::bound_evidence_from_json(*body);
    if (!bound) co_return std::unexpected(bound.error());
    co_return Answer{.bound = std::move(*bound), .key = answer->peer_key};
}

Result<attest::CitadelVerdict> CitadelGate::appraise(Answer const& answer,
                                                     attest::Nonce const& nonce) const {
    auto const policy = read_policy(config_.evidence);
    if (!policy) return std::unexpected(policy.error());
    attest::Observed const observed{
        .nonce = nonce, .peer_key = bytes_of(answer.key), .is_loopback = is_loopback_};
    return attest::appraise_citadel(answer.bound, *policy, observed, roots_, clock_.now());
}

CitadelGate::Outcome CitadelGate::accept(attest::CitadelVerdict verdict, net::PeerKey key) {
    bool const is_news = is_refused() || !verdict_ || verdict_->summary != verdict.summary;
    if (is_news)
        base::log::info("citadel.evidence", {{"format", to_string(verdict.format)},
                                             {"attested", verdict.attested},
                                             {"verdict", verdict.summary}});
    refusal_.clear();
    retry_.succeeded();
    verdict_ = std::move(verdict);
    key_ = std::move(key);
    checked_at_ = clock_.steady();
    return key_;
}

CitadelGate::Outcome CitadelGate::refuse(base::Error const& error) {
    forget();
    retry_.failed(clock_.steady());
    refusal_ = error.detail + " (check: " + error.reason + ")";
    base::log::error("citadel.refused",
                     {{"check", error.reason},
                      {"why", error.detail},
                      {"error", error.internal},
                      {"again_in_ms", retry_.retry_after(clock_.steady()).count()}});
    return std::unexpected(refused());
}

base::Error CitadelGate::refused() const {
    auto const wait = std::chrono::ceil<std::chrono::seconds>(retry_.retry_after(clock_.steady()));
    return {.code = Errc::unavailable,
            .reason = "citadel_refused",
            .detail = "The signing service has not shown what this deployment asks of it.",
            .internal = refusal_,
            .retry_after = std::max(wait, std::chrono::seconds(1))};
}

std::string CitadelGate::status() const {
    if (is_refused()) return "refused, and nothing is sent to it: " + refusal_;
    if (verdict_) return verdict_->summary;
    return "not asked yet";
}

}  // namespace obscura::peers
