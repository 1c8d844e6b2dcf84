#include "paper/stream/private_streams.hpp"

#include <utility>

namespace obscura::paper {
namespace {

constexpr std::string_view stream_method = "WS";
/// Events that may wait for their successor; more are let through.
constexpr std::size_t max_held = 1000;

}  // namespace

void PrivateStreams::subscribe(AccountId account, std::shared_ptr<Connection> connection,
                               std::int64_t id) {
    by_account_[account].push_back({std::move(connection), id});
}

void PrivateStreams::unsubscribe(AccountId account, Connection const& connection, std::int64_t id) {
    auto const found = by_account_.find(account);
    if (found == by_account_.end()) return;
    std::erase_if(found->second, [&](Subscription const& s) {
        return s.connection.get() == &connection && s.id == id;
    });
    if (found->second.empty()) by_account_.erase(found);
}

void PrivateStreams::publish(AccountId account, std::string_view symbol,
                             std::function<std::string()> const& render) {
    if (by_account_.contains(account)) route(account, symbol, render());
}

void PrivateStreams::route(AccountId account, std::string_view symbol, std::string json) {
    auto const account_text = std::to_string(account.value);
    auto const met = faults_.meet_event(
        {.path = wire_.path, .method = stream_method, .account = account_text, .symbol = symbol});
    int const copies = met.duplicate ? 2 : 1;
    if (met.late) {
        scope_.spawn("paper.late_event",
                     deliver_late(*this, account, std::move(json), copies, *met.late));
        return;
    }
    if (met.reorder && held_[account].size() < max_held) {
        held_[account].insert(held_[account].end(), static_cast<std::size_t>(copies), json);
        scope_.spawn("paper.held_event", release_late(*this, account, *met.reorder));
        return;
    }
    for (int i = 0; i < copies; ++i) deliver(account, json);
    release_held(account);
}

void PrivateStreams::deliver(AccountId account, std::string const& json) {
    auto const found = by_account_.find(account);
    if (found == by_account_.end()) return;
    for (auto const& [connection, id] : found->second) {
        if (!wire_.wrapped) {
            connection->send(json);
            continue;
        }
        connection->send("{\"subscriptionId\":" + std::to_string(id) + ",\"event\":" + json + "}");
    }
}

void PrivateStreams::release_held(AccountId account) {
    auto const found = held_.find(account);
    if (found == held_.end()) return;
    auto const events = std::exchange(found->second, {});
    for (auto const& event : events) deliver(account, event);
}

net::Task<void> PrivateStreams::deliver_late(PrivateStreams& self, AccountId account,
                                             std::string json, int copies,
                                             std::chrono::milliseconds delay) {
    co_await net::sleep_for(delay);
    if (self.scope_.stopping()) co_return;
    for (int i = 0; i < copies; ++i) self.deliver(account, json);
}

net::Task<void> PrivateStreams::release_late(PrivateStreams& self, AccountId account,
                                             std::chrono::milliseconds delay) {
    co_await net::sleep_for(delay);
    if (!self.scope_.stopping()) self.release_held(account);
}

void PrivateStreams::mute_matching(AccountId account, Connection& connection) {
    if (connection.is_muted()) return;
    auto const text = std::to_string(account.value);
    if (faults_.mutes(
            {.path = wire_.path, .method = stream_method, .account = text, .symbol = ""})) {
        connection.mute();
    }
}

void PrivateStreams::mute_matching() {
    for (auto const& [account, subscriptions] : by_account_) {
        for (auto const& subscription : subscriptions)
            mute_matching(account, *subscription.connection);
    }
}

}  // namespace obscura::paper
