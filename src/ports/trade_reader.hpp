#pragma once

#include "base/clock.hpp"
#include "base/error.hpp"
#include "base/json.hpp"
#include "base/task.hpp"
#include "model/ids.hpp"
#include "model/trade.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::ports {

using base::Task;

/// Where a page of a list ended.
struct TradePosition {
    base::Timestamp executed_at{};
    model::TradeId id{};

    friend bool operator==(TradePosition const&, TradePosition const&) = default;
};
/// The opaque `cursor` of the lists: "<unix microseconds>.<trade id>".
[[nodiscard]] std::string to_cursor(TradePosition const& position);
[[nodiscard]] std::optional<TradePosition> position_of_cursor(std::string_view cursor);

struct TradeQuery {
    std::optional<model::TenantId>
        tenant;                          ///< whose rows may be seen; nullopt for engine roles only
    std::optional<model::UserId> owner;  ///< the trader must be this user's
    model::TraderId trader{};
    base::Timestamp from{};  ///< inclusive, by the venue's clock
    base::Timestamp to{};    ///< exclusive
    int limit = 100;         ///< 1..1000
    std::optional<TradePosition> after;
};
struct TradePage {
    std::vector<model::Trade> trades;   ///< oldest first
    std::optional<TradePosition> next;  ///< given when there may be more
};

/// The query parameters of the routes that list trades, as they came.
struct TradeListParams {
    std::optional<std::string> trader_id;
    std::optional<std::string> from;    ///< RFC 3339; default: 30 days before `to`
    std::optional<std::string> to;      ///< RFC 3339; default: now
    std::optional<std::string> limit;   ///< 1 to 1000; default 100
    std::optional<std::string> cursor;  ///< `next_cursor` of the page before
};
/// Names every parameter that must change. Tenant and owner are left to the caller.
[[nodiscard]] base::Result<TradeQuery> trade_query_of(TradeListParams const& params,
                                                      base::Timestamp now);
/// `{data, next_cursor}`.
[[nodiscard]] base::Json trade_page_json(TradePage const& page);

/// A leader's fills of a period. Throws when the record is out of reach.
class TradeReader {
public:
    virtual ~TradeReader() = default;
    /// not_found "trader_not_found" also for another tenant's and, with `owner`, another user's.
    [[nodiscard]] virtual Task<base::Result<TradePage>> list(TradeQuery query) = 0;
};

}  // namespace obscura::ports
