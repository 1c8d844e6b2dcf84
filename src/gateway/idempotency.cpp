#include "gateway/idempotency.hpp"

#include "base/log.hpp"
#include "crypto/hmac.hpp"
#include "net/problem.hpp"
#include "ports/store_unavailable.hpp"

#include <algorithm>
#include <exception>

namespace obscura::gateway {
namespace {

constexpr std::size_t max_key = 255;
constexpr std::size_t max_kept_body = 256 * 1024;

bool is_well_formed(std::string_view key) {
    return !key.empty() && key.size() <= max_key &&
           std::ranges::all_of(key, [](char c) { return c > ' ' && c < 0x7f; });
}

std::string caller_name(ports::Caller const& caller) {
    if (caller.user) return caller.user->to_string();
    if (caller.api_key) return caller.api_key->to_string();
    return "anonymous";
}

/// What makes two requests the same: path, query and body, whatever the order of its members.
std::optional<std::string> fingerprint(base::Secret const& pepper, net::Request const& request) {
    auto text = request.path + "?" + request.query + "\n";
    if (!request.body.empty()) {
        auto const json = base::parse_json(request.body);
        if (!json) return std::nullopt;
        text += json->dump_canonical();
    }
    auto const mac = crypto::hmac_sha256(pepper.reveal(), text);
    base::cleanse(text);
    return std::string(crypto::as_text(mac));
}

/// The answer without what is shown once.
std::string without_secrets(std::string const& body) {
    auto json = base::parse_json(body);
    if (!json || !json->is_object()) return body;
    auto const removed = std::erase_if(json->as_object(), [](auto const& member) {
        return std::ranges::find(shown_once, member.first) != shown_once.end();
    });
    if (removed == 0) return body;
    json->set("secret_not_replayed", true);
    return json->dump();
}

net::Response replay(ports::IdempotencyStore::Begun const& begun) {
    auto const* type = begun.status >= 400 ? "application/problem+json" : "application/json";
    return {.status = begun.status,
            .headers = {{"Content-Type", type}, {"Idempotent-Replayed", "true"}},
            .body = begun.body};
}

/// What was done, and what the body or the record forbade. Not what a header, a right or a failure
/// did: those change while body and key stay.
bool is_worth_keeping(unsigned status) {
    return status < 300 || status == 400 || status == 404 || status == 409;
}

std::unexpected<base::Error> in_flight() {
    return std::unexpected(base::Error{.code = base::Errc::conflict,
                                       .reason = "request_in_flight",
                                       .detail = "The first request with this Idempotency-Key is "
                                                 "still being answered.",
                                       .retry_after = std::chrono::seconds(1)});
}

}  // namespace

Task<base::Result<net::Response>> IdempotencyGate::run(Endpoint const& endpoint, Call& call) {
    call.new_id = base::make_uuid_v7(call.now, random_);
    call.audit_id = base::make_uuid_v7(call.now, random_);
    auto const field = call.request.headers.find("Idempotency-Key");
    if (endpoint.creates == Creates::no || !field) co_return co_await endpoint.handler(call);
    if (!is_well_formed(*field))
        co_return base::fail(base::Errc::invalid_argument, "invalid_idempotency_key",
                             "Idempotency-Key must be 1 to 255 visible ASCII characters.");
    co_return co_await run_under(endpoint, call, std::string(*field));
}

Task<base::Result<net::Response>> IdempotencyGate::run_under(Endpoint const& endpoint, Call& call,
                                                             std::string key) {
    auto const mac = fingerprint(pepper_, call.request);
    // A body that is no JSON: the handler says so, and nothing happens that could happen twice.
    if (!mac) co_return co_await endpoint.handler(call);
    auto const tenant = co_await tenant_of(call.caller);
    if (!tenant) co_return std::unexpected(tenant.error());
    ports::IdempotencyKey const entry{.tenant = *tenant,
                                      .caller = caller_name(call.caller),
                                      .route = endpoint.method + " " + endpoint.pattern,
                                      .key = std::move(key)};
    auto const begun = co_await store_.begin(entry, *mac, call.now);
    using Kind = ports::IdempotencyStore::Begun::Kind;
    switch (begun.kind) {
        case Kind::replay:
            co_return replay(begun);
        case Kind::in_flight:
            co_return in_flight();
        case Kind::mismatch:
            co_return base::fail(base::Errc::idempotency_mismatch, "idempotency_mismatch",
                                 "This Idempotency-Key was used with another request.");
        case Kind::proceed:
            break;
    }
    call.new_id = id_for(entry, begun.first_seen);
    call.has_idempotency_key = true;
    co_return co_await run_first(endpoint, call, {entry, begun.started_at});
}

Task<base::Result<net::Response>> IdempotencyGate::run_first(Endpoint const& endpoint, Call& call,
                                                             Claim claim) {
    std::exception_ptr failure;
    base::Result<net::Response> answer;
    try {
        answer = co_await endpoint.handler(call);
    } catch (...) {
        failure = std::current_exception();
    }
    if (failure) {
        co_await let_go(std::move(claim));
        std::rethrow_exception(failure);
    }
    auto const response = answer ? *answer : net::problem(answer.error(), call.request.id);
    if (is_worth_keeping(response.status))
        co_await keep(std::move(claim), response);
    else
        co_await let_go(std::move(claim));
    co_return answer;
}

Task<void> IdempotencyGate::keep(Claim claim, net::Response const& response) {
    auto body = without_secrets(response.body);
    if (body.size() > max_kept_body) body = "{}";
    try {
        co_await store_.finish(std::move(claim.key), claim.started_at, response.status,
                               std::move(body));
    } catch (ports::StoreUnavailable const& e) {
        // What was made is made: the same request again finds it by its id.
        base::log::warn("idempotency.not_kept", {{"error", e.what()}});
    }
}

Task<void> IdempotencyGate::let_go(Claim claim) {
    try {
        co_await store_.abandon(std::move(claim.key), claim.started_at);
    } catch (ports::StoreUnavailable const& e) {
        // It counts as under way for a minute and may be made again then.
        base::log::warn("idempotency.not_released", {{"error", e.what()}});
    }
}

Task<base::Result<model::TenantId>> IdempotencyGate::tenant_of(ports::Caller const& caller) {
    if (caller.user || caller.api_key) co_return caller.tenant;
    if (!platform_) {
        std::string slug(ports::platform_slug);
        platform_ = co_await tenants_.by_slug(std::move(slug));
    }
    if (!platform_)
        co_return base::fail(base::Errc::unavailable, "not_set_up",
                             "The platform tenant has not been made yet.");
    co_return *platform_;
}

base::Uuid IdempotencyGate::id_for(ports::IdempotencyKey const& key, base::Timestamp first) const {
    auto const text = "id\n" + key.tenant.to_string() + "\n" + key.caller + "\n" + key.route +
                      "\n" + key.key + "\n" + std::to_string(base::to_unix_us(first));
    auto const mac = crypto::hmac_sha256(pepper_.reveal(), text);
    base::Uuid id;
    std::ranges::copy(std::span(mac).first<16>(), id.bytes.begin());
    auto const ms = static_cast<std::uint64_t>(base::to_unix_ms(first));
    for (std::size_t i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
    id.bytes[6] = static_cast<std::uint8_t>(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = static_cast<std::uint8_t>(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

}  // namespace obscura::gateway
