#include "citadel/release_routes.hpp"

#include "attest/binding.hpp"
#include "base/decode.hpp"
#include "base/log.hpp"
#include "crypto/base64.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using Answer = base::Result<net::Response>;

constexpr std::size_t max_body = 8 << 10;
constexpr std::size_t max_untold = 256;
constexpr std::string_view keys_operation = "release_keys";
constexpr std::size_t max_wrapped = 1 << 10;  ///< base64 of nine keys is far below

struct KeysGiven {
    custody::ReleaseNonce nonce{};
    std::vector<int> versions;
    std::vector<std::uint8_t> enc, sealed;
};

/// Bytes in base64url; an error of the field where they are not as many as they must be.
std::vector<std::uint8_t> bytes_of(base::ObjectReader& reader, std::string_view key,
                                   std::size_t min, std::size_t max) {
    auto const text = reader.text(key, {.max = 2 * max_wrapped});
    auto bytes = crypto::base64url_decode(text);
    if (bytes && bytes->size() >= min && bytes->size() <= max) return std::move(*bytes);
    if (!text.empty())
        reader.add_error(key, "invalid_bytes",
                         "must be base64url of " + std::to_string(min) + " bytes");
    return std::vector<std::uint8_t>(min);
}

custody::ReleaseNonce nonce_of(base::ObjectReader& reader) {
    custody::ReleaseNonce nonce{};
    std::ranges::copy(bytes_of(reader, "nonce", nonce.size(), nonce.size()), nonce.begin());
    return nonce;
}

base::Result<KeysGiven> keys_from_json(Json const& json) {
    base::ObjectReader reader(json);
    KeysGiven given{.nonce = nonce_of(reader)};
    auto const versions = custody::parse_versions(reader.text("versions"));
    if (versions)
        given.versions = *versions;
    else
        reader.add_error("versions", "invalid_versions", versions.error().detail);
    given.enc = bytes_of(reader, "enc", 32, 32);
    given.sealed = bytes_of(reader, "sealed", 1, max_wrapped);
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return given;
}

base::Error already_open() {
    return {.code = base::Errc::conflict,
            .reason = "already_open",
            .detail = "citadel has its master keys: others need a restart."};
}

std::string_view name_of_holder() {
    return caller_names[static_cast<std::size_t>(CallerName::key_holder)].name;
}

net::Task<Answer> locked(net::Request&) {
    co_return std::unexpected(base::Error{
        .code = base::Errc::unavailable,
        .reason = "locked",
        .detail = "citadel waits for its master keys: whoever holds them has to run `obscura "
                  "key-holder` against it.",
        .retry_after = std::chrono::seconds(5)});
}

}  // namespace

ReleaseRoutes::ReleaseRoutes(Config const& config, Parts parts, base::Clock const& clock,
                             base::Random& random, base::Metrics& metrics)
    : callers_(config.caller_keys, {}),
      parts_(std::move(parts)),
      desk_(clock, random),
      metrics_(metrics),
      version_(config.version) {}

void ReleaseRoutes::add_to(net::Router& router) {
    router.add({.method = "POST",
                .pattern = "/release/challenge",
                .body_limit = max_body,
                .handler = [this](net::Request& request) { return challenge(request); }});
    router.add({.method = "POST",
                .pattern = "/release/keys",
                .body_limit = max_body,
                .handler = [this](net::Request& request) { return keys(request); }});
}

net::Router ReleaseRoutes::locked_router() {
    net::Router out;
    add_to(out);
    out.add({.method = "GET", .pattern = "/health", .handler = [this](net::Request& request) {
                 return health(request);
             }});
    out.add({.method = "GET", .pattern = "/metrics", .handler = [this](net::Request& request) {
                 return expose_metrics(request);
             }});
    for (auto const* method : {"GET", "POST", "PUT", "PATCH", "DELETE"})
        out.add({.method = method, .pattern = "/{rest*}", .handler = locked});
    return out;
}

void ReleaseRoutes::note_to(NoteCall note) {
    note_call_ = std::move(note);
    for (auto const& call : std::exchange(untold_, {}))
        note_call_(call.caller, keys_operation, call.note);
    if (more_untold_ == 0) return;
    CallNote rest;
    rest.refused("not_told_singly", more_untold_);
    note_call_(name_of_holder(), "release", rest);
}

void ReleaseRoutes::tell(std::string caller, CallNote note) {
    if (note_call_) return note_call_(caller, keys_operation, note);
    if (untold_.size() >= max_untold || caller.empty())
        ++more_untold_;
    else
        untold_.push_back({std::move(caller), std::move(note)});
}

base::Result<void> ReleaseRoutes::may(net::Request const& request, std::string& caller) const {
    auto const known = callers_.identify(request);
    if (!known) return std::unexpected(known.error());
    caller = caller_names[static_cast<std::size_t>((*known)->name)].name;
    if ((*known)->may_release_keys) return {};
    return base::fail(base::Errc::forbidden, "forbidden", "This caller may not do that.");
}

net::Task<Answer> ReleaseRoutes::challenge(net::Request& request) {
    if (is_open_) co_return std::unexpected(already_open());
    auto const body = net::json_body(request);
    if (!body) co_return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const nonce = nonce_of(reader);
    if (auto const done = reader.finish(); !done) co_return std::unexpected(done.error());
    auto const key = desk_.open(nonce, request.remote_address);
    if (!key) co_return std::unexpected(key.error());
    auto const data = attest::native_report_data(nonce, parts_.tls_key, crypto::Bytes(*key));
    auto evidence = co_await parts_.evidence(std::as_bytes(std::span(data)));
    if (!evidence) {
        desk_.give_up(nonce);
        co_return std::unexpected(evidence.error());
    }
    auto const vouched = desk_.vouch(nonce, custody::evidence_hash(*evidence));
    if (!vouched) co_return std::unexpected(vouched.error());
    co_return net::json_response(
        200,
        Json::object({{"wrapping_key", crypto::base64url_encode(*key)},
                      {"evidence", std::move(*evidence)},
                      {"expires_in_ms", std::int64_t{custody::release_lifetime.count() * 1000}}}));
}

net::Task<Answer> ReleaseRoutes::keys(net::Request& request) {
    std::string caller;
    std::vector<int> versions;
    CallNote note;
    auto const allowed = may(request, caller);
    auto const taken = allowed ? take(request, versions) : allowed;
    if (taken)
        note.did("release");
    else
        note.refused(taken.error().reason);
    if (!taken && allowed)
        base::log::warn("citadel.release_refused", {{"reason", taken.error().reason}});
    tell(std::move(caller), std::move(note));
    if (!taken) co_return std::unexpected(taken.error());
    auto const text = custody::versions_text(versions);
    base::log::info("citadel.opened", {{"versions", text}});
    co_return net::json_response(200, Json::object({{"status", "open"}, {"versions", text}}));
}

base::Result<void> ReleaseRoutes::take(net::Request const& request, std::vector<int>& versions) {
    if (is_open_) return std::unexpected(already_open());
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const given = keys_from_json(*body);
    if (!given) return std::unexpected(given.error());
    auto keys = desk_.take(given->nonce, given->versions, given->enc, given->sealed);
    if (!keys) return std::unexpected(keys.error());
    if (auto const opened = parts_.open(std::move(*keys)); !opened) return opened;
    is_open_ = true;
    desk_.close();
    versions = given->versions;
    return {};
}

net::Task<Answer> ReleaseRoutes::health(net::Request&) {
    co_return net::json_response(200, Json::object({{"status", "locked"},
                                                    {"service", "citadel"},
                                                    {"version", version_},
                                                    {"tee", "none"},
                                                    {"attested", false}}));
}

net::Task<Answer> ReleaseRoutes::expose_metrics(net::Request&) {
    co_return net::text_response(200, metrics_.expose(), "text/plain; version=0.0.4");
}

}  // namespace obscura::citadel
