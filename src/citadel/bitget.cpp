// www.bitget.com/api-doc/common/signature and common/websocket-intro. One host and one stream
// serve both markets.
#include "citadel/bitget.hpp"

#include "citadel/bitget_operations.hpp"
#include "citadel/operation_rules.hpp"
#include "citadel/passphrase_login.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;
using ports::SignedRequest;

/// How old a time stamp may be the documentation does not say. For what is no order half a minute
/// is taken; no order relies on it.
constexpr std::chrono::seconds stamp_age{30};

/// Orders of spot say until when the venue may take them. Those of perpetuals have no words for
/// it: one that opens a position could be found missing and come to life later.
Result<void> check_end(SigningTask const& task) {
    auto const* order = std::get_if<model::PlaceOrder>(&task.operation);
    bool const opens = order != nullptr && !order->reduce_only && !closes_position(*order);
    if (!opens || task.market == Market::spot) return {};
    return base::fail(base::Errc::invalid_argument, "no_expiry",
                      "The venue holds no order of perpetuals to an end: only closing is signed.");
}

SignedRequest sign_rest(SigningTask const& task, VenueDraft const& draft) {
    auto const stamp = base::from_unix_ms(task.window.timestamp_ms);
    auto const timestamp = std::to_string(task.window.timestamp_ms);
    auto const target = draft.target();
    SignedRequest out{.method = std::string(draft.method),
                      .url = task.endpoints.rest + target,
                      .headers = {{"ACCESS-KEY", std::string(task.credentials.api_key())},
                                  {"ACCESS-PASSPHRASE", std::string(task.credentials.passphrase())},
                                  {"ACCESS-TIMESTAMP", timestamp}},
                      .body = draft.body_text(),
                      .expires_at = stamp + stamp_age};
    out.headers.emplace_back("ACCESS-SIGN",
                             task.credentials.sign(timestamp + out.method + target + out.body,
                                                   SignatureForm::sha256_base64));
    if (draft.body) out.headers.emplace_back("Content-Type", "application/json");
    if (task.environment != model::Environment::live) out.headers.emplace_back("PAPTRADING", "1");
    bool const is_order = std::holds_alternative<model::PlaceOrder>(task.operation);
    if (is_order && task.market == Market::spot) out.expires_at = task.window.end();
    return out;
}

}  // namespace

VenueAddresses bitget_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.bitget.com:443", .websocket = "wss://ws.bitget.com:443/v2/ws/private"};
    out[static_cast<std::size_t>(model::Environment::testnet)] = {
        .rest = "https://api.bitget.com:443",
        .websocket = "wss://wspap.bitget.com:443/v2/ws/private"};
    return out;
}

Result<SignedRequest> sign_bitget(SigningTask const& task) {
    if (auto const* login = std::get_if<model::StreamLogin>(&task.operation))
        return passphrase_login(task, *login, "/user/verify", stamp_age);
    auto const draft = task.market == Market::spot ? bitget_spot_draft(task.operation, task.window)
                                                   : bitget_futures_draft(task.operation);
    if (!draft) return std::unexpected(draft.error());
    if (auto good = check_end(task); !good) return std::unexpected(std::move(good.error()));
    return sign_rest(task, *draft);
}

}  // namespace obscura::citadel
