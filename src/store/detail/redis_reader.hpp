#pragma once

#include "store/redis.hpp"

#include <memory>
#include <optional>
#include <string_view>

namespace obscura::store {

/// RESP2 from bytes, by hiredis's reader. What it buffers and builds is bounded, since even a
/// trusted server can be the wrong one.
class RedisReader {
public:
    RedisReader();
    ~RedisReader();
    RedisReader(RedisReader const&) = delete;
    RedisReader& operator=(RedisReader const&) = delete;

    /// std::runtime_error when more than 64 MiB wait to be read.
    void feed(std::string_view bytes);
    /// The next whole reply, if it is there; std::runtime_error when the bytes are not RESP.
    [[nodiscard]] std::optional<RedisReply> next();

private:
    struct State;
    std::unique_ptr<State> state_;
};

/// Appends a command as RESP wants it; std::logic_error for an empty one, which has no reply.
void append_command(std::string& out, RedisCommand const& command);

}  // namespace obscura::store
