#include "base/log.hpp"
#include "store/detail/redis_link.hpp"
#include "store/redis.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <algorithm>

namespace obscura::store {
namespace asio = boost::asio;

struct RedisSubscriber::State : std::enable_shared_from_this<RedisSubscriber::State> {
    State(asio::any_io_executor on, RedisConfig settings)
        : executor(on),
          config(std::move(settings)),
          address(redis_address(config)),
          backoff(on),
          pulse(on) {}

    static net::Task<void> serve(std::shared_ptr<State> self);
    /// Subscribes and reads until the connection is lost; returns why.
    static net::Task<std::string> read_all(std::shared_ptr<State> self,
                                           std::shared_ptr<RedisLink> from);
    void take(RedisReply const& reply);
    void subscribe();
    void send(std::shared_ptr<RedisLink> const& to, std::string bytes);
    void keep_alive(std::shared_ptr<RedisLink> const& of);
    void close();

    asio::any_io_executor executor;
    RedisConfig config;
    RedisAddress address;
    std::vector<std::string> channels;
    std::vector<std::string> patterns;
    std::function<void(std::string_view, std::string_view)> on_message;
    std::function<void()> on_connected;
    asio::steady_timer backoff;
    asio::steady_timer pulse;
    std::shared_ptr<RedisLink> link;
    std::size_t unconfirmed = 0;  ///< subscriptions the server has not answered yet
    bool heard = false;           ///< anything since the last pulse
    bool writing = false;
    bool closed = false;
};

net::Task<void> RedisSubscriber::State::serve(std::shared_ptr<State> self) {
    for (int failures = 0; !self->closed;) {
        self->link = std::make_shared<RedisLink>(self->executor);
        auto const link = self->link;
        auto failure = co_await link->open(self->address, self->config.timeout);
        if (self->closed) break;
        if (failure.empty()) {
            self->subscribe();
            failure = co_await read_all(self, link);
            if (self->unconfirmed == 0) failures = 0;
        }
        link->close();
        self->pulse.cancel();
        if (self->closed) break;
        if (failures++ == 0) base::log::warn("redis.subscription_lost", {{"why", failure}});
        auto const pause = std::min(50 << std::min(failures - 1, 6), 2'000);
        self->backoff.expires_after(std::chrono::milliseconds(pause));
        co_await self->backoff.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

void RedisSubscriber::State::subscribe() {
    std::string bytes;
    auto const append = [&bytes](char const* verb, std::vector<std::string> const& names) {
        if (names.empty()) return;
        RedisCommand command{verb};
        command.insert(command.end(), names.begin(), names.end());
        append_command(bytes, command);
    };
    append("SUBSCRIBE", channels);
    append("PSUBSCRIBE", patterns);
    unconfirmed = channels.size() + patterns.size();
    send(link, std::move(bytes));
    heard = true;
    keep_alive(link);
}

void RedisSubscriber::State::send(std::shared_ptr<RedisLink> const& to, std::string bytes) {
    writing = true;
    to->write(std::move(bytes), [self = shared_from_this(), to](std::string const&) {
        if (to == self->link) self->writing = false;
    });
}

/// A silent channel and a dead connection look the same: PING tells them apart.
void RedisSubscriber::State::keep_alive(std::shared_ptr<RedisLink> const& of) {
    pulse.expires_after(config.timeout);
    pulse.async_wait([self = shared_from_this(), of](auto error) {
        if (error || self->closed || of != self->link) return;
        if (!std::exchange(self->heard, false) || self->writing) return of->close();
        std::string bytes;
        append_command(bytes, {"PING"});
        self->send(of, std::move(bytes));
        self->keep_alive(of);
    });
}

net::Task<std::string> RedisSubscriber::State::read_all(std::shared_ptr<State> self,
                                                        std::shared_ptr<RedisLink> from) {
    std::string failure;
    while (failure.empty() && !self->closed) {
        failure = co_await from->receive();
        self->heard = true;
        try {
            while (failure.empty() && !self->closed) {
                auto const reply = from->next();
                if (!reply) break;
                self->take(*reply);
            }
        } catch (std::exception const& e) {
            failure = e.what();
        }
    }
    co_return failure;
}

void RedisSubscriber::State::take(RedisReply const& reply) {
    if (reply.is_error()) throw std::runtime_error(reply.text);
    if (reply.items.empty()) return;
    auto const& kind = reply.items[0].text;
    // What the owner's functions throw is theirs: it must not cost the subscription.
    try {
        if (kind == "message" && reply.items.size() == 3) {
            on_message(reply.items[1].text, reply.items[2].text);
        } else if (kind == "pmessage" && reply.items.size() == 4) {
            on_message(reply.items[2].text, reply.items[3].text);
        } else if (kind == "subscribe" || kind == "psubscribe") {
            bool const is_last = unconfirmed == 1;
            if (unconfirmed > 0) --unconfirmed;
            if (is_last) on_connected();
        }
    } catch (std::exception const& e) {
        base::log::error("redis.subscriber_failed", {{"why", e.what()}});
    }
}

void RedisSubscriber::State::close() {
    closed = true;
    backoff.cancel();
    pulse.cancel();
    if (link) link->close();
}

RedisSubscriber::RedisSubscriber(asio::any_io_executor executor, RedisConfig config,
                                 std::vector<std::string> channels,
                                 std::vector<std::string> patterns,
                                 std::function<void(std::string_view, std::string_view)> on_message,
                                 std::function<void()> on_connected)
    : state_(std::make_shared<State>(executor, std::move(config))) {
    if (channels.empty() && patterns.empty()) throw std::logic_error("nothing to subscribe to");
    state_->channels = std::move(channels);
    state_->patterns = std::move(patterns);
    state_->on_message = std::move(on_message);
    state_->on_connected = std::move(on_connected);
    asio::co_spawn(executor, State::serve(state_), asio::detached);
}

RedisSubscriber::~RedisSubscriber() { close(); }

void RedisSubscriber::close() { state_->close(); }

}  // namespace obscura::store
