#include "peers/sealing_audit.hpp"

#include "base/json.hpp"
#include "crypto/hash.hpp"
#include "crypto/hex.hpp"
#include "net/runtime.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>
#include <tuple>

namespace obscura::peers {
namespace {

using base::Errc;
using namespace std::chrono_literals;

constexpr auto audit_deadline = 15s;
constexpr std::size_t max_evidence = 256 << 10;

base::Error no_answer(net::TransportError const& error) {
    return {.code = Errc::unavailable,
            .reason = "citadel_unavailable",
            .detail = "citadel does not answer: " + error.detail};
}

/// What citadel says in a problem, or that it says nothing of use.
base::Error refusal_in(net::Response const& answer) {
    auto const problem = base::parse_json(answer.body);
    auto const text = [&](std::string_view key) {
        auto const found = problem ? (*problem)[key].to_text() : std::nullopt;
        return std::string(found.value_or("").substr(0, 300));
    };
    bool const will_pass = answer.status == 429 || answer.status >= 500;
    if (auto reason = text("code"); !reason.empty())
        return {.code = will_pass ? Errc::unavailable : Errc::invalid_argument,
                .reason = std::move(reason),
                .detail = text("detail")};
    return {.code = Errc::bad_gateway,
            .reason = "citadel_answer",
            .detail = "citadel answers " + std::to_string(answer.status) + " and no more."};
}

/// Whether `last` is still what would be said. The report may be another one: a native guest makes
/// one for each nonce.
bool still_says(attest::SealingStatement const& last, attest::SealingStatement const& now) {
    auto const what = [](attest::SealingStatement const& said) {
        return std::tie(said.public_key, said.expires_at, said.environment, said.format,
                        said.measurement, said.certificate);
    };
    auto const age = now.audited_at - last.audited_at;
    return what(last) == what(now) && age >= age.zero() && age < SealingAudit::renewal;
}

}  // namespace

SealingAudit::SealingAudit(net::ClientConfig http, std::string url, Parts parts,
                           base::Clock const& clock, base::Random& random)
    : http_(std::move(http)),
      url_(std::move(url)),
      parts_(std::move(parts)),
      clock_(clock),
      random_(random) {
    http_.max_response_bytes = max_evidence;
}

base::Task<base::Result<attest::SignedStatement>> SealingAudit::run(
    attest::SignedStatement const* last) {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto const session = co_await net::HttpSession::open(executor, http_, url_, audit_deadline);
    if (!session) co_return std::unexpected(no_answer(session.error()));
    attest::Observed observed{.is_loopback = net::is_loopback(net::parse_url(url_).value().host)};
    random_.fill(std::as_writable_bytes(std::span(observed.nonce)));
    if (auto const& key = (*session)->peer_key()) observed.peer_key = *key;
    net::Request question{.target = "/attestation?nonce=" + crypto::hex_encode(observed.nonce)};
    auto const answer = co_await send(**session, std::move(question));
    if (!answer) co_return std::unexpected(answer.error());
    auto seen = appraise(*answer, observed);
    if (!seen) co_return std::unexpected(seen.error());
    if (last != nullptr && still_says(last->statement, *seen)) co_return *last;
    auto const statement = attest::sign(std::move(*seen), parts_.auditor);
    net::Request said{
        .method = "POST", .target = "/sealing-key/statements", .body = to_json(statement).dump()};
    said.headers.add("Content-Type", "application/json");
    auto const taken = co_await send(**session, std::move(said));
    if (!taken) co_return std::unexpected(taken.error());
    co_return statement;
}

base::Task<base::Result<net::Response>> SealingAudit::send(net::HttpSession& session,
                                                           net::Request request) {
    auto answer = co_await session.fetch(std::move(request), audit_deadline);
    if (!answer) co_return std::unexpected(no_answer(answer.error()));
    if (answer->status != 200 && answer->status != 201)
        co_return std::unexpected(refusal_in(*answer));
    co_return std::move(*answer);
}

base::Result<attest::SealingStatement> SealingAudit::appraise(net::Response const& answer,
                                                              attest::Observed const& observed) {
    auto const json = base::parse_json(answer.body);
    if (!json) return std::unexpected(json.error());
    auto const bound = attest::bound_evidence_from_json(*json);
    if (!bound) return std::unexpected(bound.error());
    auto const verdict =
        attest::appraise_citadel(*bound, parts_.policy, observed, parts_.roots, clock_.now());
    if (!verdict) return std::unexpected(verdict.error());
    if (!verdict->attested)
        return base::fail(
            Errc::invalid_argument, "software",
            "An auditor vouches for what is attested, and this is not: " + verdict->summary);
    if (to_string(verdict->format) != parts_.format)
        return base::fail(Errc::invalid_argument, "evidence_format",
                          "The policy takes " + parts_.format + " alone.");
    return statement_of(*bound, observed);
}

base::Result<attest::SealingStatement> SealingAudit::statement_of(
    attest::BoundEvidence const& bound, attest::Observed const& observed) const {
    auto const report = attest::parse_snp_report(bound.evidence.report);
    if (!report) return std::unexpected(report.error());
    attest::SealingStatement said{.environment = parts_.environment,
                                  .format = bound.evidence.format,
                                  .measurement = report->measurement,
                                  .certificate = crypto::sha256(crypto::Bytes(observed.peer_key)),
                                  .report = crypto::sha256(crypto::Bytes(bound.evidence.report)),
                                  .audited_at = clock_.now()};
    if (bound.public_key.size() != said.public_key.size() || !bound.key_expires_at)
        return base::fail(Errc::bad_gateway, "citadel_answer",
                          "citadel's evidence has no key to seal to, or no end of it.");
    std::ranges::copy(bound.public_key, said.public_key.begin());
    said.expires_at = *bound.key_expires_at;
    return said;
}

}  // namespace obscura::peers
