// Hyperliquid's exchange endpoint: hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api.
#include "citadel/hyperliquid_action.hpp"

#include "citadel/operation_rules.hpp"

#include <charconv>
#include <type_traits>
#include <utility>

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using model::Market;

/// A client id is 128 bits, and one text for each.
constexpr OperationRules rules{.symbol = {.max = 8, .says = "Must be the asset's number."},
                               .client_order_id = {.min = 34,
                                                   .max = 34,
                                                   .also = "abcdef",
                                                   .prefix = "0x",
                                                   .says = "Must be 0x and 32 of 0-9 and a-f."}};
constexpr Spelling order_id{.max = 15, .says = "Must be a number of at most 15 digits."};

/// How the venue numbers what is traded there: perpetuals of its own by their place in their list,
/// spot pairs behind them, then those of builders, 10,000 for each of their exchanges. Numbers
/// beyond are markets of another kind.
constexpr std::uint32_t first_spot = 10'000;
constexpr std::uint32_t first_builder = 110'000;
constexpr std::uint32_t first_other = 100'000'000;

bool is_in(Market market, std::uint32_t asset) {
    bool const is_spot = asset >= first_spot && asset < 100'000;
    bool const is_perpetual = asset < first_spot || (asset >= first_builder && asset < first_other);
    return market == Market::spot ? is_spot : is_perpetual;
}

template <class Number>
std::optional<Number> number_from(std::string_view text) {
    Number out{};
    auto const* const end = text.data() + text.size();
    auto const [stop, error] = std::from_chars(text.data(), end, out);
    // One text for each number: what an owner allows is compared as text.
    if (error != std::errc{} || stop != end || std::to_string(out) != text) return std::nullopt;
    return out;
}

bool has_8_places(base::Decimal value) {
    static_assert(base::Decimal::places == 12);
    return value.raw() % 10'000 == 0;
}

Result<std::string_view> time_in_force(model::TimeInForce tif) {
    switch (tif) {
        case model::TimeInForce::gtc:
            return "Gtc";
        case model::TimeInForce::ioc:
            return "Ioc";
        case model::TimeInForce::fok:
            return not_allowed("time_in_force", "Hyperliquid knows no fill-or-kill.");
    }
    std::unreachable();
}

Result<void> check_words(Market market, model::PlaceOrder const& order) {
    // citadel knows no price of the venue's: whoever asks says what the order may cost at worst.
    if (order.type != model::OrderType::limit)
        return not_allowed("type",
                           "Hyperliquid has limit orders only: give order_type limit, the worst "
                           "price as limit_price, and time_in_force ioc.");
    if (order.position_side != model::PositionSide::both)
        return not_allowed("position_side", "Hyperliquid has no hedge mode.");
    if (auto good = check_order(rules, market, order); !good) return good;
    if (!has_8_places(order.quantity.value))
        return not_allowed("quantity", "Must have at most 8 decimal places.");
    if (!has_8_places(order.limit_price->value))
        return not_allowed("limit_price", "Must have at most 8 decimal places.");
    return {};
}

Result<Json> action(Market market, model::PlaceOrder const& order) {
    if (auto good = check_words(market, order); !good)
        return std::unexpected(std::move(good.error()));
    auto const asset = hyperliquid_asset(market, order.symbol);
    if (!asset) return std::unexpected(asset.error());
    auto const tif = time_in_force(order.time_in_force);
    if (!tif) return std::unexpected(tif.error());
    auto wire = Json::object({{"a", *asset},
                              {"b", order.side == model::Side::buy},
                              {"p", order.limit_price->to_string()},
                              {"s", order.quantity.to_string()},
                              {"r", market == Market::futures && order.reduce_only},
                              {"t", Json::object({{"limit", Json::object({{"tif", *tif}})}})},
                              {"c", order.client_order_id}});
    return Json::object(
        {{"type", "order"}, {"orders", Json::array({std::move(wire)})}, {"grouping", "na"}});
}

Result<Json> action(Market market, model::CancelOrder const& cancel) {
    auto const asset = hyperliquid_asset(market, cancel.symbol);
    if (!asset) return std::unexpected(asset.error());
    if (cancel.venue_order_id) {
        auto const id = fits(order_id, *cancel.venue_order_id)
                            ? number_from<std::int64_t>(*cancel.venue_order_id)
                            : std::nullopt;
        if (!id) return not_allowed("venue_order_id", std::string(order_id.says));
        auto wire = Json::object({{"a", *asset}, {"o", *id}});
        return Json::object({{"type", "cancel"}, {"cancels", Json::array({std::move(wire)})}});
    }
    if (auto good = check_hyperliquid_order_id(cancel.client_order_id); !good)
        return std::unexpected(std::move(good.error()));
    auto wire = Json::object({{"asset", *asset}, {"cloid", cancel.client_order_id}});
    return Json::object({{"type", "cancelByCloid"}, {"cancels", Json::array({std::move(wire)})}});
}

/// The venue sets leverage and margin mode together; positions that are copied stand alone.
Result<Json> action(Market market, model::SetLeverage const& change) {
    if (market == Market::spot) return not_known_to("Spot markets");
    if (auto good = check_leverage(rules, change); !good)
        return std::unexpected(std::move(good.error()));
    auto const asset = hyperliquid_asset(market, change.symbol);
    if (!asset) return std::unexpected(asset.error());
    return Json::object({{"type", "updateLeverage"},
                         {"asset", *asset},
                         {"isCross", false},
                         {"leverage", change.leverage}});
}

template <class Other>
Result<Json> action(Market, Other const&) {
    return not_known_to("Hyperliquid's markets");
}

}  // namespace

Result<std::uint32_t> hyperliquid_asset(Market market, std::string_view symbol) {
    if (auto good = check_symbol(rules, symbol); !good)
        return std::unexpected(std::move(good.error()));
    auto const asset = number_from<std::uint32_t>(symbol);
    if (!asset) return not_allowed("symbol", std::string(rules.symbol.says));
    if (is_in(market, *asset)) return *asset;
    return not_allowed("symbol", "Is the number of no asset of the market that the item names.");
}

bool is_of_hyperliquids_builders(std::uint32_t asset) { return asset >= first_builder; }

Result<void> check_hyperliquid_order_id(std::string_view client_order_id) {
    if (fits(rules.client_order_id, client_order_id)) return {};
    return not_allowed("client_order_id", std::string(rules.client_order_id.says));
}

Result<Json> hyperliquid_action(Market market, model::VenueOperation const& operation) {
    return std::visit([&](auto const& typed) { return action(market, typed); }, operation);
}

}  // namespace obscura::citadel
