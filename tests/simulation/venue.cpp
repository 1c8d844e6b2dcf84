#include "simulation/venue.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace obscura::simulation {
namespace {

using base::Decimal;
using base::Money;
using base::Price;
using base::Quantity;
using base::Rounding;

constexpr std::string_view quote_asset = "USDT";
/// How long after its acceptance an order may be missing from what a query sees.
constexpr microseconds visibility = 700ms;
constexpr auto longest_window = std::chrono::seconds(60);
constexpr auto may_be_ahead = std::chrono::seconds(1);
Decimal const taker_fee = Decimal::from_scaled(1, 3);
Decimal const contract_fee = Decimal::from_scaled(5, 4);

model::Instrument instrument(std::string symbol) {
    return {.symbol = symbol,
            .base_asset = base_of(symbol),
            .quote_asset = std::string(quote_asset),
            .tick = Price{Decimal::from_scaled(1, 2)},
            .step = Quantity{Decimal::from_scaled(1, 5)},
            .min_quantity = Quantity{Decimal::from_scaled(1, 5)},
            .max_quantity = Quantity(100),
            .min_notional = Money(5)};
}

model::Instrument contract(std::string symbol) {
    auto out = instrument(std::move(symbol));
    out.market = model::Market::futures;
    out.kind = model::InstrumentKind::linear_perpetual;
    out.margin_asset = quote_asset;
    return out;
}

ports::Rejected no(std::string code, std::string message) {
    return {.code = std::move(code), .message = std::move(message)};
}

}  // namespace

std::string base_of(std::string const& symbol) {
    return symbol.substr(0, symbol.size() - quote_asset.size());
}

Venue::Venue(World& world)
    : listing{instrument("BTCUSDT"), instrument("ETHUSDT")},
      contracts{contract("BTCUSDT"), contract("ETHUSDT")},
      world_(world),
      dice_(world.dice("venue")) {}

/// Rises and falls by a few percent over half a minute; the same at the same moment.
Price Venue::price(std::string const& symbol) const {
    auto const base = symbol == "BTCUSDT" ? 50'000 : 2'500;
    auto const ms = world_.now().count() / 1'000 % 30'000;
    auto const wave = ms < 15'000 ? ms : 30'000 - ms;
    return Price{Decimal::from_scaled(base * (100'000 + wave / 5), 5)};
}

Quantity Venue::held(std::string const& account, model::Market market,
                     std::string const& symbol) const {
    auto const found = held_.find({account, market, symbol});
    return found == held_.end() ? Quantity{} : found->second;
}

void Venue::configure(std::string const& account, model::VenueOperation const& setting) {
    if (auto const* leverage = std::get_if<model::SetLeverage>(&setting))
        settings_[{account, leverage->symbol}].leverage = leverage->leverage;
    if (auto const* margin = std::get_if<model::SetMarginMode>(&setting))
        settings_[{account, margin->symbol}].is_isolated =
            margin->margin_mode == model::MarginMode::isolated;
}

Venue::Setting Venue::setting(std::string const& account, std::string const& symbol) const {
    auto const found = settings_.find({account, symbol});
    return found == settings_.end() ? Setting{} : found->second;
}

void Venue::fill(Order& order, Quantity quantity) {
    bool const buys = order.request.side == model::Side::buy;
    bool const is_spot = order.market == model::Market::spot;
    auto const at = to_step(price(order.request.symbol), listing.front().tick, Rounding::floor);
    auto const quote = notional(at, quantity, Rounding::toward_zero);
    bool const in_base = buys && is_spot;
    auto const fee = multiply(in_base ? quantity.value : quote.value,
                              is_spot ? taker_fee : contract_fee, Rounding::toward_zero);
    order.executed += quantity;
    order.quote += quote;
    order.fills.push_back(
        {.venue_trade_id = std::to_string(++last_trade_),
         .price = at,
         .quantity = quantity,
         .fee = fee,
         .fee_asset = in_base ? base_of(order.request.symbol) : std::string(quote_asset),
         .executed_at = base::from_unix_ms(base::to_unix_ms(clock()))});
    auto& balance = held_[{order.account, order.market, order.request.symbol}];
    balance += model::signed_change(order.request.side, quantity);
    if (in_base) balance -= Quantity{fee};
    order.status =
        order.executed == order.request.quantity ? Status::filled : Status::partially_filled;
}

/// Spot sells what there is; what says that it reduces a contract does.
bool Venue::can_settle(std::string const& account, model::Market market,
                       model::PlaceOrder const& request) const {
    auto const has = held(account, market, request.symbol);
    if (market == model::Market::spot)
        return request.side == model::Side::buy || has >= request.quantity;
    return !request.reduce_only ||
           model::signed_change(opposite(request.side), has) >= request.quantity;
}

ports::SubmitOutcome Venue::take(std::string const& account, model::Market market,
                                 model::PlaceOrder const& request, base::Timestamp expires_at,
                                 Filling filling) {
    auto const refuse = [&](ports::Rejected why) {
        world_.note(fmt::format("venue refuses {}: {}", request.client_order_id, why.message));
        return why;
    };
    if (clock() > expires_at || expires_at > clock() + longest_window + may_be_ahead)
        return refuse({.code = "-1021",
                       .message = "outside of the recvWindow",
                       .may_retry = true,
                       .is_untimely = true});
    for (auto const& order : orders_)
        if (order.account == account && order.request.client_order_id == request.client_order_id &&
            (order.status == Status::open || order.status == Status::partially_filled))
            return refuse(no("-2010", "Duplicate order sent."));
    if (!can_settle(account, market, request))
        return refuse({.code = "-2010",
                       .message = "Account has insufficient balance for requested action.",
                       .lacks_holdings = true});
    auto const& rules = listing.front();
    if (request.quantity < rules.min_quantity || request.quantity > rules.max_quantity ||
        to_step(request.quantity, rules.step, Rounding::floor) != request.quantity)
        return refuse(no("-1013", "Filter failure: LOT_SIZE"));

    auto& order = orders_.emplace_back(Order{.account = account,
                                             .market = market,
                                             .id = std::to_string(1'000 + orders_.size()),
                                             .request = request,
                                             .taken_at = world_.now(),
                                             .place = orders_.size()});
    world_.note(fmt::format("venue takes {} of {}: {} {} {} {}{}", request.client_order_id, account,
                            to_string(request.side), request.quantity.to_string(),
                            to_string(market), request.symbol,
                            request.reduce_only ? ", reducing" : ""));
    auto const half = to_step(Quantity{divide(request.quantity.value, Decimal(2), Rounding::floor)},
                              rules.step, Rounding::floor);
    bool const divides = half.is_positive() && half < request.quantity;
    using Kind = Filling::Kind;
    if (filling.kind == Kind::expire) {
        end(order, Status::expired);
    } else if (filling.kind == Kind::at_once || (filling.kind != Kind::later && !divides)) {
        fill(order, request.quantity);
    } else if (filling.kind == Kind::later) {
        world_.after(filling.span, [this, &order] { fill(order, order.request.quantity); });
    } else {
        fill(order, half);
        if (filling.kind == Kind::cut)
            end(order, Status::expired);
        else
            world_.after(filling.span,
                         [this, &order] { fill(order, order.request.quantity - order.executed); });
    }
    auto answer = state_of(order, true);
    if (on_taken) on_taken(order, expires_at);
    return ports::Accepted{std::move(answer)};
}

ports::OrderState Venue::state_of(Order const& order, bool with_fills) {
    ports::OrderState state;
    state.venue_order_id = order.id;
    state.client_order_id = order.request.client_order_id;
    state.symbol = order.request.symbol;
    state.side = order.request.side;
    state.status = order.status;
    state.executed_quantity = order.executed;
    state.executed_quote = order.quote;
    if (with_fills) state.fills = order.fills;
    return state;
}

ports::QueryOutcome Venue::find(std::string const& account, std::string const& client_id,
                                bool behind) const {
    for (auto order = orders_.rbegin(); order != orders_.rend(); ++order) {
        if (order->account != account || order->request.client_order_id != client_id) continue;
        if (behind && order->taken_at + visibility > world_.now()) continue;
        return state_of(*order, false);
    }
    return ports::OrderAbsent{};
}

std::vector<model::Trade> Venue::trades_of(std::string const& account,
                                           std::string const& order_id) const {
    std::vector<model::Trade> out;
    for (auto const& order : orders_) {
        if (order.account != account || order.id != order_id) continue;
        for (auto const& fill : order.fills) out.push_back(trade_of(order, fill));
    }
    return out;
}

model::Trade Venue::trade_of(Order const& order, ports::VenueFill const& fill) {
    model::Trade trade;
    trade.venue = "binance";
    trade.market = order.market;
    trade.symbol = order.request.symbol;
    trade.venue_trade_id = fill.venue_trade_id;
    trade.venue_order_id = order.id;
    trade.side = order.request.side;
    trade.price = fill.price;
    trade.quantity = fill.quantity;
    trade.fee = fill.fee;
    trade.fee_asset = fill.fee_asset;
    trade.executed_at = fill.executed_at;
    return trade;
}

std::vector<model::Trade> Venue::trades_in(std::string const& account, model::Market market,
                                           std::string const& symbol) const {
    auto out = by_hand_;
    std::erase_if(out, [&](model::Trade const& trade) {
        return trade.venue_order_id != account || trade.market != market || trade.symbol != symbol;
    });
    for (auto const& order : orders_)
        if (order.account == account && order.market == market && order.request.symbol == symbol)
            for (auto const& fill : order.fills) out.push_back(trade_of(order, fill));
    std::ranges::sort(out, {},
                      [](model::Trade const& trade) { return std::stoll(trade.venue_trade_id); });
    return out;
}

void Venue::close_by_hand(std::string const& account, model::Market market,
                          std::string const& symbol, int percent) {
    auto& has = held_[{account, market, symbol}];
    auto const side = has.is_positive() ? model::Side::sell : model::Side::buy;
    auto free = has.abs();
    for (auto const& order : orders_)
        if (order.account == account && order.market == market && order.request.symbol == symbol &&
            (order.status == Status::open || order.status == Status::partially_filled) &&
            order.request.side == side)
            free -= order.request.quantity - order.executed;
    auto const wanted =
        multiply(free.value, Decimal::from_scaled(percent, 2), Rounding::toward_zero);
    auto const quantity = to_step(Quantity{wanted}, listing.front().step, Rounding::floor);
    auto const size = notional(price(symbol), quantity, Rounding::toward_zero);
    // Dust stays where it is: nobody will ever ask what became of it.
    if (!quantity.is_positive() || size < listing.front().min_notional) return;
    model::Trade trade;
    trade.venue = "binance";
    trade.market = market;
    trade.symbol = symbol;
    trade.venue_trade_id = std::to_string(++last_trade_);
    trade.venue_order_id = account;
    trade.side = side;
    trade.price = to_step(price(symbol), listing.front().tick, Rounding::floor);
    trade.quantity = quantity;
    trade.fee_asset = std::string(quote_asset);
    trade.executed_at = base::from_unix_ms(base::to_unix_ms(clock()));
    has += model::signed_change(side, quantity);
    world_.note(fmt::format("{} closes {} {} {} by hand", account, quantity.to_string(),
                            to_string(market), symbol));
    by_hand_.push_back(std::move(trade));
}

void Venue::lead(std::string const& account, model::Market market, std::string const& symbol,
                 model::Side side, Quantity quantity, int fills) {
    auto const step = listing.front().step;
    auto left = quantity;
    for (int i = fills; i > 0 && left.is_positive(); --i) {
        auto part = to_step(Quantity{divide(left.value, Decimal(i), Rounding::floor)}, step,
                            Rounding::floor);
        if (i == 1 || !part.is_positive()) part = left;
        left = left - part;
        auto& has = held_[{account, market, symbol}];
        model::Trade trade;
        trade.venue = "binance";
        trade.market = market;
        trade.symbol = symbol;
        if (market == model::Market::futures)
            trade.realised_pnl = Money(signed_change(opposite(side), has).is_positive() ? 1 : 0);
        trade.venue_trade_id = std::to_string(++last_trade_);
        trade.venue_order_id = "L" + std::to_string(last_trade_);
        trade.side = side;
        trade.price = to_step(price(symbol), listing.front().tick, Rounding::floor);
        trade.quantity = part;
        // Leaders pay in BNB, so that a whole position can be sold.
        trade.fee = Decimal::from_scaled(1, 3);
        trade.fee_asset = "BNB";
        trade.executed_at = base::from_unix_ms(base::to_unix_ms(clock()));
        has += model::signed_change(side, part);
        world_.note(fmt::format("leader {} {} {} {} {}", account, to_string(side),
                                to_string(market), symbol, part.to_string()));
        leads_.push_back({account, std::move(trade)});
        if (on_lead) on_lead(leads_.back());
    }
}

}  // namespace obscura::simulation
