// www.kucoin.com/docs-new/authentication.
#include "citadel/kucoin.hpp"

#include "citadel/kucoin_operations.hpp"

namespace obscura::citadel {
namespace {

using base::Result;
using ports::SignedRequest;

/// "KC-API-TIMESTAMP Invalid -- Time differs from server time by more than 5 seconds" (400002).
constexpr std::chrono::seconds stamp_age{5};

}  // namespace

VenueAddresses kucoin_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)] = {
        .rest = "https://api.kucoin.com:443", .futures = "https://api-futures.kucoin.com:443"};
    return out;
}

Result<SignedRequest> sign_kucoin(SigningTask const& task) {
    auto const draft = task.market == model::Market::spot ? kucoin_spot_draft(task.operation)
                                                          : kucoin_futures_draft(task.operation);
    if (!draft) return std::unexpected(draft.error());
    // Nothing in an order says its end, but the venue takes no old time stamp: orders get one that
    // is too old at the end of the window.
    bool const is_order = std::holds_alternative<model::PlaceOrder>(task.operation);
    auto const stamp_ms = is_order ? task.window.backdated_ms(stamp_age) : task.window.timestamp_ms;
    auto const timestamp = std::to_string(stamp_ms);
    auto const target = draft->target();
    auto const& credentials = task.credentials;
    constexpr auto form = SignatureForm::sha256_base64;
    SignedRequest out{
        .method = std::string(draft->method),
        .url = task.endpoints.origin_of(task.market) + target,
        .headers = {{"KC-API-KEY-VERSION", "2"},
                    {"KC-API-KEY", std::string(credentials.api_key())},
                    {"KC-API-TIMESTAMP", timestamp},
                    {"KC-API-PASSPHRASE", credentials.sign(credentials.passphrase(), form)}},
        .body = draft->body_text(),
        .expires_at = base::from_unix_ms(stamp_ms) + stamp_age};
    out.headers.emplace_back("KC-API-SIGN",
                             credentials.sign(timestamp + out.method + target + out.body, form));
    if (draft->body) out.headers.emplace_back("Content-Type", "application/json");
    return out;
}

}  // namespace obscura::citadel
