#pragma once

#include "gateway/rate_limits.hpp"

#include <string>
#include <string_view>

namespace obscura::gateway {

/// How many failures are borne. Each comes back as its time passes.
struct LoginLimits {
    std::int64_t per_pair = 5;       ///< of one account from one network, in 15 minutes
    std::int64_t per_account = 60;   ///< of one account from networks it does not know, in an hour
    std::int64_t per_address = 100;  ///< of one network at all accounts, in 15 minutes
};

/// Counts tries of passwords by account and network together, by network alone (one who tries many
/// accounts) and by account alone (one who comes from many networks). A success gives its own back,
/// so that only failures count. The bound by account spares networks that the account's owner has
/// logged in from: nobody is locked out of where he usually is.
class LoginTries {
public:
    LoginTries(SharedRateLimits& limits, LoginLimits bounds) : limits_(limits), bounds_(bounds) {}

    /// One try; keys hold digests, for addresses of people stay out of Redis.
    struct Try {
        std::string pair;
        std::string account;
        std::string address;  ///< "": not counted by it
        bool is_counted_by_account = false;
    };
    /// `address` is the client's; a tenant's server answers for its own users, so that with
    /// `is_behind_server` its address alone is not counted.
    [[nodiscard]] static Try make(std::string_view tenant_slug, std::string_view email,
                                  std::string_view address, bool is_behind_server);

    /// Counts by pair and by address; rate_limited beyond either.
    [[nodiscard]] ports::Task<base::Result<void>> begin(Try const& one);
    /// Counts by account, for a network that is not known; rate_limited beyond it.
    [[nodiscard]] ports::Task<base::Result<void>> count_account(Try& one);
    [[nodiscard]] ports::Task<void> succeeded(Try one);

private:
    [[nodiscard]] ports::RateQuota pair_quota() const;
    [[nodiscard]] ports::RateQuota account_quota() const;
    [[nodiscard]] ports::RateQuota address_quota() const;

    SharedRateLimits& limits_;
    LoginLimits bounds_;
};

}  // namespace obscura::gateway
