#include "simulation/venue_ports.hpp"

#include "base/json.hpp"

#include <algorithm>
#include <deque>

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

bool is(std::optional<Fault> const& fault, What what) { return fault && fault->what == what; }

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

// Leaders
// -----------------------------------------------------------------------------------------------

/// One account: connect, backfill by REST from the cursors, then the stream, with REST behind it
/// from time to time. What it loses on the way, REST finds.
class SimulatedFeeds::Feed final : public ports::LeaderFeed {
public:
    Feed(SimulatedFeeds& feeds, ports::LeaderAccount account,
         std::vector<ports::FeedCursor> cursors)
        : feeds_(feeds), account_(std::move(account)), wake_(feeds.node_.io().get_executor()) {
        for (auto const& cursor : cursors) confirmed_[cursor.symbol] = cursor.last_trade_id;
        place_ = feeds_.feeds_.insert(feeds_.feeds_.end(), this);
    }
    ~Feed() override { feeds_.feeds_.erase(place_); }

    [[nodiscard]] Task<void> run(ports::FeedSink& sink) override {
        while (!is_stopping_) {
            co_await net::sleep_for(std::chrono::milliseconds(5));
            is_live_ = true;
            is_broken_ = !co_await backfill(sink);
            while (!is_stopping_ && !is_broken_) {
                if (!heard_.empty())
                    is_broken_ = !pass_on(sink);
                else if (!co_await wake_.wait(reconcile_every))
                    is_broken_ = !co_await backfill(sink);
            }
            is_live_ = false;
            heard_.clear();
            co_await net::sleep_for(std::chrono::milliseconds(200));
        }
    }
    void request_stop() override {
        is_stopping_ = true;
        wake_.notify();
    }
    [[nodiscard]] ports::FeedStatus status() const override {
        ports::FeedStatus status;
        status.state = is_live_ ? "live" : "connecting";
        status.is_live = is_live_;
        return status;
    }
    [[nodiscard]] std::string const& name() const { return account_.credential_context; }
    void hear(model::Trade const& trade) {
        if (!is_live_) return;
        heard_.push_back(trade);
        wake_.notify();
    }
    void cut() {
        is_broken_ = true;
        is_live_ = false;
        wake_.notify();
    }

private:
    static constexpr std::chrono::milliseconds reconcile_every{2'000};

    model::Trade ours(model::Trade trade, bool via_backfill) const {
        trade.tenant = account_.tenant;
        trade.connection = account_.connection;
        trade.environment = account_.environment;
        trade.received_at = feeds_.node_.clock().now();
        trade.via_backfill = via_backfill;
        return trade;
    }
    bool pass_on(ports::FeedSink& sink) {
        ports::FeedDelivery delivery;
        for (; !heard_.empty(); heard_.pop_front())
            delivery.trades.push_back(ours(heard_.front(), false));
        return sink.offer(std::move(delivery));
    }
    /// False when the venue gave no answer, or nobody took it.
    [[nodiscard]] Task<bool> backfill(ports::FeedSink& sink) {
        using Page = base::Result<std::vector<model::Trade>>;
        auto const fault = feeds_.faults_.at(Where::rest_page);
        std::move_only_function<void(Reply<Page>)> send = [&](Reply<Page> reply) {
            auto const took = feeds_.dice_.between(microseconds(1ms), microseconds(40ms));
            // The feed may be gone by then; the venue is not.
            feeds_.world_.after(took, [&venue = feeds_.venue_, market = feeds_.market_, fault,
                                       reply, who = name()] {
                if (is(fault, What::fail))
                    return reply.with(base::fail(base::Errc::unavailable, "venue_down", "down"));
                std::vector<model::Trade> all;
                for (auto const& lead : venue.leads())
                    if (lead.account == who && lead.trade.market == market)
                        all.push_back(lead.trade);
                reply.with(std::move(all));
            });
        };
        auto const page = co_await feeds_.node_.ask<Page>(std::move(send));
        if (!page) co_return false;
        ports::FeedDelivery delivery;
        auto cursors = confirmed_;
        for (auto const& trade : *page) {
            auto const id = std::stoll(trade.venue_trade_id);
            auto& cursor =
                cursors.try_emplace(trade.symbol, ports::FeedCursor::unconfirmed).first->second;
            if (id <= cursor) continue;
            cursor = id;
            delivery.trades.push_back(ours(trade, true));
        }
        for (auto const& [symbol, id] : cursors)
            delivery.cursors.push_back(
                {account_.tenant, account_.connection, feeds_.market_, symbol, id});
        if (delivery.trades.empty()) co_return true;
        bool const taken = sink.offer(std::move(delivery));
        if (taken) confirmed_ = std::move(cursors);
        co_return taken;
    }

    SimulatedFeeds& feeds_;
    ports::LeaderAccount account_;
    net::Event wake_;
    std::map<std::string, std::int64_t> confirmed_;
    std::deque<model::Trade> heard_;
    std::list<Feed*>::iterator place_;
    bool is_stopping_ = false;
    bool is_live_ = false;
    bool is_broken_ = false;
};

base::Result<std::unique_ptr<ports::LeaderFeed>> SimulatedFeeds::open(
    ports::LeaderAccount account, std::vector<ports::FeedCursor> cursors) {
    return std::make_unique<Feed>(*this, std::move(account), std::move(cursors));
}

void SimulatedFeeds::tell(Venue::Lead const& lead) {
    if (lead.trade.market != market_) return;
    auto const fault = faults_.at(Where::stream_event);
    if (is(fault, What::lose)) return;
    auto delay = dice_.between(microseconds(500us), microseconds(8ms));
    if (is(fault, What::slow)) delay += fault->span;
    auto const life = node_.life();
    auto const deliver = [this, lead, life] {
        if (!node_.lives(life)) return;
        for (auto* feed : feeds_)
            if (feed->name() == lead.account) feed->hear(lead.trade);
    };
    if (is(fault, What::vanish)) {
        for (auto* feed : feeds_)
            if (feed->name() == lead.account) feed->cut();
        return;
    }
    world_.after(delay, deliver);
    if (is(fault, What::duplicate)) world_.after(delay + 300ms, deliver);
}

}  // namespace obscura::simulation
