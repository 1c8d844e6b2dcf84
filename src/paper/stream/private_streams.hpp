#pragma once

#include "net/runtime.hpp"
#include "paper/engine/types.hpp"
#include "paper/faults.hpp"
#include "paper/stream/connection.hpp"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace obscura::paper {

/// Who listens to which account's events on one market, and how faulty their delivery is.
/// Event-loop thread only.
class PrivateStreams {
public:
    static constexpr std::size_t max_subscriptions = 1000;  ///< per connection

    /// What faults know the market's events by, and how an event travels.
    struct Wire {
        std::string_view path;
        bool wrapped = true;  ///< in {"subscriptionId": ..., "event": ...}
    };
    static constexpr Wire spot{.path = "/ws-api/v3", .wrapped = true};
    static constexpr Wire futures{.path = "/private/ws", .wrapped = false};

    PrivateStreams(Wire wire, Faults& faults, net::Scope& scope)
        : wire_(wire), faults_(faults), scope_(scope) {}

    /// `id` is the connection's own count, shown with every event.
    void subscribe(AccountId account, std::shared_ptr<Connection> connection, std::int64_t id);
    void unsubscribe(AccountId account, Connection const& connection, std::int64_t id);

    /// All subscriptions of an account end; their sockets stay.
    void unsubscribe_all(AccountId account) { by_account_.erase(account); }

    /// Renders the event when somebody hears it. `symbol` is "" where there is none.
    void publish(AccountId account, std::string_view symbol,
                 std::function<std::string()> const& render);
    /// Past all faults: the last word of a stream.
    void deliver(AccountId account, std::string const& json);

    /// Mutes what the mute faults in force match: after new faults (accounts ascending, oldest
    /// socket first), and when a socket has subscribed (its reply is out by then).
    void mute_matching();
    void mute_matching(AccountId account, Connection& connection);

private:
    struct Subscription {
        std::shared_ptr<Connection> connection;
        std::int64_t id = 0;
    };
    void route(AccountId account, std::string_view symbol, std::string json);
    void release_held(AccountId account);
    [[nodiscard]] static net::Task<void> deliver_late(PrivateStreams& self, AccountId account,
                                                      std::string json, int copies,
                                                      std::chrono::milliseconds delay);
    [[nodiscard]] static net::Task<void> release_late(PrivateStreams& self, AccountId account,
                                                      std::chrono::milliseconds delay);

    Wire wire_;
    Faults& faults_;
    net::Scope& scope_;
    std::map<AccountId, std::vector<Subscription>> by_account_;
    std::unordered_map<AccountId, std::vector<std::string>>
        held_;  ///< to be sent after the next one
};

}  // namespace obscura::paper
