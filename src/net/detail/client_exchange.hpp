#pragma once

#include "base/secret.hpp"
#include "net/detail/connection_pool.hpp"

/// One request and its answer on a connection: what a client's pool and a session share.
namespace obscura::net::detail {

/// Overwrites a text on every way out.
class Wiped {
public:
    explicit Wiped(std::string& text) : text_(text) {}
    ~Wiped() { base::cleanse(text_); }
    Wiped(Wiped const&) = delete;
    Wiped& operator=(Wiped const&) = delete;

private:
    std::string& text_;
};

struct Written {
    ErrorCode error;
    bool nothing_left = false;  ///< certain that no byte went to the kernel
};

[[nodiscard]] Task<Written> write_request(PooledConnection& connection, Request const& request,
                                          Url const& url);

/// Reads the final response; its connection can be used again when `reusable`.
[[nodiscard]] Task<std::expected<Response, std::string>> read_response(PooledConnection& connection,
                                                                       bool is_head,
                                                                       std::size_t limit,
                                                                       bool& reusable);

}  // namespace obscura::net::detail
