#include "venue/binance_leader_feed.hpp"

#include "base/log.hpp"
#include "net/http.hpp"
#include "venue/binance_futures_codec.hpp"

#include <algorithm>

namespace obscura::venue {

using ports::Task;

namespace {

constexpr std::chrono::seconds login_lifetime{10};
constexpr std::size_t most_held = 10'000;
/// The loop looks around at least so often, so that a stepped clock cannot make it sleep for long.
constexpr std::chrono::milliseconds longest_nap{1'000};

}  // namespace

BinanceLeaderFeed::BinanceLeaderFeed(BinanceFeedConfig const& config, ports::LeaderAccount account,
                                     std::vector<ports::FeedCursor> const& cursors,
                                     net::HttpClient& client, ports::Signer& signer,
                                     std::shared_ptr<RestGate> gate, base::Clock const& clock,
                                     base::Random& random)
    : config_(config),
      endpoint_(config.endpoints.at(account.environment)),
      account_(std::move(account)),
      reader_(config.market, client, signer, net::parse_url(endpoint_.rest).value().origin(),
              std::move(gate), clock),
      clock_(clock),
      machine_(config.timing, random),
      tracker_(account_.connected_at, config.symbols, cursors, config.confirm_lag,
               binance_history_of(config.market)) {}

Task<void> BinanceLeaderFeed::run(ports::FeedSink& sink) {
    auto const executor = co_await boost::asio::this_coro::executor;
    sink_ = &sink;
    scope_ = std::make_unique<net::Scope>(executor);
    wake_ = std::make_unique<net::Event>(executor);
    if (!stop_requested_) apply(FeedEvent::start);
    while (!stop_requested_) {
        auto nap = longest_nap;
        if (auto const at = machine_.wake_at()) {
            auto const left = std::chrono::ceil<std::chrono::milliseconds>(*at - clock_.steady());
            nap = std::clamp(left, std::chrono::milliseconds(0), longest_nap);
        }
        co_await wake_->wait(nap);
        if (!stop_requested_) apply(FeedEvent::tick);
    }
    apply(FeedEvent::stop);
    co_await scope_->stop();
    scope_.reset();
    wake_.reset();
    sink_ = nullptr;
}

void BinanceLeaderFeed::request_stop() {
    stop_requested_ = true;
    if (wake_) wake_->notify();
}

ports::FeedStatus BinanceLeaderFeed::status() const {
    auto out = status_;
    out.state = to_string(machine_.state());
    out.is_live = machine_.state() == FeedState::live;
    return out;
}

void BinanceLeaderFeed::apply(FeedEvent event) {
    auto const before = machine_.state();
    auto const wake_before = machine_.wake_at();
    auto const actions = machine_.on(event, clock_.steady());
    if (machine_.state() != before) {
        base::log::info("feed.state", {{"connection", account_.connection.to_string()},
                                       {"from", to_string(before)},
                                       {"to", to_string(machine_.state())},
                                       {"error", status_.last_error}});
        if (machine_.state() == FeedState::catching_up) live_since_ = reader_.now().latest;
        if (machine_.state() == FeedState::waiting) live_since_.reset();
        if (machine_.state() == FeedState::live) status_.last_error.clear();
    }
    for (auto const action : actions) perform(action);
    auto const wake_after = machine_.wake_at();
    if (wake_after && (!wake_before || *wake_after < *wake_before)) wake_->notify();
}

void BinanceLeaderFeed::perform(FeedAction action) {
    switch (action) {
        case FeedAction::connect:
            scope_->spawn("feed.connect", connect(++generation_));
            break;
        case FeedAction::log_in:
            scope_->spawn("feed.log_in", log_in(socket_, generation_));
            break;
        case FeedAction::ping:
            // Not the protocol's ping: its answer proves nothing about who feeds the socket.
            if (socket_) socket_->send(stream_ping("ping-" + std::to_string(++next_request_)));
            break;
        case FeedAction::renew:
            scope_->spawn("feed.renew", renew(generation_));
            break;
        case FeedAction::fetch:
            scope_->spawn("feed.fetch", fetch());
            break;
        case FeedAction::release_held:
            release_held();
            break;
        case FeedAction::drop_socket:
            ++generation_;
            if (socket_) socket_->abort();
            socket_.reset();
            break;
    }
}

void BinanceLeaderFeed::fail(std::string what) { status_.last_error = std::move(what); }

Task<void> BinanceLeaderFeed::connect(std::uint64_t generation) {
    // A sink without room would make us drop the socket at the first fill.
    if (!sink_->has_room()) {
        fail("no room for fills: the record is behind");
        apply(FeedEvent::connect_failed);
        co_return;
    }
    auto address = co_await stream_address();
    if (generation != generation_) co_return;
    if (!address) {
        fail("listen key: " + address.error().detail);
        apply(FeedEvent::connect_failed);
        co_return;
    }
    auto connected = co_await net::connect_websocket(std::move(*address), config_.sockets,
                                                     config_.timing.connect_within);
    if (generation != generation_) {
        if (connected) (*connected)->abort();
        co_return;
    }
    if (!connected) {
        fail("connect: " + connected.error().detail);
        apply(FeedEvent::connect_failed);
        co_return;
    }
    socket_ = Socket(std::move(*connected));
    ++status_.connects;
    // In this order: where to connect is to log in, nothing is read before the machine knows it.
    apply(FeedEvent::connected);
    scope_->spawn("feed.read", read(socket_, generation));
}

/// Where the socket goes; with a listen key in it where that is the login. Binance gives the one
/// that the account has, if any, and lets it live for another hour.
Task<base::Result<std::string>> BinanceLeaderFeed::stream_address() {
    if (config_.market == model::Market::spot) co_return endpoint_.stream;
    model::VenueOperation const create = model::ListenKey{model::ListenKey::Action::create};
    auto const json = co_await reader_.ask(account_, create);
    if (!json) co_return std::unexpected(json.error());
    auto const key = decode_listen_key(*json);
    if (!key) co_return std::unexpected(key.error());
    co_return endpoint_.stream + "?listenKey=" + net::percent_encode(*key);
}

Task<void> BinanceLeaderFeed::renew(std::uint64_t generation) {
    model::VenueOperation const keep = model::ListenKey{model::ListenKey::Action::keep_alive};
    auto const kept = co_await reader_.ask(account_, keep);
    if (generation != generation_ || kept) co_return;
    fail("listen key: " + kept.error().detail);
    bool const is_lost = kept.error().reason == "unknown_listen_key";
    apply(is_lost ? FeedEvent::login_lost : FeedEvent::renew_failed);
}

Task<void> BinanceLeaderFeed::log_in(Socket socket, std::uint64_t generation) {
    if (config_.market == model::Market::futures) {
        if (generation == generation_) apply(FeedEvent::login_accepted);
        co_return;
    }
    auto const request_id = "login-" + std::to_string(++next_request_);
    login_id_ = request_id;
    model::StreamLogin login{.request_id = request_id};
    auto const request = co_await reader_.sign(account_, std::move(login), login_lifetime);
    if (generation != generation_) co_return;
    if (!request) {
        fail("login could not be signed: " + request.error().detail);
        apply(FeedEvent::login_refused);
        co_return;
    }
    if (!socket->send(request->body)) {
        fail("login could not be sent");
        apply(FeedEvent::login_refused);
    }
}

Task<void> BinanceLeaderFeed::read(Socket socket, std::uint64_t generation) {
    // Where the machine watches the data's age, this bound only ends a reader that it forgot. Else
    // it is the socket that pings and ends when nothing comes, not even a pong.
    auto const idle = config_.timing.stale_after * (config_.timing.answers_pings ? 4 : 1);
    while (generation == generation_) {
        auto message = co_await socket->receive(idle);
        auto const received_at = clock_.now();
        if (generation != generation_) co_return;
        if (!message) {
            fail("socket: " + message.error().detail);
            ++generation_;
            socket_.reset();
            apply(FeedEvent::socket_lost);
            co_return;
        }
        status_.last_data = received_at;
        apply(FeedEvent::data);
        take(decode_stream_message(*message), received_at);
    }
}

void BinanceLeaderFeed::take(StreamMessage message, base::Timestamp received_at) {
    if (auto* fill = std::get_if<StreamFill>(&message)) {
        stamp(fill->trade, false, received_at);
        take_fill(std::move(fill->trade));
    } else if (auto const* reply = std::get_if<StreamReply>(&message)) {
        if (reply->id != login_id_) return;
        if (!reply->ok) fail("login refused: " + reply->error);
        apply(reply->ok ? FeedEvent::login_accepted : FeedEvent::login_refused);
    } else if (auto const* ended = std::get_if<StreamEnded>(&message)) {
        fail("the venue ended the stream: " + ended->event);
        if (socket_) socket_->abort();  // `read` then tells that it is lost
    } else if (auto const* unreadable_message = std::get_if<StreamUnreadable>(&message)) {
        base::log::warn("feed.unreadable", {{"connection", account_.connection.to_string()},
                                            {"detail", unreadable_message->detail}});
        apply(FeedEvent::fetch_wanted);
    }
}

void BinanceLeaderFeed::take_fill(model::Trade trade) {
    if (!tracker_.is_new(trade)) return;
    if (!machine_.is_holding()) {
        hand_on(std::move(trade));
        return;
    }
    if (held_.size() >= most_held) {
        // The cursors stand before all of these: the next backfill brings them again.
        held_.clear();
        fail("more fills than can wait for the backfill");
        apply(FeedEvent::sink_full);
        return;
    }
    held_.push_back(std::move(trade));
}

void BinanceLeaderFeed::hand_on(model::Trade trade) {
    if (!tracker_.is_new(trade)) return;
    ports::FeedDelivery delivery;
    bool const new_symbol = !tracker_.knows_symbol(trade.symbol);
    // Remembered with the trade, so that REST looks at this symbol whatever happens next.
    if (new_symbol)
        delivery.cursors.push_back(cursor_of(trade.symbol, ports::FeedCursor::unconfirmed));
    auto const executed_at = trade.executed_at;
    delivery.trades.push_back(trade);
    if (!sink_->offer(std::move(delivery))) {
        fail("no room for fills: the record is behind");
        apply(FeedEvent::sink_full);
        return;
    }
    tracker_.mark(trade);
    status_.last_trade = std::max(status_.last_trade.value_or(executed_at), executed_at);
    if (!new_symbol) return;
    tracker_.add_symbol(trade.symbol);
    apply(FeedEvent::fetch_wanted);
}

void BinanceLeaderFeed::release_held() {
    auto held = std::exchange(held_, {});
    for (auto& trade : held) hand_on(std::move(trade));
}

void BinanceLeaderFeed::stamp(model::Trade& trade, bool via_backfill,
                              base::Timestamp received_at) const {
    trade.tenant = account_.tenant;
    trade.connection = account_.connection;
    trade.environment = account_.environment;
    trade.market = config_.market;
    trade.received_at = received_at;
    trade.via_backfill = via_backfill;
}

ports::FeedCursor BinanceLeaderFeed::cursor_of(std::string const& symbol, std::int64_t id) const {
    return {account_.tenant, account_.connection, config_.market, symbol, id};
}

}  // namespace obscura::venue
