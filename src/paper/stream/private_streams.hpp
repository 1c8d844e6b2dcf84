#pragma once

#include "net/runtime.hpp"
#include "paper/engine/events.hpp"
#include "paper/engine/instruments.hpp"
#include "paper/faults.hpp"
#include "paper/stream/connection.hpp"

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace obscura::paper {

/// Who listens to which account's events, and how faulty their delivery is. Event-loop thread only.
class PrivateStreams {
public:
    static constexpr std::size_t max_subscriptions = 1000;  ///< per connection

    PrivateStreams(Catalogue const& catalogue, Faults& faults, net::Scope& scope)
        : catalogue_(catalogue), faults_(faults), scope_(scope) {}

    /// `id` is the connection's own count, shown with every event.
    void subscribe(AccountId account, std::shared_ptr<Connection> connection, std::int64_t id);
    void unsubscribe(AccountId account, Connection const& connection, std::int64_t id);

    void publish(ExecutionReport const& event);
    void publish(AccountPosition const& event);
    void publish(BalanceChanged const& event);

    /// Mutes what the mute faults in force match: after new faults (accounts ascending, oldest
    /// socket first), and when a socket has subscribed (its reply is out by then).
    void mute_matching();
    void mute_matching(AccountId account, Connection& connection);

private:
    struct Subscription {
        std::shared_ptr<Connection> connection;
        std::int64_t id = 0;
    };
    [[nodiscard]] bool is_heard(AccountId account) const;
    void route(AccountId account, std::string_view symbol, std::string json);
    void deliver(AccountId account, std::string const& json);
    void release_held(AccountId account);
    [[nodiscard]] static net::Task<void> deliver_late(PrivateStreams& self, AccountId account,
                                                      std::string json, int copies,
                                                      std::chrono::milliseconds delay);
    [[nodiscard]] static net::Task<void> release_late(PrivateStreams& self, AccountId account,
                                                      std::chrono::milliseconds delay);

    Catalogue const& catalogue_;
    Faults& faults_;
    net::Scope& scope_;
    std::map<AccountId, std::vector<Subscription>> by_account_;
    std::unordered_map<AccountId, std::vector<std::string>>
        held_;  ///< to be sent after the next one
};

}  // namespace obscura::paper
