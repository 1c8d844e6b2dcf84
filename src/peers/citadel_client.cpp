#include "peers/citadel_client.hpp"

#include "peers/citadel_wire.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

namespace obscura::peers {

namespace {

/// Pauses that an exit can bear: citadel is one hop away, and orders wait for it.
constexpr net::BreakerConfig breaker{.failures = 5,
                                     .first_pause = std::chrono::milliseconds(250),
                                     .longest_pause = std::chrono::seconds(5)};

std::string citadel_origin(std::string const& url) {
    auto const parsed = net::parse_url(url);
    if (!parsed) throw std::invalid_argument("not the URL of citadel: " + url);
    return parsed->origin();
}

/// Of a proxy that reaches nobody. A 503 is citadel's own word: while its log cannot be written it
/// signs exits all the same, and the breaker must not stop those.
bool is_nobodys(unsigned status) { return status == 502 || status == 504; }

}  // namespace

CitadelClient::CitadelClient(net::HttpClient& http, CitadelClientConfig const& config,
                             base::Secret const& key, base::Clock const& clock,
                             base::Random& random, attest::TrustRoots const& roots)
    : http_(http),
      origin_(citadel_origin(config.url)),
      deadline_(config.deadline),
      key_(key.clone()),
      clock_(clock),
      breaker_(breaker),
      gate_(http, origin_, config, clock, random, roots) {}

base::Task<base::Result<base::Json>> CitadelClient::post(std::string path, std::string body) {
    net::Request request;
    request.method = "POST";
    request.target = std::move(path);
    request.headers.add("Content-Type", "application/json");
    request.body = std::move(body);
    co_return co_await send(std::move(request));
}

base::Task<base::Result<base::Json>> CitadelClient::get(std::string path) {
    net::Request request{.target = std::move(path)};
    co_return co_await send(std::move(request));
}

base::Task<base::Result<base::Json>> CitadelClient::send(net::Request request) {
    if (!breaker_.allow(clock_.steady()))
        co_return std::unexpected(citadel_wire::unavailable("left alone: it did not answer"));
    auto const peer = co_await gate_.enter();
    if (!peer) {
        bool const has_answered = gate_.is_refused();
        has_answered ? breaker_.succeeded() : breaker_.failed(clock_.steady());
        co_return std::unexpected(peer.error());
    }
    request.headers.add("X-Internal-API-Key", std::string(key_.reveal()));
    auto const answer = co_await http_.fetch(origin_, std::move(request), deadline_, *peer);
    if (!answer) {
        // Whoever is there next, or with another key, has to show evidence of his own.
        gate_.forget();
        if (!answer.error().other_key) breaker_.failed(clock_.steady());
        co_return std::unexpected(citadel_wire::unavailable(answer.error().detail));
    }
    is_nobodys(answer->status) ? breaker_.failed(clock_.steady()) : breaker_.succeeded();
    co_return citadel_wire::answer_body(answer->status, answer->body);
}

base::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> CitadelClient::sign(
    std::vector<ports::SignItem> items) {
    std::vector<base::Result<ports::SignedRequest>> out;
    out.reserve(items.size());
    std::span<ports::SignItem const> left(items);
    while (!left.empty()) {
        auto const chunk = left.first(std::min(left.size(), max_sign_batch));
        auto body = citadel_wire::sign_body(chunk);
        auto const answer = co_await post("/sign", std::move(body));
        if (!answer) co_return std::unexpected(answer.error());
        auto read = citadel_wire::read_signed(*answer, chunk);
        if (!read) co_return std::unexpected(read.error());
        std::ranges::move(*read, std::back_inserter(out));
        left = left.subspan(chunk.size());
    }
    co_return out;
}

base::Task<base::Result<std::map<std::string, std::string>>> CitadelClient::encrypt_fields(
    std::string context, std::map<std::string, base::Secret> fields) {
    if (fields.empty()) co_return std::map<std::string, std::string>();
    auto body = citadel_wire::encrypt_body(context, fields);
    auto const answer = co_await post("/encrypt-bulk", std::move(body));
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_encrypted(*answer, fields);
}

base::Task<base::Result<ports::SealingKey>> CitadelClient::sealing_key() {
    auto const answer = co_await get("/sealing-key");
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_sealing_key(*answer);
}

base::Task<base::Result<ports::AuditHead>> CitadelClient::audit_head() {
    auto const answer = co_await get("/audit-head");
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_audit_head(*answer);
}

base::Task<base::Result<ports::SealedCredentials>> CitadelClient::open_sealed(
    ports::ConnectionRecord connection, ports::SealedCredential sealed) {
    auto body = citadel_wire::open_sealed_body(connection, sealed);
    auto const answer = co_await post("/open-sealed", std::move(body));
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_opened(*answer);
}

base::Task<base::Result<ports::HeldKey>> CitadelClient::make_key(ports::KeyPurpose purpose) {
    auto body = citadel_wire::make_key_body(purpose);
    auto const answer = co_await post("/keys", std::move(body));
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_held_key(*answer, purpose);
}

base::Task<base::Result<std::vector<base::Result<ports::StatementSignature>>>>
CitadelClient::sign_statements(std::vector<ports::StatementItem> items) {
    auto body = citadel_wire::statements_body(items);
    auto const answer = co_await post("/sign-statement", std::move(body));
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_statement_signatures(*answer, items);
}

base::Task<base::Result<std::map<std::string, std::string>>> CitadelClient::rewrap_fields(
    std::string context, std::map<std::string, std::string> fields) {
    auto data = base::Json::object();
    for (auto const& [name, sealed] : fields) data.set(name, sealed);
    auto const body = base::Json::object({{"context", context}, {"data", std::move(data)}});
    auto const answer = co_await post("/rewrap-bulk", body.dump());
    if (!answer) co_return std::unexpected(answer.error());
    co_return citadel_wire::read_rewrapped(*answer, fields);
}

base::Task<base::Result<int>> CitadelClient::current_key_version() {
    auto const answer = co_await get("/health");
    if (!answer) co_return std::unexpected(answer.error());
    auto const version = (*answer)["current_key_version"].to_int64();
    if (!version || *version < 1 || *version > 9)
        co_return base::fail(base::Errc::bad_gateway, "citadel_nonsense",
                             "citadel does not tell its newest key.");
    co_return static_cast<int>(*version);
}

base::Task<ports::ProbeResult> CitadelProbe::check(std::chrono::milliseconds timeout) {
    net::Request request{.target = "/health"};
    auto const answer = co_await http_.fetch(origin_, std::move(request), timeout);
    if (!answer) co_return ports::ProbeResult{.internal = answer.error().detail};
    auto facts = base::parse_json(answer->body);
    if (answer->status == 200) (void)co_await gate_.enter();  // what came of it says the gate
    ports::ProbeResult result{.is_up = answer->status == 200 && !gate_.is_refused(),
                              .internal = gate_.status(),
                              .facts = base::Json::object()};
    if (answer->status != 200) result.internal = "status " + std::to_string(answer->status);
    if (facts && facts->is_object()) result.facts = std::move(*facts);
    result.facts.set("attested", gate_.is_attested());
    result.facts.set("evidence", gate_.status());
    co_return result;
}

}  // namespace obscura::peers
