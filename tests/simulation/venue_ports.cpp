#include "simulation/venue_ports.hpp"

#include "base/json.hpp"

namespace obscura::simulation {
namespace {

using ports::Task;

constexpr auto read_validity = std::chrono::seconds(5);

model::VenueOperation operation_of(ports::SignedRequest const& request) {
    return model::operation_from_json(base::parse_json(request.body).value(), "").value();
}
std::string account_of(ports::SignedRequest const& request) {
    return request.headers.front().second;
}

/// The orders of every other account are not handed out: citadel makes their requests on the way.
bool is_relayed(ports::SignItem const& item) {
    return std::holds_alternative<model::PlaceOrder>(item.operation) && !item.context.empty() &&
           item.context.back() % 2 == 1;
}
ports::SignedRequest sign_item(ports::SignItem const& item, base::Timestamp venue_time) {
    bool const is_order = std::holds_alternative<model::PlaceOrder>(item.operation);
    return {.method = is_order ? "POST" : "GET",
            .url = "simulated://venue",
            .headers = {{"account", item.context}},
            .body = to_json(item.operation).dump(),
            .expires_at = is_order ? item.not_after : venue_time + read_validity};
}
ports::SignedRequest signed_of(ports::VenueRequest asked, base::Timestamp venue_time) {
    if (auto const* item = std::get_if<ports::SignItem>(&asked))
        return sign_item(*item, venue_time);
    return std::get<ports::SignedRequest>(std::move(asked));
}

/// What happens to the caller before its bytes leave.
Task<void> strike(World& world, Node& node, std::optional<Fault> fault) {
    if (!fault) co_return;
    if (fault->what == What::kill_before) node.kill();
    if (fault->what == What::pause) {
        node.pause();
        world.after(fault->span, [&node, life = node.life()] {
            if (node.lives(life)) node.resume();
        });
        co_await net::sleep_for(std::chrono::milliseconds(0));
    }
}

}  // namespace

// citadel
// -----------------------------------------------------------------------------------------------

Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> SimulatedCitadel::sign(
    std::vector<ports::SignItem> items) {
    using Signed = base::Result<std::vector<base::Result<ports::SignedRequest>>>;
    auto const fault = faults_.at(Where::sign);
    co_await strike(world_, node_, fault);
    std::move_only_function<void(Reply<Signed>)> send = [&](Reply<Signed> reply) {
        auto took = dice_.between(microseconds(200us), microseconds(3ms));
        if (is(fault, What::slow)) took += fault->span;
        world_.after(took, [this, fault, items, reply] {
            if (is(fault, What::kill_after)) node_.kill();
            if (is(fault, What::fail))
                return reply.with(
                    base::fail(base::Errc::unavailable, "citadel_unavailable", "away"));
            std::vector<base::Result<ports::SignedRequest>> out;
            for (auto const& item : items) {
                if (is_relayed(item))
                    out.emplace_back(base::fail(base::Errc::invalid_argument, "relay_required",
                                                "not handed out"));
                else
                    out.emplace_back(sign_item(item, venue_.clock()));
            }
            reply.with(std::move(out));
        });
    };
    co_return co_await node_.ask<Signed>(std::move(send));
}

// Orders
// ------------------------------------------------------------------------------------------------

Task<std::optional<Fault>> SimulatedVenue::enter(Where where) {
    auto const fault = faults_.at(where);
    co_await strike(world_, node_, fault);
    co_return fault;
}

Task<ports::SubmitOutcome> SimulatedVenue::submit(ports::VenueRequest asked) {
    auto const fault = co_await enter(Where::order);
    auto const* const item = std::get_if<ports::SignItem>(&asked);
    if (item != nullptr && item->not_after <= venue_.clock())
        co_return ports::NotSigned{{.code = base::Errc::invalid_argument,
                                    .reason = "not_after_passed",
                                    .detail = "too late to be signed"}};
    auto const request = signed_of(std::move(asked), venue_.clock());
    std::move_only_function<void(Reply<ports::SubmitOutcome>)> send =
        [&](Reply<ports::SubmitOutcome> reply) { send_order(request, fault, reply); };
    co_return co_await node_.ask<ports::SubmitOutcome>(std::move(send));
}

void SimulatedVenue::send_order(ports::SignedRequest request, std::optional<Fault> fault,
                                Reply<ports::SubmitOutcome> reply) {
    auto const answer = [this, reply](microseconds after, ports::SubmitOutcome outcome) {
        world_.after(after, [reply, outcome] { reply.with(outcome); });
    };
    auto const what = fault ? fault->what : What::kill_before;  // one that changes nothing here
    auto const order = std::get<model::PlaceOrder>(operation_of(request));
    auto const is_exit = [market = market_](model::PlaceOrder const& o) {
        return o.reduce_only || (market == model::Market::spot && o.side == model::Side::sell);
    };
    answer(timeout_, ports::OutcomeUnknown{"timeout"});
    auto out = latency();
    switch (what) {
        case What::lose:
            return;
        case What::not_sent:
            return answer(out, ports::NotSent{"no connection"});
        case What::throttle:
            return answer(out * 2, ports::Throttled{
                                       std::chrono::floor<std::chrono::milliseconds>(fault->span)});
        case What::busy:
            return answer(out * 2, ports::Rejected{.code = "-1008",
                                                   .message = "Server is currently overloaded",
                                                   .may_retry = true});
        case What::reject:
            if (is_exit(order)) break;
            return answer(out * 2, ports::Rejected{.code = "-2010", .message = "no balance"});
        case What::error_before:
        case What::fail:
            return answer(out * 2, ports::OutcomeUnknown{"503"});
        case What::slow:
            out += fault->span;
            break;
        case What::late:
        case What::too_late: {
            answer(out, ports::OutcomeUnknown{"connection reset"});
            auto const left =
                std::chrono::duration_cast<microseconds>(request.expires_at - venue_.clock());
            out = left + (what == What::late ? -3ms : 3ms);
            break;
        }
        default:
            break;
    }
    world_.after(out, [this, request, order, fault, what, reply, answer] {
        Venue::Filling filling;
        if (what == What::partial) filling = {Venue::Filling::Kind::in_parts, fault->span};
        if (what == What::rest) filling = {Venue::Filling::Kind::later, fault->span};
        if (what == What::cut) filling = {Venue::Filling::Kind::cut, microseconds(0)};
        if (what == What::expire) filling = {Venue::Filling::Kind::expire, microseconds(0)};
        auto outcome =
            venue_.take(account_of(request), market_, order, request.expires_at, filling);
        if (what == What::kill_after) node_.kill();
        if (what == What::lose_answer) return;
        if (what == What::error_after) outcome = ports::OutcomeUnknown{"502"};
        if (auto* taken = std::get_if<ports::Accepted>(&outcome); taken && what == What::untold)
            taken->order.fills.clear();
        answer(latency(), std::move(outcome));
    });
}

template <class T>
Task<T> SimulatedVenue::exchange(std::optional<Fault> fault, T when_lost,
                                 std::function<T()> at_venue) {
    std::move_only_function<void(Reply<T>)> send = [&](Reply<T> reply) {
        auto const lost = std::make_shared<T>(std::move(when_lost));
        world_.after(timeout_, [reply, lost] { reply.with(*lost); });
        auto out = latency();
        if (is(fault, What::slow)) out += fault->span;
        world_.after(out, [this, fault, reply, lost, at_venue] {
            auto const answer = std::make_shared<T>(is(fault, What::fail) ? *lost : at_venue());
            if (is(fault, What::kill_after)) node_.kill();
            world_.after(latency(), [reply, answer] { reply.with(std::move(*answer)); });
        });
    };
    co_return co_await node_.ask<T>(std::move(send));
}

Task<ports::QueryOutcome> SimulatedVenue::query(ports::VenueRequest asked) {
    auto const request = signed_of(std::move(asked), venue_.clock());
    auto const fault = co_await enter(Where::query);
    ports::QueryOutcome const lost = ports::OutcomeUnknown{"timeout"};
    std::function<ports::QueryOutcome()> look = [this, request, fault]() -> ports::QueryOutcome {
        if (is(fault, What::throttle))
            return ports::Throttled{std::chrono::floor<std::chrono::milliseconds>(fault->span)};
        if (venue_.clock() > request.expires_at) return ports::OutcomeUnknown{"-1021"};
        auto const wanted = std::get<model::QueryOrder>(operation_of(request));
        return venue_.find(account_of(request), wanted.client_order_id, is(fault, What::stale));
    };
    co_return co_await exchange<ports::QueryOutcome>(fault, lost, std::move(look));
}

Task<base::Result<std::vector<model::Trade>>> SimulatedVenue::list_fills(
    ports::VenueRequest asked) {
    auto const request = signed_of(std::move(asked), venue_.clock());
    using Trades = base::Result<std::vector<model::Trade>>;
    auto const fault = co_await enter(Where::fills);
    Trades const lost = base::fail(base::Errc::upstream_timeout, "venue_timeout", "timeout");
    std::function<Trades()> look = [this, request, fault]() -> Trades {
        auto const wanted = std::get<model::ListTrades>(operation_of(request));
        auto trades = wanted.venue_order_id
                          ? venue_.trades_of(account_of(request), *wanted.venue_order_id)
                          : venue_.trades_in(account_of(request), market_, wanted.symbol);
        std::erase_if(trades, [&](model::Trade const& trade) {
            return wanted.from_id && std::stoll(trade.venue_trade_id) < *wanted.from_id;
        });
        if (is(fault, What::cut) && !trades.empty()) trades.pop_back();
        return trades;
    };
    co_return co_await exchange<Trades>(fault, lost, std::move(look));
}

Task<base::Result<base::Quantity>> SimulatedVenue::holding(ports::VenueRequest asked,
                                                           ports::HoldingOf of) {
    auto const request = signed_of(std::move(asked), venue_.clock());
    using Held = base::Result<base::Quantity>;
    auto const fault = co_await enter(Where::query);
    Held const lost = base::fail(base::Errc::upstream_timeout, "venue_timeout", "timeout");
    std::function<Held()> look = [this, request, of]() -> Held {
        return venue_.held(account_of(request), market_, of.symbol);
    };
    co_return co_await exchange<Held>(fault, lost, std::move(look));
}

Task<void> SimulatedVenue::warm(model::Environment, std::size_t) { co_return; }

Task<base::Result<std::vector<model::Instrument>>> SimulatedVenue::instruments(model::Environment) {
    using Listing = base::Result<std::vector<model::Instrument>>;
    auto const fault = co_await enter(Where::instruments);
    Listing const lost = base::fail(base::Errc::unavailable, "venue_down", "down");
    std::function<Listing()> look = [this]() -> Listing {
        return market_ == model::Market::spot ? venue_.listing : venue_.contracts;
    };
    co_return co_await exchange<Listing>(fault, lost, std::move(look));
}

Task<base::Result<base::Timestamp>> SimulatedVenue::server_time(model::Environment) {
    using Told = base::Result<base::Timestamp>;
    auto const fault = co_await enter(Where::server_time);
    Told const lost = base::fail(base::Errc::unavailable, "venue_down", "down");
    std::function<Told()> look = [this]() -> Told {
        return base::from_unix_ms(base::to_unix_ms(venue_.clock()));
    };
    co_return co_await exchange<Told>(fault, lost, std::move(look));
}

std::optional<ports::WeightUsed> SimulatedVenue::weight_used(model::Environment) const {
    return std::nullopt;
}

Task<base::Result<std::vector<std::pair<std::string, base::Price>>>> SimulatedVenue::prices(
    model::Environment, std::vector<std::string> symbols) {
    using Prices = base::Result<std::vector<std::pair<std::string, base::Price>>>;
    Prices const lost = base::fail(base::Errc::unavailable, "venue_down", "down");
    std::function<Prices()> look = [this, symbols]() -> Prices {
        std::vector<std::pair<std::string, base::Price>> out;
        for (auto const& symbol : symbols) out.emplace_back(symbol, venue_.price(symbol));
        return out;
    };
    co_return co_await exchange<Prices>(std::nullopt, lost, std::move(look));
}

Task<base::Result<void>> SimulatedVenue::configure(ports::VenueRequest asked) {
    auto const request = signed_of(std::move(asked), venue_.clock());
    using Done = base::Result<void>;
    Done const lost = base::fail(base::Errc::upstream_timeout, "venue_timeout", "timeout");
    std::function<Done()> set = [this, request]() -> Done {
        venue_.configure(account_of(request), operation_of(request));
        return {};
    };
    co_return co_await exchange<Done>(std::nullopt, lost, std::move(set));
}

Task<base::Result<model::PositionMode>> SimulatedVenue::position_mode(ports::VenueRequest) {
    using Mode = base::Result<model::PositionMode>;
    Mode const lost = base::fail(base::Errc::upstream_timeout, "venue_timeout", "timeout");
    std::function<Mode()> look = []() -> Mode { return model::PositionMode::one_way; };
    co_return co_await exchange<Mode>(std::nullopt, lost, std::move(look));
}

}  // namespace obscura::simulation
