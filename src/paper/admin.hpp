#pragma once

#include "net/router.hpp"
#include "paper/exchange.hpp"
#include "paper/faults.hpp"
#include "paper/stream/private_streams.hpp"

#include <string>
#include <utility>
#include <vector>

namespace obscura::paper {

/// Routes of this access class are for peers on loopback.
inline constexpr int access_admin = 1;

struct AdminSettings {
    base::Decimal maker_fee{};
    base::Decimal taker_fee{};
    std::vector<std::pair<AssetId, base::Decimal>> default_balances;
    base::Decimal default_futures_balance{};  ///< USDT
};

/// /admin/...: accounts, ledger, prices, faults. The API is written down in README.md. Event-loop
/// thread only; outlives its server.
class Admin {
public:
    /// `streams`: those that mute faults may concern.
    Admin(Exchange& exchange, Faults& faults, std::vector<PrivateStreams*> streams,
          AdminSettings settings)
        : exchange_(exchange),
          faults_(faults),
          streams_(std::move(streams)),
          settings_(std::move(settings)) {}

    void add_routes(net::Router& router);

private:
    using Answer = base::Result<net::Response>;

    [[nodiscard]] Answer open_account(net::Request const& request);
    [[nodiscard]] Answer list_accounts(net::Request const& request);
    [[nodiscard]] Answer deposit(net::Request const& request);
    [[nodiscard]] Answer deposit_futures(AccountId account, std::string const& asset,
                                         base::Decimal amount);
    [[nodiscard]] Answer ledger(net::Request const& request);
    [[nodiscard]] Answer set_price(net::Request const& request);
    [[nodiscard]] Answer add_faults(net::Request const& request);
    [[nodiscard]] Answer list_faults(net::Request const& request);
    [[nodiscard]] Answer clear_faults(net::Request const& request);
    [[nodiscard]] Answer remove_fault(net::Request const& request);
    [[nodiscard]] base::Result<Account const*> account_of(std::string_view text) const;

    Exchange& exchange_;
    Faults& faults_;
    std::vector<PrivateStreams*> streams_;
    AdminSettings settings_;
};

/// Lets only loopback peers, and no web pages, to routes of `access_admin`.
[[nodiscard]] net::Guard loopback_guard();

}  // namespace obscura::paper
