#include "base/log.hpp"
#include "store/detail/redis_link.hpp"
#include "store/redis.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/system_error.hpp>

#include <openssl/evp.h>

#include <algorithm>
#include <deque>

namespace obscura::store {
namespace asio = boost::asio;
namespace {

constexpr std::size_t max_outgoing = 64U << 20;
constexpr std::size_t max_scripts = 256;

base::Error unavailable(std::string why) {
    return base::Error{.code = base::Errc::unavailable,
                       .reason = "redis_unavailable",
                       .detail = "A part of the service is not reachable; try again.",
                       .internal = "Redis: " + std::move(why)};
}

/// Redis names scripts by SHA-1; it is no protection of anything.
std::string sha1_hex(std::string_view text) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned size = 0;
    if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr) != 1) {
        throw std::runtime_error("SHA-1 is not available");
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string out;
    for (unsigned i = 0; i < size; ++i) {
        out += digits[digest[i] >> 4];
        out += digits[digest[i] & 15];
    }
    return out;
}

/// Commands of one caller: their replies come together.
struct Batch {
    std::size_t missing;
    std::chrono::steady_clock::time_point deadline;
    asio::steady_timer wake;
    std::vector<RedisReply> replies;
    std::string failure;
    bool done = false;

    void finish(std::string why) {
        failure = std::move(why);
        done = true;
        wake.cancel();
    }
};

enum class Phase {
    connecting,  ///< for the first time since it was last good: commands wait for it
    connected,
    down,  ///< an attempt failed: commands fail at once
    closed,
};

}  // namespace

struct Redis::State : std::enable_shared_from_this<Redis::State> {
    using BatchPtr = std::shared_ptr<Batch>;
    using Replies = base::Result<std::vector<RedisReply>>;

    State(asio::any_io_executor on, RedisConfig settings)
        : executor(on),
          config(std::move(settings)),
          address(redis_address(config)),
          backoff(on),
          watch(on) {}

    [[nodiscard]] BatchPtr submit(std::vector<RedisCommand> const& commands);
    void write_soon();
    void write_now(std::shared_ptr<RedisLink> const& to);
    void deliver(RedisReply reply);
    void fail_all(std::string const& why);
    void drop_link(std::string const& why);
    void watch_oldest();
    void close();

    static net::Task<void> serve(std::shared_ptr<State> self);
    static net::Task<void> read_all(std::shared_ptr<State> self, std::shared_ptr<RedisLink> from);
    static net::Task<Replies> run(std::shared_ptr<State> self, std::vector<RedisCommand> commands);
    static net::Task<base::Result<RedisReply>> run_one(std::shared_ptr<State> self,
                                                       RedisCommand command);
    static net::Task<base::Result<RedisReply>> run_script(std::shared_ptr<State> self,
                                                          std::string source, RedisCommand tail);
    static net::Task<std::string> run_ping(std::shared_ptr<State> self,
                                           std::chrono::milliseconds timeout);
    std::string const& sha_of(std::string const& source);

    asio::any_io_executor executor;
    RedisConfig config;
    RedisAddress address;
    asio::steady_timer backoff;
    asio::steady_timer watch;
    Phase phase = Phase::connecting;
    std::shared_ptr<RedisLink> link;     ///< while connected
    std::shared_ptr<RedisLink> opening;  ///< while connecting
    std::deque<BatchPtr> pending;        ///< in the order of their commands
    std::size_t under_way = 0;           ///< commands
    std::string outgoing;
    bool writing = false;
    bool watching = false;
    std::unordered_map<std::string, std::string> scripts;  ///< source -> SHA-1
};

Redis::State::BatchPtr Redis::State::submit(std::vector<RedisCommand> const& commands) {
    if (phase == Phase::down || phase == Phase::closed) return nullptr;
    if (under_way + commands.size() > config.max_pending || outgoing.size() > max_outgoing) {
        return nullptr;
    }
    for (auto const& command : commands) append_command(outgoing, command);
    auto const now = std::chrono::steady_clock::now();
    auto batch = std::make_shared<Batch>(
        Batch{commands.size(), now + config.timeout, asio::steady_timer(executor), {}, "", false});
    batch->replies.reserve(commands.size());
    pending.push_back(batch);
    under_way += commands.size();
    write_soon();
    watch_oldest();
    return batch;
}

void Redis::State::write_soon() {
    if (writing || !link || outgoing.empty()) return;
    writing = true;
    // After what else runs in this turn of the loop: its commands go out with the same write.
    asio::post(executor, [self = shared_from_this(), to = link] { self->write_now(to); });
}

void Redis::State::write_now(std::shared_ptr<RedisLink> const& to) {
    if (to != link) return;
    to->write(std::exchange(outgoing, {}), [self = shared_from_this(), to](std::string failure) {
        if (to != self->link) return;
        self->writing = false;
        if (failure.empty())
            self->write_soon();
        else
            self->drop_link(failure);
    });
}

void Redis::State::deliver(RedisReply reply) {
    if (pending.empty()) return drop_link("a reply to nothing");
    auto const batch = pending.front();
    batch->replies.push_back(std::move(reply));
    --under_way;
    if (--batch->missing > 0) return;
    pending.pop_front();
    batch->finish("");
}

void Redis::State::fail_all(std::string const& why) {
    for (auto const& batch : std::exchange(pending, {})) batch->finish(why);
    under_way = 0;
    outgoing.clear();
}

void Redis::State::drop_link(std::string const& why) {
    if (link) {
        link->close();
        link.reset();
        writing = false;
        if (phase == Phase::connected) phase = Phase::connecting;
    }
    fail_all(why);
}

/// All commands have the same time, so the oldest is the first to be late. Only a new connection
/// tells later replies from those of the lost ones.
void Redis::State::watch_oldest() {
    if (watching || pending.empty()) return;
    watching = true;
    watch.expires_at(pending.front()->deadline);
    watch.async_wait([self = shared_from_this()](auto error) {
        self->watching = false;
        if (error || self->pending.empty()) return;
        if (self->pending.front()->deadline <= std::chrono::steady_clock::now()) {
            self->drop_link("no answer in time");
        }
        self->watch_oldest();
    });
}

void Redis::State::close() {
    if (phase == Phase::closed) return;
    phase = Phase::closed;
    drop_link("closed");
    if (opening) opening->close();
    backoff.cancel();
    watch.cancel();
}

net::Task<void> Redis::State::serve(std::shared_ptr<State> self) {
    for (int failures = 0; self->phase != Phase::closed;) {
        if (failures == 0) self->phase = Phase::connecting;
        auto const link = std::make_shared<RedisLink>(self->executor);
        self->opening = link;
        auto const failure = co_await link->open(self->address, self->config.timeout);
        self->opening.reset();
        if (self->phase == Phase::closed) break;
        if (failure.empty()) {
            if (failures > 0) base::log::info("redis.connected_again");
            failures = 0;
            self->phase = Phase::connected;
            self->link = link;
            self->write_soon();
            co_await read_all(self, link);
            continue;
        }
        if (failures++ == 0) base::log::warn("redis.unreachable", {{"why", failure}});
        self->phase = Phase::down;
        self->fail_all(failure);
        auto const pause = std::min(50 << std::min(failures - 1, 6), 2'000);
        self->backoff.expires_after(std::chrono::milliseconds(pause));
        co_await self->backoff.async_wait(asio::as_tuple(asio::use_awaitable));
    }
}

net::Task<void> Redis::State::read_all(std::shared_ptr<State> self,
                                       std::shared_ptr<RedisLink> from) {
    std::string failure;
    while (failure.empty() && self->link == from) {
        failure = co_await from->receive();
        try {
            while (self->link == from && failure.empty()) {
                auto reply = from->next();
                if (!reply) break;
                self->deliver(std::move(*reply));
            }
        } catch (std::exception const& e) {
            failure = e.what();
        }
    }
    if (self->link == from) self->drop_link(failure);
}

net::Task<Redis::State::Replies> Redis::State::run(std::shared_ptr<State> self,
                                                   std::vector<RedisCommand> commands) {
    if (commands.empty()) co_return std::vector<RedisReply>{};
    auto const batch = self->submit(commands);
    if (!batch) co_return std::unexpected(unavailable("not connected, or too much under way"));
    batch->wake.expires_at(asio::steady_timer::time_point::max());
    if (!batch->done) co_await batch->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    if (!batch->done) throw boost::system::system_error(asio::error::operation_aborted);
    if (!batch->failure.empty()) co_return std::unexpected(unavailable(batch->failure));
    co_return std::move(batch->replies);
}

net::Task<base::Result<RedisReply>> Redis::State::run_one(std::shared_ptr<State> self,
                                                          RedisCommand command) {
    std::vector<RedisCommand> commands;
    commands.push_back(std::move(command));
    auto replies = co_await run(std::move(self), std::move(commands));
    if (!replies) co_return std::unexpected(std::move(replies.error()));
    co_return std::move(replies->front());
}

std::string const& Redis::State::sha_of(std::string const& source) {
    auto const known = scripts.find(source);
    if (known != scripts.end()) return known->second;
    if (scripts.size() >= max_scripts) scripts.clear();
    return scripts.emplace(source, sha1_hex(source)).first->second;
}

net::Task<base::Result<RedisReply>> Redis::State::run_script(std::shared_ptr<State> self,
                                                             std::string source,
                                                             RedisCommand tail) {
    RedisCommand by_name{"EVALSHA", self->sha_of(source)};
    by_name.insert(by_name.end(), tail.begin(), tail.end());
    auto reply = co_await run_one(self, std::move(by_name));
    if (!reply || !reply->is_error() || !reply->text.starts_with("NOSCRIPT")) co_return reply;
    RedisCommand whole{"EVAL", std::move(source)};
    whole.insert(whole.end(), tail.begin(), tail.end());
    co_return co_await run_one(self, std::move(whole));
}

net::Task<std::string> Redis::State::run_ping(std::shared_ptr<State> self,
                                              std::chrono::milliseconds timeout) {
    auto const batch = self->submit({{"PING"}});
    if (!batch) co_return "Redis: not connected";
    batch->wake.expires_after(timeout);
    if (!batch->done) co_await batch->wake.async_wait(asio::as_tuple(asio::use_awaitable));
    auto const cancelled = (co_await asio::this_coro::cancellation_state).cancelled();
    if (!batch->done && cancelled != asio::cancellation_type::none) {
        throw boost::system::system_error(asio::error::operation_aborted);
    }
    if (!batch->done)
        co_return "Redis: no answer within " + std::to_string(timeout.count()) + " ms";
    if (!batch->failure.empty()) co_return "Redis: " + batch->failure;
    co_return batch->replies.front().is_error() ? "Redis: " + batch->replies.front().text : "";
}

Redis::Redis(asio::any_io_executor executor, RedisConfig config)
    : state_(std::make_shared<State>(executor, std::move(config))) {
    asio::co_spawn(executor, State::serve(state_), asio::detached);
}

Redis::~Redis() { close(); }

net::Task<base::Result<RedisReply>> Redis::command(RedisCommand command) {
    return State::run_one(state_, std::move(command));
}

net::Task<base::Result<std::vector<RedisReply>>> Redis::pipeline(
    std::vector<RedisCommand> commands) {
    return State::run(state_, std::move(commands));
}

void Redis::send(RedisCommand command) {
    if (state_->phase == Phase::connected) static_cast<void>(state_->submit({std::move(command)}));
}

net::Task<base::Result<RedisReply>> Redis::script(std::string const& source,
                                                  std::vector<std::string> keys,
                                                  std::vector<std::string> args) {
    RedisCommand tail{std::to_string(keys.size())};
    std::ranges::move(keys, std::back_inserter(tail));
    std::ranges::move(args, std::back_inserter(tail));
    return State::run_script(state_, source, std::move(tail));
}

net::Task<std::string> Redis::ping(std::chrono::milliseconds timeout) {
    return State::run_ping(state_, timeout);
}

void Redis::close() { state_->close(); }

}  // namespace obscura::store
