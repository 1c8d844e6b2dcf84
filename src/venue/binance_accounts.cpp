#include "venue/binance_accounts.hpp"

#include "venue/binance_call.hpp"
#include "venue/binance_documents.hpp"
#include "venue/binance_errors.hpp"

#include <algorithm>
#include <array>

namespace obscura::venue {
namespace {

// Binance's errors.md: a signature that does not fit, a key that is none, a key without the right
// or from the wrong address.
constexpr std::array<std::int64_t, 3> key_errors{-1022, -2014, -2015};
constexpr std::int64_t clock_error = -1021;

base::Error refusal_in(net::Response const& response) {
    auto error = read_error(response);
    auto const said = parse_binance_error(response.body);
    if (!said || error.reason != "venue_refused") return error;
    if (std::ranges::find(key_errors, said->code) != key_errors.end())
        error.reason = "key_rejected";
    if (said->code == clock_error) error.reason = "clock_off";
    return error;
}

/// `apiRestrictions`: of the key. What lends and trades options is none of what is copied.
base::Result<ports::AccountRights> rights_of_key(base::Json const& json) {
    Fields in(json, "key");
    bool const spot = in.boolean("enableSpotAndMarginTrading");
    bool const futures = in.boolean("enableFutures");
    bool const within = in.boolean("enableInternalTransfer");
    bool const across = in.boolean("permitsUniversalTransfer");
    ports::AccountRights const rights{.may_trade = spot || futures,
                                      .may_withdraw = in.boolean("enableWithdrawals"),
                                      .may_transfer = within || across,
                                      .may_deposit = std::nullopt};
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return rights;
}

base::Result<ports::AccountRights> rights_in(std::string_view body) {
    auto const json = parse_binance(body);
    if (!json) return std::unexpected(json.error());
    if (json->find("enableReading") != nullptr) return rights_of_key(*json);
    Fields in(*json, "account");
    ports::AccountRights const rights{.may_trade = in.boolean("canTrade"),
                                      .may_withdraw = in.boolean("canWithdraw"),
                                      .may_transfer = false,
                                      .may_deposit = in.boolean("canDeposit")};
    if (auto const done = in.done(); !done) return std::unexpected(done.error());
    return rights;
}

}  // namespace

BinanceAccounts::BinanceAccounts(net::HttpClient& client, BinanceEndpoints const& endpoints,
                                 std::chrono::milliseconds timeout)
    : client_(client), rest_origins_(rest_origins_of(endpoints)), timeout_(timeout) {}

ports::Task<base::Result<ports::AccountRights>> BinanceAccounts::read_account(
    ports::SignedRequest request) {
    auto call = to_call(std::move(request), rest_origins_);
    if (!call) co_return std::unexpected(not_called(call.error()));
    auto const answer =
        co_await client_.fetch(std::move(call->origin), std::move(call->request), timeout_);
    if (!answer) co_return std::unexpected(read_error(answer.error()));
    if (!is_success(*answer)) co_return std::unexpected(refusal_in(*answer));
    co_return rights_in(answer->body);
}

}  // namespace obscura::venue
