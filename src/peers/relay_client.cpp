#include "peers/relay_client.hpp"

#include "net/circuit_breaker.hpp"
#include "net/runtime.hpp"
#include "net/tcp.hpp"
#include "net/websocket.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <vector>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using net::Task;
using Kind = RelayFailure::Kind;

constexpr auto idle = 75s;
constexpr std::size_t max_frame = 16 << 20;
constexpr std::size_t read_at_once = 16 << 10;
/// What may wait for citadel before nothing more is read of the venue, and for how long.
constexpr std::size_t max_unsent = 256 << 10;
constexpr auto patience = 10s;
constexpr net::BreakerConfig breaker_config{.failures = 5,
                                            .first_pause = std::chrono::milliseconds(250),
                                            .longest_pause = std::chrono::seconds(5)};

std::unexpected<RelayFailure> failure(Kind kind, base::Errc code, std::string reason,
                                      std::string detail) {
    return std::unexpected(RelayFailure{
        kind, {.code = code, .reason = std::move(reason), .detail = std::move(detail)}});
}

struct Pending {
    Pending(ports::SignItem i, boost::asio::any_io_executor const& executor)
        : item(std::move(i)), done(executor) {}

    ports::SignItem item;
    net::Event done;
    std::optional<RelayAnswer> answer;
    int attempts = 0;

    void end(RelayAnswer what) {
        answer = std::move(what);
        done.notify();
    }
};

/// The two sockets that belong together. Held by both of its pumps.
struct Carriage {
    std::unique_ptr<net::TcpConnection> venue;
    std::unique_ptr<net::WebSocket> citadel;
    bool is_over = false;  ///< citadel has said so: it takes no more items here
};

/// One connection, and the items that go over it.
struct Lane {
    std::deque<std::shared_ptr<Pending>> waiting;                 ///< citadel has nothing of them
    std::map<std::string, std::shared_ptr<Pending>> submitted{};  ///< by id
    std::shared_ptr<Carriage> carriage{};
    bool is_running = false;

    [[nodiscard]] std::size_t load() const { return waiting.size() + submitted.size(); }
    /// Hands over what waits, as long as there is somebody to take it.
    void submit() {
        while (carriage && !carriage->is_over && !waiting.empty()) {
            auto const next = waiting.front();
            if (!carriage->citadel->send(relay_wire::item_frame(next->item))) return;
            waiting.pop_front();
            ++next->attempts;
            submitted.emplace(next->item.id, next);
        }
    }
    void hear(relay_wire::Heard heard) {
        if (heard.id.empty()) {
            // The last that citadel says: what it has not named by now it never took.
            carriage->is_over = true;
            for (auto const& [id, one] : std::exchange(submitted, {})) settle(one, heard.answer);
            return;
        }
        auto const found = submitted.find(heard.id);
        if (found == submitted.end()) return;  // nobody waits for it any more
        auto const one = found->second;
        submitted.erase(found);
        settle(one, std::move(heard.answer));
    }
    /// An item that met a connection which the venue had closed gets another, once.
    void settle(std::shared_ptr<Pending> const& one, RelayAnswer answer) {
        bool const is_stale = !answer && answer.error().kind == Kind::not_sent &&
                              answer.error().error.reason == "venue_closed";
        if (is_stale && one->attempts == 1)
            waiting.push_back(one);
        else
            one->end(std::move(answer));
    }
    void fail_waiting(base::Error const& error) {
        for (auto const& one : std::exchange(waiting, {}))
            one->end(std::unexpected(RelayFailure{Kind::not_sent, error}));
    }
    void fail_submitted() {
        for (auto const& [id, one] : std::exchange(submitted, {}))
            one->end(failure(Kind::unknown_outcome, base::Errc::unavailable, "relay_broken",
                             "The connection to the signing service or to the venue broke."));
    }
    /// Nobody waits for it any more. Whether citadel has had it.
    [[nodiscard]] bool forget(std::shared_ptr<Pending> const& one) {
        if (std::erase(waiting, one) > 0) return false;
        submitted.erase(one->item.id);
        return true;
    }
};

}  // namespace

struct RelayClient::State : std::enable_shared_from_this<State> {
    State(boost::asio::any_io_executor e, RelayClientConfig c, base::Secret const& k,
          base::Clock const& time, CitadelGate* g)
        : executor(std::move(e)),
          config(std::move(c)),
          key(k.clone()),
          clock(time),
          gate(g),
          lanes(config.connections),
          scope(executor) {
        auto const citadel = net::parse_url(config.citadel_url);
        auto const venue = net::parse_url(config.venue_origin);
        if (!citadel || !citadel->scheme.starts_with("http"))
            throw std::invalid_argument("not the URL of citadel: " + config.citadel_url);
        if (!venue || venue->scheme != "https" || venue->target != "/")
            throw std::invalid_argument("not a venue's origin: " + config.venue_origin);
        if (lanes.empty()) throw std::invalid_argument("a relay needs a connection");
        auto const origin = "ws" + citadel->origin().substr(4);
        socket_url = origin + "/relay?venue=" + net::percent_encode(config.venue) +
                     "&environment=" + std::string(to_string(config.environment)) +
                     "&market=" + std::string(to_string(config.market));
        network = {.allowed_origins = {origin, venue->origin()},
                   .max_response_bytes = max_frame,
                   .tls = config.citadel_tls};
    }

    boost::asio::any_io_executor executor;
    RelayClientConfig config;
    base::Secret key;
    base::Clock const& clock;
    CitadelGate* gate;
    std::string socket_url;
    net::ClientConfig network;
    net::CircuitBreaker breaker{breaker_config};  ///< of opening connections
    std::vector<Lane> lanes;
    net::Scope scope;
    std::uint64_t last_id = 0;

    using Self = std::shared_ptr<State>;

    [[nodiscard]] Lane& least_loaded() {
        return *std::ranges::min_element(lanes, {}, [](Lane const& lane) { return lane.load(); });
    }
    void start(Lane& lane) {
        lane.submit();
        if (lane.waiting.empty() || std::exchange(lane.is_running, true)) return;
        scope.spawn("relay.lane", run(shared_from_this(), lane));
    }

    /// One connection after another, for as long as somebody waits.
    static Task<void> run(Self self, Lane& lane) {
        struct Mark {
            Lane& lane;
            ~Mark() {
                lane.is_running = false;
                lane.carriage.reset();
            }
        } const mark{lane};
        while (!lane.waiting.empty() && !self->scope.stopping()) {
            if (!self->breaker.allow(self->clock.steady())) {
                lane.fail_waiting({.code = base::Errc::unavailable,
                                   .reason = "relay_unreachable",
                                   .detail = "Left alone: it could not be reached."});
                continue;
            }
            auto const opened = co_await open(self);
            if (!opened) {
                self->breaker.failed(self->clock.steady());
                lane.fail_waiting(opened.error());
                continue;
            }
            self->breaker.succeeded();
            lane.carriage = *opened;
            lane.submit();
            self->scope.spawn("relay.venue", from_venue(lane.carriage));
            co_await from_citadel(lane, lane.carriage);
            lane.carriage->venue->close();
            lane.carriage->citadel->abort();
            lane.carriage.reset();
            lane.fail_submitted();
        }
    }

    static Task<base::Result<std::shared_ptr<Carriage>>> open(Self self) {
        auto const limit = self->config.connect_timeout;
        net::PeerKey citadels_key;
        if (self->gate != nullptr) {
            auto const entered = co_await self->gate->enter();
            if (!entered) co_return std::unexpected(entered.error());
            citadels_key = *entered;
        }
        auto venue = co_await net::connect_tcp(self->config.venue_origin, self->network, limit);
        if (!venue) co_return std::unexpected(venue.error());
        net::Headers headers{{"X-Internal-API-Key", std::string(self->key.reveal())}};
        auto citadel = co_await net::connect_websocket(self->socket_url, self->network, limit,
                                                       std::move(headers), citadels_key);
        if (!citadel) {
            // Whoever is there next has to show evidence of his own.
            if (self->gate != nullptr) self->gate->forget();
            co_return std::unexpected(citadel.error());
        }
        co_return std::make_shared<Carriage>(std::move(*venue), std::move(*citadel));
    }

    static Task<void> from_venue(std::shared_ptr<Carriage> carriage) {
        while (true) {
            auto bytes = co_await carriage->venue->read(read_at_once);
            if (!bytes) break;
            if (!carriage->citadel->send_binary(std::move(*bytes))) co_return;
            // citadel is slow: the venue's bytes wait at the venue.
            if (!co_await carriage->citadel->drain(max_unsent, patience)) break;
        }
        carriage->citadel->send(std::string(relay_wire::venue_closed));
    }

    /// Ends when citadel hangs up, which it does once the venue has.
    static Task<void> from_citadel(Lane& lane, std::shared_ptr<Carriage> carriage) {
        while (true) {
            auto message = co_await carriage->citadel->receive_message(idle);
            if (!message) co_return;
            if (message->is_binary) {
                auto const written = co_await carriage->venue->write(std::move(message->data));
                if (!written) carriage->citadel->send(std::string(relay_wire::venue_closed));
                continue;
            }
            auto heard = relay_wire::read_frame(message->data);
            if (!heard) co_return;
            lane.hear(std::move(*heard));
        }
    }

    /// Whoever has come to fail the policy gets nothing more over what is open either.
    static Task<base::Result<void>> enter(Self self) {
        if (self->gate == nullptr) co_return base::Result<void>{};
        auto const entered = co_await self->gate->enter();
        if (entered) co_return base::Result<void>{};
        for (auto const& lane : self->lanes)
            if (lane.carriage) lane.carriage->citadel->abort();
        co_return std::unexpected(entered.error());
    }

    static Task<RelayAnswer> send(Self self, ports::SignItem item) {
        if (auto const entered = co_await enter(self); !entered)
            co_return std::unexpected(RelayFailure{Kind::not_sent, entered.error()});
        auto& lane = self->least_loaded();
        if (self->scope.stopping() || lane.load() >= self->config.max_waiting)
            co_return failure(Kind::not_sent, base::Errc::unavailable, "relay_busy",
                              "Too many requests wait for the venue already.");
        item.id = std::to_string(++self->last_id);
        auto const begun = item.venue_now.value_or(self->clock.now());
        auto const budget = std::chrono::ceil<std::chrono::milliseconds>(item.not_after - begun) +
                            self->config.answer_grace;
        auto const one = std::make_shared<Pending>(std::move(item), self->executor);
        lane.waiting.push_back(one);
        self->start(lane);
        if (!one->answer) co_await one->done.wait(std::max(budget, 1ms));
        if (one->answer) co_return std::move(*one->answer);
        bool const was_submitted = lane.forget(one);
        co_return failure(was_submitted ? Kind::unknown_outcome : Kind::not_sent,
                          base::Errc::upstream_timeout, "relay_timeout",
                          "The venue's answer did not come in time.");
    }

    static Task<void> stop(Self self) {
        co_await self->scope.stop();
        for (auto& lane : self->lanes) {
            lane.fail_submitted();
            lane.fail_waiting({.code = base::Errc::unavailable,
                               .reason = "stopping",
                               .detail = "This service is stopping."});
        }
    }
};

RelayClient::RelayClient(boost::asio::any_io_executor executor, RelayClientConfig config,
                         base::Secret const& key, base::Clock const& clock, CitadelGate* gate)
    : state_(std::make_shared<State>(std::move(executor), std::move(config), key, clock, gate)) {}

RelayClient::~RelayClient() = default;

base::Task<RelayAnswer> RelayClient::send(ports::SignItem item) {
    return State::send(state_, std::move(item));
}
base::Task<void> RelayClient::stop() { return State::stop(state_); }

}  // namespace obscura::peers
