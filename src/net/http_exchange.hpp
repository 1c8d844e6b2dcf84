#pragma once

#include "base/error.hpp"
#include "net/http.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>

/// One HTTP/1.1 exchange as bytes, for whoever has a connection of another kind.
namespace obscura::net {

/// A request's head and body on a connection to `origin`: Host, Content-Length and Connection are
/// added. Nullopt where something in it could end a line early.
[[nodiscard]] std::optional<std::string> request_text(Request const& request, Url const& origin);

/// Reads one response, interim ones aside, from bytes as they come. An error ends it.
class ResponseReader {
public:
    struct Limits {
        std::size_t header_bytes = 16 * 1024;
        std::size_t body_bytes = 4 << 20;
    };
    explicit ResponseReader(Limits limits);
    ~ResponseReader();
    ResponseReader(ResponseReader&&) noexcept;
    ResponseReader& operator=(ResponseReader&&) noexcept;

    /// True once the response is whole. bad_gateway "bad_response" for what is no HTTP or beyond
    /// a limit.
    [[nodiscard]] base::Result<bool> receive(std::string_view bytes);
    /// The stream has ended, as the peer itself has said: some bodies end so.
    [[nodiscard]] base::Result<bool> end();
    /// The whole response; `close` says that its connection cannot be used again. Call it once.
    [[nodiscard]] Response take();

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace obscura::net
