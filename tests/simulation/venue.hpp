#pragma once

#include "model/instrument.hpp"
#include "model/trade.hpp"
#include "ports/venue.hpp"
#include "simulation/world.hpp"

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace obscura::simulation {

/// A venue's books, spot and perpetuals in one-way mode: what it took, from whom, and what came of
/// it. The judge believes this and nothing else. Like Binance it takes a client id again once the
/// first order has ended, refuses what is outside of its window by its own clock, and what the
/// account cannot pay with.
class Venue {
public:
    using Status = ports::OrderState::Status;
    struct Order {
        std::string account;
        model::Market market = model::Market::spot;
        std::string id;
        model::PlaceOrder request;
        Status status = Status::open;
        base::Quantity executed{};
        base::Money quote{};
        std::vector<ports::VenueFill> fills;
        microseconds taken_at{0};
        std::uint64_t place = 0;  ///< in the order of acceptance
    };
    /// How an order is filled.
    struct Filling {
        enum class Kind { at_once, in_parts, later, cut, expire } kind = Kind::at_once;
        microseconds span{0};
    };

    explicit Venue(World& world);

    std::vector<model::Instrument> listing;    ///< spot
    std::vector<model::Instrument> contracts;  ///< with the same symbols
    microseconds clock_error{0};               ///< of the venue's clock
    std::function<void(Order const&, base::Timestamp expires_at)> on_taken;

    [[nodiscard]] base::Timestamp clock() const { return world_.time() + clock_error; }
    [[nodiscard]] base::Price price(std::string const& symbol) const;

    /// Bytes that arrive: Accepted as it stands after `filling`'s first step, or Rejected.
    [[nodiscard]] ports::SubmitOutcome take(std::string const& account, model::Market market,
                                            model::PlaceOrder const& request,
                                            base::Timestamp expires_at, Filling filling);
    /// The newest order of that client id. `behind`: from a node that has not heard of the last
    /// moments.
    [[nodiscard]] ports::QueryOutcome find(std::string const& account, std::string const& client_id,
                                           bool behind) const;
    [[nodiscard]] std::vector<model::Trade> trades_of(std::string const& account,
                                                      std::string const& order_id) const;

    /// All of an account in a symbol, in the order in which they happened.
    [[nodiscard]] std::vector<model::Trade> trades_in(std::string const& account,
                                                      model::Market market,
                                                      std::string const& symbol) const;
    /// The owner closes `percent` of what the account holds and no order of ours is about to.
    void close_by_hand(std::string const& account, model::Market market, std::string const& symbol,
                       int percent);

    [[nodiscard]] std::deque<Order> const& orders() const { return orders_; }
    /// Of contracts signed.
    [[nodiscard]] base::Quantity held(std::string const& account, model::Market market,
                                      std::string const& symbol) const;
    /// Margin mode or leverage of a contract.
    void configure(std::string const& account, model::VenueOperation const& setting);
    struct Setting {
        bool is_isolated = false;
        int leverage = 0;
    };
    [[nodiscard]] Setting setting(std::string const& account, std::string const& symbol) const;

    /// A leader's order, filled at once in up to three fills, which are told.
    void lead(std::string const& account, model::Market market, std::string const& symbol,
              model::Side side, base::Quantity quantity, int fills);
    struct Lead {
        std::string account;
        model::Trade trade;
    };
    [[nodiscard]] std::vector<Lead> const& leads() const { return leads_; }
    /// Everybody who listens hears of a fill in the order of the fills.
    std::function<void(Lead const&)> on_lead;

private:
    [[nodiscard]] static ports::OrderState state_of(Order const& order, bool with_fills);
    void fill(Order& order, base::Quantity quantity);
    [[nodiscard]] bool can_settle(std::string const& account, model::Market market,
                                  model::PlaceOrder const& request) const;
    static model::Trade trade_of(Order const& order, ports::VenueFill const& fill);
    void end(Order& order, Status status) { order.status = status; }

    World& world_;
    Dice dice_;
    std::deque<Order> orders_;
    std::vector<model::Trade> by_hand_;  ///< `venue_order_id` is the account
    std::map<std::tuple<std::string, model::Market, std::string>, base::Quantity> held_;
    std::map<std::pair<std::string, std::string>, Setting> settings_;
    std::vector<Lead> leads_;
    std::int64_t last_trade_ = 0;
};

/// "BTC" of "BTCUSDT".
[[nodiscard]] std::string base_of(std::string const& symbol);

}  // namespace obscura::simulation
