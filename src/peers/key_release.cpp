#include "peers/key_release.hpp"

#include "crypto/base64.hpp"

#include <boost/asio/this_coro.hpp>

#include <algorithm>

namespace obscura::peers {
namespace {

using base::Json;
using namespace std::chrono_literals;

constexpr auto deadline = 15s;
constexpr std::size_t max_answer = 256 << 10;  ///< evidence with its certificates

base::Error silent(net::TransportError const& error) {
    return {.code = base::Errc::unavailable,
            .reason = "citadel_unavailable",
            .detail = "citadel does not answer: " + error.detail};
}

/// What citadel says in a problem, or that it says nothing of use.
base::Error refusal(net::Response const& answer) {
    auto const problem = base::parse_json(answer.body);
    auto const text = [&](std::string_view key) {
        auto const found = problem ? (*problem)[key].to_text() : std::nullopt;
        return std::string(found.value_or("").substr(0, 300));
    };
    auto const code = answer.status == 409   ? base::Errc::conflict
                      : answer.status >= 500 ? base::Errc::unavailable
                                             : base::Errc::invalid_argument;
    if (auto reason = text("code"); !reason.empty())
        return {.code = code, .reason = std::move(reason), .detail = text("detail")};
    return {.code = base::Errc::bad_gateway,
            .reason = "citadel_answer",
            .detail = "citadel answers " + std::to_string(answer.status) + " and no more."};
}

base::Result<crypto::X25519PublicKey> wrapping_key_in(Json const& challenge) {
    auto const text = challenge["wrapping_key"].to_text();
    auto const bytes = text ? crypto::base64url_decode(*text) : std::nullopt;
    crypto::X25519PublicKey key{};
    if (!bytes || bytes->size() != key.size() || !challenge["evidence"].is_object())
        return base::fail(base::Errc::bad_gateway, "citadel_answer",
                          "citadel's challenge has no wrapping key or no evidence.");
    std::ranges::copy(*bytes, key.begin());
    return key;
}

net::Request posted(std::string path, Json const& body) {
    net::Request request{.method = "POST", .target = std::move(path), .body = body.dump()};
    request.headers.add("Content-Type", "application/json");
    return request;
}

}  // namespace

KeyRelease::KeyRelease(net::ClientConfig http, std::string url, base::Secret const& caller_key,
                       Parts parts, base::Clock const& clock, base::Random& random)
    : http_(std::move(http)),
      url_(std::move(url)),
      caller_key_(caller_key.clone()),
      parts_(parts),
      clock_(clock),
      random_(random) {
    http_.max_response_bytes = max_answer;
}

base::Task<base::Result<custody::ReleaseVerdict>> KeyRelease::release(
    custody::MasterKeys const& keys) {
    auto session = co_await connect();
    if (!session) co_return std::unexpected(session.error());
    custody::SeenPeer peer;
    if (auto const& key = (*session)->peer_key()) peer.tls_key = *key;
    random_.fill(std::as_writable_bytes(std::span(peer.nonce)));
    auto const until = clock_.steady() + custody::release_lifetime;
    auto asked = posted("/release/challenge",
                        Json::object({{"nonce", crypto::base64url_encode(peer.nonce)}}));
    auto const challenge = co_await send(**session, std::move(asked));
    if (!challenge) co_return std::unexpected(challenge.error());
    auto const wrapping_key = wrapping_key_in(*challenge);
    if (!wrapping_key) co_return std::unexpected(wrapping_key.error());
    peer.wrapping_key = *wrapping_key;
    auto const& evidence = (*challenge)["evidence"];
    auto verdict = custody::appraise_release(evidence, peer, parts_.policy, parts_.certificates,
                                             parts_.revocations, parts_.roots, clock_.now());
    if (!verdict) co_return std::unexpected(verdict.error());
    if (clock_.steady() >= until)
        co_return base::fail(base::Errc::invalid_argument, "challenge_expired",
                             "citadel's evidence came too late to be fresh.");
    custody::ReleaseContext const context{.nonce = peer.nonce,
                                          .wrapping_key = peer.wrapping_key,
                                          .evidence = custody::evidence_hash(evidence)};
    auto const wrapped = custody::wrap_keys(keys, context, random_);
    if (!wrapped) co_return std::unexpected(wrapped.error());
    auto const body =
        Json::object({{"nonce", crypto::base64url_encode(peer.nonce)},
                      {"versions", custody::versions_text(custody::versions_of(keys))},
                      {"enc", crypto::base64url_encode(wrapped->enc)},
                      {"sealed", crypto::base64url_encode(wrapped->sealed)}});
    auto brought = posted("/release/keys", body);
    brought.headers.add("X-Internal-API-Key", std::string(caller_key_.reveal()));
    auto const taken = co_await send(**session, std::move(brought));
    if (!taken) co_return std::unexpected(taken.error());
    co_return std::move(*verdict);
}

base::Task<base::Result<std::string>> KeyRelease::status() {
    auto session = co_await connect();
    if (!session) co_return std::unexpected(session.error());
    net::Request request{.target = "/health"};
    auto const answer = co_await send(**session, std::move(request));
    if (!answer) co_return std::unexpected(answer.error());
    co_return std::string((*answer)["status"].to_text().value_or("unknown"));
}

base::Task<base::Result<std::unique_ptr<net::HttpSession>>> KeyRelease::connect() {
    auto const executor = co_await boost::asio::this_coro::executor;
    auto session = co_await net::HttpSession::open(executor, http_, url_, deadline);
    if (!session) co_return std::unexpected(silent(session.error()));
    co_return std::move(*session);
}

base::Task<base::Result<Json>> KeyRelease::send(net::HttpSession& session, net::Request request) {
    auto const answer = co_await session.fetch(std::move(request), deadline);
    if (!answer) co_return std::unexpected(silent(answer.error()));
    if (answer->status != 200) co_return std::unexpected(refusal(*answer));
    co_return base::parse_json(answer->body);
}

}  // namespace obscura::peers
