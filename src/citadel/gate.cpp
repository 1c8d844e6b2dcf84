// www.gate.io/docs/developers/apiv4/en, "Authentication", and developers/apiv4/ws/en.
#include "citadel/gate.hpp"

#include "citadel/gate_operations.hpp"
#include "citadel/operation_rules.hpp"
#include "crypto/hash.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using ports::SignedRequest;

/// A request is refused when its time stamp is older.
constexpr std::chrono::seconds stamp_age{60};

SignedRequest sign_rest(SigningTask const& task, VenueDraft const& draft) {
    auto const seconds = task.window.timestamp_ms / 1000;
    SignedRequest out{.method = std::string(draft.method),
                      .url = task.endpoints.origin_of(task.market) + draft.target(),
                      .headers = {{"KEY", std::string(task.credentials.api_key())},
                                  {"Timestamp", std::to_string(seconds)}},
                      .body = draft.body_text(),
                      .expires_at = base::from_unix_ms(seconds * 1000) + stamp_age};
    out.headers.emplace_back("SIGN", gate_signature(task.credentials, draft.method, draft.path,
                                                    draft.query.text(), out.body, seconds));
    if (draft.body) out.headers.emplace_back("Content-Type", "application/json");
    // No header is signed but the time stamp.
    if (std::holds_alternative<model::PlaceOrder>(task.operation)) {
        out.expires_at = task.window.end();
        out.headers.emplace_back("x-gate-exptime",
                                 std::to_string(base::to_unix_ms(out.expires_at)));
    }
    return out;
}

/// A private stream has no login: each subscription is signed. This one is to all fills.
Result<SignedRequest> sign_login(SigningTask const& task, model::StreamLogin const& login) {
    if (!fits(request_id_spelling, login.request_id))
        return not_allowed("request_id", std::string(request_id_spelling.says));
    if (task.market == model::Market::futures)
        return not_supported("The stream of perpetuals wants the user's number with it.");
    auto const seconds = task.window.timestamp_ms / 1000;
    auto const signature = task.credentials.sign(
        "channel=spot.usertrades&event=subscribe&time=" + std::to_string(seconds),
        SignatureForm::sha512_hex);
    auto const message =
        Json::object({{"time", seconds},
                      {"id", login.request_id},
                      {"channel", "spot.usertrades"},
                      {"event", "subscribe"},
                      {"payload", Json::array({"!all"})},
                      {"auth", Json::object({{"method", "api_key"},
                                             {"KEY", std::string(task.credentials.api_key())},
                                             {"SIGN", signature}})}});
    return SignedRequest{.method = "WS",
                         .url = task.endpoints.websocket,
                         .body = message.dump(),
                         .expires_at = base::from_unix_ms(seconds * 1000) + stamp_age};
}

}  // namespace

VenueAddresses gate_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.gateio.ws:443", .websocket = "wss://api.gateio.ws:443/ws/v4/"};
    out[static_cast<std::size_t>(model::Environment::testnet)] = {
        .rest = "https://api-testnet.gateapi.io:443",
        .websocket = "wss://ws-testnet.gate.com:443/v4/ws/spot"};
    return out;
}

std::string gate_signature(ApiCredentials const& credentials, std::string_view method,
                           std::string_view path, std::string_view query, std::string_view body,
                           std::int64_t seconds) {
    std::string text;
    for (auto const part : {method, path, query}) {
        text += part;
        text += '\n';
    }
    text += crypto::sha512_hex(body) + '\n' + std::to_string(seconds);
    return credentials.sign(text, SignatureForm::sha512_hex);
}

Result<SignedRequest> sign_gate(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return sign_login(task, *login);
    auto const draft = task.market == model::Market::spot ? gate_spot_draft(task.operation)
                                                          : gate_futures_draft(task.operation);
    if (!draft) return std::unexpected(draft.error());
    return sign_rest(task, *draft);
}

}  // namespace obscura::citadel
