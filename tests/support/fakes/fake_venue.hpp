#pragma once

#include "net/runtime.hpp"
#include "ports/venue.hpp"
#include "support/fakes/fake_citadel.hpp"

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace obscura::test {

/// A venue with a clock and a ledger of its own, which is the judge: whatever it was told to do to
/// an order, `orders` says which ones it took. Like the real ones it takes a client id twice.
class FakeVenue final : public ports::OrderVenue {
public:
    enum class Fate {
        fill,          ///< taken and filled
        fill_untold,   ///< the same, and the answer leaves out the fills
        cut,           ///< taken and filled by half; the rest expires
        expire,        ///< taken, and ended without a fill
        rest,          ///< taken, and open until `fill_resting`
        lose_answer,   ///< filled, and the answer is lost
        lose_request,  ///< the bytes are lost
        delay,         ///< no answer; the bytes arrive just before they expire
        reject,        ///< for good
        lacks,         ///< rejected as closing what is not there
        busy,          ///< rejected for now
        untimely,      ///< rejected as outside its window
        throttle,      ///< 429, for `throttle_for`
        too_many,      ///< the same, for this account alone
        not_sent,
        not_signed,  ///< by the relay, for `not_signed_reason`
        blow_up,     ///< filled, and an exception instead of an answer
    };
    struct Order {
        ports::OrderState state;
        std::string account;
        model::PlaceOrder request;
        base::Timestamp taken_at{};
    };
    FakeVenue(boost::asio::any_io_executor executor, base::Clock const& clock,
              model::Market market = model::Market::spot)
        : executor_(executor), clock_(clock), market_(market) {
        add_instrument("BTCUSDT", "BTC");
        add_instrument("ETHUSDT", "ETH");
    }

    std::deque<Fate> fates;  ///< of the next orders; after them `fill`
    std::chrono::milliseconds throttle_for{0};
    std::string not_signed_reason = "limit_daily_notional";
    int relayed_orders = 0;                   ///< that came by the relay
    int throttled_queries = 0;                ///< that many get 429, for `throttle_for`
    int throttled_listings = 0;               ///< likewise
    std::optional<ports::WeightUsed> weight;  ///< what it says of this address
    int failing_queries = 0;                  ///< that many get no answer
    int throwing_queries = 0;                 ///< that many end in an exception
    int failing_listings = 0;
    int parts = 1;              ///< fills that an order is filled with
    int distorted_answers = 0;  ///< that many of the orders told are changed by `distort`
    std::function<void(ports::OrderState&)> distort;
    int distorted_listings = 0;  ///< likewise
    std::function<void(model::Trade&)> distort_trade;
    bool is_timeless = false;  ///< tells no time
    bool is_silent = false;    ///< tells neither instruments nor prices
    std::map<std::string, base::Price> last_prices{{"BTCUSDT", base::Price(50'000)}};
    std::vector<model::Instrument> listing;

    /// What accounts hold, by account and symbol; an order that takes more is refused. Without it
    /// an account holds whatever is asked for.
    std::map<std::pair<std::string, std::string>, base::Quantity> holdings;
    std::deque<base::Quantity> stale_holdings;  ///< what the next looks are told
    int failing_looks = 0;
    int looks = 0;
    std::vector<model::Trade> by_hand;  ///< trades of no order of ours

    // Futures
    model::PositionMode mode = model::PositionMode::one_way;
    int failing_modes = 0;                    ///< that many questions for it get no answer
    std::deque<base::Errc> failing_settings;  ///< how the next settings end
    std::vector<std::string> settings;        ///< "leverage BTCUSDT 3", of every one taken
    int mode_calls = 0;

    std::vector<Order> orders;             ///< the ledger
    std::vector<base::Timestamp> arrived;  ///< of every order message, taken or not
    int queries = 0;
    int listings = 0;
    int instrument_calls = 0;
    int price_calls = 0;
    int time_calls = 0;

    [[nodiscard]] std::vector<Order> orders_of(std::string const& account) const {
        std::vector<Order> out;
        for (auto const& order : orders)
            if (order.account == account) out.push_back(order);
        return out;
    }
    void fill_resting() {
        for (auto& order : orders)
            if (order.state.status == ports::OrderState::Status::open) fill(order);
    }
    void add_order(model::PlaceOrder request, std::string account) {
        take({.state = {}, .account = std::move(account), .request = std::move(request)});
        fill(orders.back());
    }

    [[nodiscard]] ports::Task<ports::SubmitOutcome> submit(ports::VenueRequest asked) override {
        if (std::holds_alternative<ports::SignItem>(asked)) ++relayed_orders;
        auto request = signed_of(std::move(asked));
        arrived.push_back(clock_.now());
        auto fate = Fate::fill;
        if (!fates.empty()) {
            fate = fates.front();
            fates.pop_front();
        }
        if (fate == Fate::not_sent) co_return ports::NotSent{"no connection"};
        if (fate == Fate::not_signed)
            co_return ports::NotSigned{{.code = base::Errc::invalid_argument,
                                        .reason = not_signed_reason,
                                        .detail = "the owner says no"}};
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (fate == Fate::throttle) co_return ports::Throttled{throttle_for};
        if (fate == Fate::too_many)
            co_return ports::Throttled{throttle_for, ports::Throttled::Whose::account};
        if (fate == Fate::lose_request) co_return ports::OutcomeUnknown{"timeout"};
        if (fate == Fate::delay) {
            boost::asio::co_spawn(executor_, arrive_late(std::move(request)),
                                  boost::asio::detached);
            co_return ports::OutcomeUnknown{"timeout"};
        }
        if (fate == Fate::reject)
            co_return ports::Rejected{.code = "-2010", .message = "insufficient balance"};
        if (fate == Fate::busy)
            co_return ports::Rejected{.code = "-1008", .message = "busy", .may_retry = true};
        auto const held = holding_of(request);
        if (fate == Fate::lacks || (held && *held < quantity_of(request)))
            co_return ports::Rejected{.code = "-2022",
                                      .message = "ReduceOnly Order is rejected.",
                                      .lacks_holdings = true};
        if (fate == Fate::untimely || !take_request(request, fate))
            co_return ports::Rejected{.code = "-1021",
                                      .message = "outside recvWindow",
                                      .may_retry = true,
                                      .is_untimely = true};
        if (fate == Fate::lose_answer) co_return ports::OutcomeUnknown{"connection reset"};
        if (fate == Fate::blow_up) throw std::runtime_error("the socket is gone");
        auto answer = orders.back().state;
        if (fate == Fate::fill_untold) answer.fills.clear();
        if (distorted_answers > 0 && distorted_answers--) distort(answer);
        co_return ports::Accepted{std::move(answer)};
    }

    [[nodiscard]] ports::Task<ports::QueryOutcome> query(ports::VenueRequest asked) override {
        auto const request = signed_of(std::move(asked));
        ++queries;
        if (throwing_queries > 0) {
            --throwing_queries;
            throw std::runtime_error("the socket is gone");
        }
        auto const wanted = std::get<model::QueryOrder>(operation_of(request));
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (failing_queries > 0) {
            --failing_queries;
            co_return ports::OutcomeUnknown{"timeout"};
        }
        if (throttled_queries > 0) {
            --throttled_queries;
            co_return ports::Throttled{throttle_for};
        }
        for (auto const& order : orders)
            if (order.state.client_order_id == wanted.client_order_id) {
                auto state = order.state;
                state.fills.clear();  // as Binance's GET order has it
                if (distorted_answers > 0 && distorted_answers--) distort(state);
                co_return state;
            }
        co_return ports::OrderAbsent{};
    }

    [[nodiscard]] ports::Task<base::Result<std::vector<model::Trade>>> list_fills(
        ports::VenueRequest asked) override {
        auto const request = signed_of(std::move(asked));
        ++listings;
        auto const wanted = std::get<model::ListTrades>(operation_of(request));
        if (failing_listings > 0) {
            --failing_listings;
            co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        }
        if (throttled_listings > 0) {
            --throttled_listings;
            auto error = base::Error{.code = base::Errc::rate_limited, .reason = "venue_throttled"};
            error.retry_after = std::chrono::ceil<std::chrono::seconds>(throttle_for);
            co_return std::unexpected(std::move(error));
        }
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (!wanted.venue_order_id) co_return by_hand;
        auto trades = trades_of(wanted);
        if (distorted_listings > 0 && distorted_listings--)
            for (auto& trade : trades) distort_trade(trade);
        co_return trades;
    }

    [[nodiscard]] ports::Task<base::Result<base::Quantity>> holding(ports::VenueRequest asked,
                                                                    ports::HoldingOf of) override {
        auto const request = signed_of(std::move(asked));
        ++looks;
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (failing_looks > 0) {
            --failing_looks;
            co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        }
        if (!stale_holdings.empty()) {
            auto const told = stale_holdings.front();
            stale_holdings.pop_front();
            co_return told;
        }
        co_return holdings[{request.headers.front().second, of.symbol}];
    }
    [[nodiscard]] ports::Task<base::Result<void>> configure(ports::VenueRequest asked) override {
        auto const request = signed_of(std::move(asked));
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (!failing_settings.empty()) {
            auto const code = failing_settings.front();
            failing_settings.pop_front();
            co_return base::fail(code, "venue_refused", "the venue's words");
        }
        auto const operation = operation_of(request);
        if (auto const* leverage = std::get_if<model::SetLeverage>(&operation))
            settings.push_back("leverage " + leverage->symbol + " " +
                               std::to_string(leverage->leverage));
        if (auto const* margin = std::get_if<model::SetMarginMode>(&operation))
            settings.push_back("margin " + margin->symbol + " " +
                               std::string(to_string(margin->margin_mode)));
        co_return base::Result<void>{};
    }
    [[nodiscard]] ports::Task<base::Result<model::PositionMode>> position_mode(
        ports::VenueRequest) override {
        ++mode_calls;
        co_await net::sleep_for(std::chrono::milliseconds(1));
        if (failing_modes > 0) {
            --failing_modes;
            co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        }
        co_return mode;
    }

    [[nodiscard]] ports::Task<void> warm(model::Environment, std::size_t) override { co_return; }

    [[nodiscard]] ports::Task<base::Result<std::vector<model::Instrument>>> instruments(
        model::Environment) override {
        ++instrument_calls;
        if (is_silent) co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        co_return listing;
    }
    [[nodiscard]] ports::Task<base::Result<base::Timestamp>> server_time(
        model::Environment) override {
        ++time_calls;
        if (is_timeless) co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        co_return base::from_unix_ms(base::to_unix_ms(clock_.now()));
    }
    [[nodiscard]] std::optional<ports::WeightUsed> weight_used(model::Environment) const override {
        return weight;
    }
    [[nodiscard]] ports::Task<base::Result<std::vector<std::pair<std::string, base::Price>>>>
    prices(model::Environment, std::vector<std::string> symbols) override {
        ++price_calls;
        if (is_silent) co_return base::fail(base::Errc::unavailable, "venue_down", "down");
        std::vector<std::pair<std::string, base::Price>> out;
        for (auto const& symbol : symbols)
            if (auto const it = last_prices.find(symbol); it != last_prices.end())
                out.emplace_back(*it);
        co_return out;
    }

private:
    void add_instrument(std::string symbol, std::string asset) {
        listing.push_back({.symbol = std::move(symbol),
                           .base_asset = std::move(asset),
                           .quote_asset = "USDT",
                           .market = market_,
                           .tick = base::Price{base::Decimal::from_scaled(1, 2)},
                           .step = base::Quantity{base::Decimal::from_scaled(1, 5)},
                           .min_quantity = base::Quantity{base::Decimal::from_scaled(1, 5)},
                           .max_quantity = base::Quantity(100),
                           .min_notional = base::Money(5),
                           .kind = market_ == model::Market::spot
                                       ? model::InstrumentKind::spot
                                       : model::InstrumentKind::linear_perpetual});
    }
    /// citadel signs what is relayed when its turn has come.
    [[nodiscard]] ports::SignedRequest signed_of(ports::VenueRequest asked) const {
        if (auto const* item = std::get_if<ports::SignItem>(&asked))
            return FakeCitadel::sign(*item, clock_.now());
        return std::get<ports::SignedRequest>(std::move(asked));
    }
    static model::VenueOperation operation_of(ports::SignedRequest const& request) {
        return model::operation_from_json(base::parse_json(request.body).value(), "").value();
    }
    /// Of the account of an order that closes, where it is limited.
    [[nodiscard]] std::optional<base::Quantity> holding_of(
        ports::SignedRequest const& request) const {
        auto const order = std::get<model::PlaceOrder>(operation_of(request));
        bool const closes = order.reduce_only || order.side == model::Side::sell;
        auto const held = holdings.find({request.headers.front().second, order.symbol});
        if (!closes || held == holdings.end()) return std::nullopt;
        return held->second.abs();
    }
    static base::Quantity quantity_of(ports::SignedRequest const& request) {
        return std::get<model::PlaceOrder>(operation_of(request)).quantity;
    }
    /// False when the bytes came after their expiry, or more than a second before their time.
    bool take_request(ports::SignedRequest const& request, Fate fate) {
        if (clock_.now() > request.expires_at) return false;
        auto const valid_from = base::from_unix_us(std::stoll(request.headers.back().second));
        if (valid_from >= clock_.now() + std::chrono::seconds(1)) return false;
        take({.state = {},
              .account = request.headers.front().second,
              .request = std::get<model::PlaceOrder>(operation_of(request))});
        auto& order = orders.back();
        if (fate == Fate::expire)
            order.state.status = ports::OrderState::Status::expired;
        else if (fate == Fate::cut)
            fill_half(order);
        else if (fate != Fate::rest)
            fill(order);
        return true;
    }
    void take(Order order) {
        order.state.venue_order_id = std::to_string(1'000 + orders.size());
        order.state.client_order_id = order.request.client_order_id;
        order.state.symbol = order.request.symbol;
        order.state.side = order.request.side;
        order.taken_at = clock_.now();
        orders.push_back(std::move(order));
    }
    /// As Binance has it: the oldest from `from_id` on, or without it the newest.
    [[nodiscard]] std::vector<model::Trade> trades_of(model::ListTrades const& wanted) const {
        std::vector<model::Trade> trades;
        auto const limit = static_cast<std::size_t>(wanted.limit);
        for (auto const& order : orders) {
            if (order.state.venue_order_id != wanted.venue_order_id) continue;
            auto const& fills = order.state.fills;
            auto const newest = fills.size() - std::min(fills.size(), limit);
            for (auto i = wanted.from_id ? 0 : newest; i < fills.size(); ++i)
                if (trades.size() < limit &&
                    std::stoll(fills[i].venue_trade_id) >= wanted.from_id.value_or(0))
                    trades.push_back(trade_of(order, fills[i]));
        }
        return trades;
    }
    static model::Trade trade_of(Order const& order, ports::VenueFill const& fill) {
        model::Trade trade;
        trade.venue = "binance";
        trade.symbol = order.request.symbol;
        trade.venue_trade_id = fill.venue_trade_id;
        trade.venue_order_id = order.state.venue_order_id;
        trade.side = order.request.side;
        trade.price = fill.price;
        trade.quantity = fill.quantity;
        trade.fee = fill.fee;
        trade.fee_asset = fill.fee_asset;
        trade.executed_at = fill.executed_at;
        return trade;
    }
    void fill_half(Order& order) {
        auto const half = base::Quantity{
            divide(order.request.quantity.value, base::Decimal(2), base::Rounding::floor)};
        fill(order, to_step(half, listing.front().step, base::Rounding::floor));
        order.state.status = ports::OrderState::Status::expired;
    }
    void fill(Order& order) { fill(order, order.request.quantity); }
    /// At 50,000 or the limit, with 0.1 % of what is received as the fee; of contracts, of the
    /// notional.
    void fill(Order& order, base::Quantity quantity) {
        auto const price = order.request.limit_price.value_or(base::Price(50'000));
        auto const quote = notional(price, quantity, base::Rounding::toward_zero);
        bool const buys = order.request.side == model::Side::buy && market_ == model::Market::spot;
        auto const received = buys ? quantity.value : quote.value;
        order.state.status = ports::OrderState::Status::filled;
        order.state.executed_quantity = quantity;
        order.state.executed_quote = quote;
        auto const part = divide(quantity.value, base::Decimal(parts), base::Rounding::floor);
        auto const fee =
            divide(multiply(received, base::Decimal::from_scaled(1, 3), base::Rounding::floor),
                   base::Decimal(parts), base::Rounding::floor);
        for (int i = 0; i < parts; ++i)
            order.state.fills.push_back(
                {.venue_trade_id = std::to_string(++trades_),
                 .price = price,
                 .quantity = base::Quantity{part},
                 .fee = fee,
                 .fee_asset = buys ? order.request.symbol.substr(0, 3) : "USDT",
                 .executed_at = clock_.now()});
    }
    ports::Task<void> arrive_late(ports::SignedRequest request) {
        auto const left = request.expires_at - clock_.now() - std::chrono::milliseconds(5);
        co_await net::sleep_for(std::chrono::floor<std::chrono::milliseconds>(left));
        (void)take_request(request, Fate::fill);
    }

    boost::asio::any_io_executor executor_;
    base::Clock const& clock_;
    model::Market market_;
    int trades_ = 0;
};

}  // namespace obscura::test
