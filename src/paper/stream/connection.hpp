#pragma once

#include "net/websocket.hpp"

#include <cstdint>
#include <memory>
#include <set>
#include <string>

namespace obscura::paper {

/// A WebSocket that others may hold beyond its life: they then talk to nobody. Event-loop thread.
class Connection {
public:
    explicit Connection(net::WebSocket& socket) : socket_(&socket) {}

    /// Queued and bounded by the socket, which closes when its reader is too slow.
    void send(std::string text) {
        if (socket_ != nullptr && !muted_) (void)socket_->send(std::move(text));
    }
    void ping() {
        if (socket_ != nullptr && !muted_) socket_->ping();
    }
    void abort() {
        if (socket_ != nullptr) socket_->abort();
    }
    /// From here on it stays open and says nothing.
    void mute() { muted_ = true; }
    [[nodiscard]] bool is_muted() const { return muted_; }
    void detach() { socket_ = nullptr; }

private:
    net::WebSocket* socket_;
    bool muted_ = false;
};

/// Everybody who is connected, for the pings.
class Connections {
public:
    void add(std::shared_ptr<Connection> connection) { all_.insert(std::move(connection)); }
    void remove(std::shared_ptr<Connection> const& connection) {
        connection->detach();
        all_.erase(connection);
    }
    void ping() const {
        for (auto const& connection : all_) connection->ping();
    }
    [[nodiscard]] std::size_t size() const { return all_.size(); }

private:
    std::set<std::shared_ptr<Connection>> all_;
};

}  // namespace obscura::paper
