#pragma once

#include "base/ids.hpp"

namespace obscura::model {

// clang-format off
struct TenantTag       { static constexpr std::string_view prefix = ""; };
struct UserTag         { static constexpr std::string_view prefix = ""; };
struct ApiKeyTag       { static constexpr std::string_view prefix = ""; };
struct ConnectionTag   { static constexpr std::string_view prefix = ""; };
struct TraderTag       { static constexpr std::string_view prefix = ""; };
struct PoolTag         { static constexpr std::string_view prefix = ""; };
struct SubscriptionTag { static constexpr std::string_view prefix = ""; };
struct TradeTag        { static constexpr std::string_view prefix = ""; };
struct SignalTag       { static constexpr std::string_view prefix = "sig_"; };
struct CopyTag         { static constexpr std::string_view prefix = "exe_"; };
struct LegTag          { static constexpr std::string_view prefix = ""; };
struct ReceiptTag      { static constexpr std::string_view prefix = ""; };
// clang-format on

using TenantId = base::Id<TenantTag>;
using UserId = base::Id<UserTag>;
using ApiKeyId = base::Id<ApiKeyTag>;
using ConnectionId = base::Id<ConnectionTag>;  ///< an exchange account connected to us
using TraderId = base::Id<TraderTag>;          ///< a leader
using PoolId = base::Id<PoolTag>;
using SubscriptionId = base::Id<SubscriptionTag>;
using TradeId = base::Id<TradeTag>;  ///< our name for a leader's fill
using SignalId = base::Id<SignalTag>;
using CopyId = base::Id<CopyTag>;  ///< one signal on one subscription: an execution
using LegId = base::Id<LegTag>;    ///< one order of a copy: its client id at the venue
using ReceiptId = base::Id<ReceiptTag>;

}  // namespace obscura::model
