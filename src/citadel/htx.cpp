// huobiapi.github.io/docs/spot/v1/en/#authentication, .../usdt_swap/v1/en. The signature covers
// method, host, path and sorted query; of a POST the query has nothing but what signs. The body is
// open: whoever holds such a request can put another under it, so that none is handed out.
#include "citadel/htx.hpp"

#include "citadel/htx_operations.hpp"
#include "citadel/operation_rules.hpp"
#include "net/http.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using ports::SignedRequest;

/// How old a time stamp may be the documentation does not say, and others say between half a minute
/// and five. No order relies on it.
constexpr std::chrono::minutes stamp_age{5};

/// "2017-05-11T16:22:06", UTC.
std::string stamp_of(SigningTask const& task) {
    return base::to_rfc3339(base::from_unix_ms(task.window.timestamp_ms)).substr(0, 19);
}

base::Timestamp end_of(SigningTask const& task) {
    return base::from_unix_ms(task.window.timestamp_ms / 1000 * 1000) + stamp_age;
}

std::string signature_of(SigningTask const& task, std::string_view method, net::Url const& url,
                         std::string_view path, std::string const& query) {
    return task.credentials.sign(
        std::string(method) + "\n" + url.host + "\n" + std::string(path) + "\n" + query,
        SignatureForm::sha256_base64);
}

SignedRequest sign_rest(SigningTask const& task, VenueDraft const& draft) {
    auto const& origin = task.endpoints.origin_of(task.market);
    FormParameters query;
    query.add("AccessKeyId", task.credentials.api_key());
    query.add("SignatureMethod", "HmacSHA256");
    query.add("SignatureVersion", "2");
    query.add("Timestamp", stamp_of(task));
    // Names of what asks are in small letters: they sort behind.
    auto text = query.text();
    if (!draft.query.empty()) text += '&' + draft.query.text();
    auto const url = net::parse_url(origin).value_or(net::Url());
    auto const signature = signature_of(task, draft.method, url, draft.path, text);
    SignedRequest out{
        .method = std::string(draft.method),
        .url = origin + draft.path + '?' + text + "&Signature=" + net::percent_encode(signature),
        .headers = {},
        .body = draft.body_text(),
        .expires_at = end_of(task)};
    if (draft.body) out.headers.emplace_back("Content-Type", "application/json");
    return out;
}

/// Its signature is for the stream's path, and good for nothing else.
Result<SignedRequest> sign_login(SigningTask const& task, model::StreamLogin const& login) {
    if (!fits(request_id_spelling, login.request_id))
        return not_allowed("request_id", std::string(request_id_spelling.says));
    auto const& stream = task.endpoints.stream_of(task.market);
    auto const url = net::parse_url(stream).value_or(net::Url());
    bool const is_spot = task.market == Market::spot;
    auto const api_key = std::string(task.credentials.api_key());
    auto const stamp = stamp_of(task);
    std::string_view const version = is_spot ? "2.1" : "2";
    FormParameters query;
    query.add(is_spot ? "accessKey" : "AccessKeyId", api_key);
    query.add(is_spot ? "signatureMethod" : "SignatureMethod", "HmacSHA256");
    query.add(is_spot ? "signatureVersion" : "SignatureVersion", version);
    query.add(is_spot ? "timestamp" : "Timestamp", stamp);
    auto const signature = signature_of(task, "GET", url, url.target, query.text());
    auto const message =
        is_spot ? Json::object({{"action", "req"},
                                {"ch", "auth"},
                                {"params", Json::object({{"authType", "api"},
                                                         {"accessKey", api_key},
                                                         {"signatureMethod", "HmacSHA256"},
                                                         {"signatureVersion", version},
                                                         {"timestamp", stamp},
                                                         {"signature", signature}})}})
                : Json::object({{"op", "auth"},
                                {"type", "api"},
                                {"cid", login.request_id},
                                {"AccessKeyId", api_key},
                                {"SignatureMethod", "HmacSHA256"},
                                {"SignatureVersion", version},
                                {"Timestamp", stamp},
                                {"Signature", signature}});
    return SignedRequest{.method = "WS",
                         .url = stream,
                         .headers = {},
                         .body = message.dump(),
                         .expires_at = end_of(task)};
}

}  // namespace

VenueAddresses htx_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.huobi.pro:443",
        .websocket = "wss://api.huobi.pro:443/ws/v2",
        .futures = "https://api.hbdm.com:443",
        .futures_websocket = "wss://api.hbdm.com:443/ws/v5/notification"};
    return out;
}

Result<SignedRequest> sign_htx(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return sign_login(task, *login);
    auto const draft = task.market == Market::spot ? htx_spot_draft(task.operation)
                                                   : htx_futures_draft(task.operation);
    if (!draft) return std::unexpected(draft.error());
    return sign_rest(task, *draft);
}

}  // namespace obscura::citadel
