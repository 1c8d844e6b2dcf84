#include "gateway/login_tries.hpp"

#include "crypto/hash.hpp"
#include "gateway/ip_range.hpp"

namespace obscura::gateway {

using std::chrono::minutes;

LoginTries::Try LoginTries::make(std::string_view tenant_slug, std::string_view email,
                                 std::string_view address, bool is_behind_server) {
    auto const account =
        crypto::sha256_hex(std::string(tenant_slug) + "\n" + std::string(email)).substr(0, 32);
    auto const network = network_of(address);
    return {.pair = "login:" + account + ":" + network,
            .account = "login:" + account,
            .address = is_behind_server ? "" : "login:from:" + network};
}

ports::RateQuota LoginTries::pair_quota() const {
    return {.limit = bounds_.per_pair, .window = minutes(15)};
}
ports::RateQuota LoginTries::account_quota() const {
    return {.limit = bounds_.per_account, .window = minutes(60)};
}
ports::RateQuota LoginTries::address_quota() const {
    return {.limit = bounds_.per_address, .window = minutes(15)};
}

ports::Task<base::Result<void>> LoginTries::begin(Try const& one) {
    auto const by_pair = co_await limits_.take(one.pair, pair_quota());
    if (!by_pair.allowed) co_return std::unexpected(rate_limited(by_pair));
    if (one.address.empty()) co_return base::Result<void>{};
    auto const by_address = co_await limits_.take(one.address, address_quota());
    if (by_address.allowed) co_return base::Result<void>{};
    co_await limits_.give_back(one.pair, pair_quota());  // it was no try
    co_return std::unexpected(rate_limited(by_address));
}

ports::Task<base::Result<void>> LoginTries::count_account(Try& one) {
    auto const by_account = co_await limits_.take(one.account, account_quota());
    if (!by_account.allowed) co_return std::unexpected(rate_limited(by_account));
    one.is_counted_by_account = true;
    co_return base::Result<void>{};
}

ports::Task<void> LoginTries::succeeded(Try one) {
    co_await limits_.forget(one.pair);
    if (!one.address.empty()) co_await limits_.give_back(one.address, address_quota());
    if (one.is_counted_by_account) co_await limits_.give_back(one.account, account_quota());
}

}  // namespace obscura::gateway
