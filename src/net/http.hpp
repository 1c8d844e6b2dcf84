#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/tls.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obscura::net {

/// Header fields in arrival order; names compare without case.
class Headers {
public:
    Headers() = default;
    Headers(std::initializer_list<std::pair<std::string, std::string>> fields) : fields_(fields) {}

    /// The first value, or nullopt.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    void add(std::string name, std::string value) {
        fields_.emplace_back(std::move(name), std::move(value));
    }
    /// Replaces every field of that name.
    void set(std::string_view name, std::string value);
    [[nodiscard]] auto begin() const { return fields_.begin(); }
    [[nodiscard]] auto end() const { return fields_.end(); }
    [[nodiscard]] std::size_t size() const { return fields_.size(); }

private:
    std::vector<std::pair<std::string, std::string>> fields_;
};

/// A request as a handler sees it. The server has checked framing, sizes and UTF-8 of the target.
struct Request {
    std::string method = "GET";
    std::string target = "/";  ///< as on the wire: path and query, still percent-encoded
    std::string path;          ///< percent-decoded, without the query
    std::string query;         ///< as on the wire, without '?': what venues sign
    Headers headers;
    std::string body;            ///< exactly the bytes received
    std::string id;              ///< X-Request-Id: the client's if well-formed, else a UUIDv7
    std::string remote_address;  ///< of the TCP peer, without port
    std::string peer;  ///< the first URI name in the certificate that the client showed, or ""
    base::Timestamp received_at{};

    /// Values captured by the route pattern, e.g. {"id", "..."}.
    std::vector<std::pair<std::string, std::string>> path_params;
    [[nodiscard]] std::string_view param(std::string_view name) const;  ///< "" when absent

    /// Percent-decoded query (or form) parameter; nullopt when absent.
    [[nodiscard]] std::optional<std::string> query_param(std::string_view name) const;

    /// While it is there, the body counts against ServerConfig::max_unknown_body_bytes. Reset it
    /// once it is known who sent the request and what limits them.
    std::shared_ptr<void> body_hold;
};

struct Response {
    unsigned status = 200;
    Headers headers;
    std::string body;
    bool close = false;  ///< end the connection after this answer
    PeerKey peer_key;    ///< of whoever gave it, to a client that asked over TLS
    /// Close the TCP connection without sending anything: fault injection of the paper venue.
    bool drop = false;
    /// Send half of the body and reset the connection: likewise.
    bool reset_mid_body = false;
};

[[nodiscard]] Response json_response(unsigned status, base::Json const& body);
[[nodiscard]] Response text_response(unsigned status, std::string body,
                                     std::string content_type = "text/plain; charset=utf-8");

/// The body as JSON: Content-Type must be application/json (or absent), the body must not be empty.
[[nodiscard]] base::Result<base::Json> json_body(Request const& request);

[[nodiscard]] std::string percent_encode(std::string_view text);
/// Nullopt for a broken escape. `plus_is_space` as in form bodies.
[[nodiscard]] std::optional<std::string> percent_decode(std::string_view text,
                                                        bool plus_is_space = false);
/// Pairs of an `a=1&b=2` string, decoded, in order; nullopt when an escape is broken.
[[nodiscard]] std::optional<std::vector<std::pair<std::string, std::string>>> parse_form(
    std::string_view text);

/// Whether a host is this one: "localhost", "::1", an address of 127.0.0.0/8, also as IPv6 has it
/// (::ffff:127.0.0.1). 127.example.com is somebody's.
[[nodiscard]] bool is_loopback(std::string_view host);

/// scheme://host:port/target, http(s) and ws(s). Nullopt for anything else, userinfo or fragments.
struct Url {
    std::string scheme;
    std::string host;
    std::uint16_t port = 0;  ///< the scheme's default when the text has none
    std::string target = "/";
    [[nodiscard]] bool is_tls() const { return scheme == "https" || scheme == "wss"; }
    [[nodiscard]] std::string origin() const;  ///< scheme://host:port
};
[[nodiscard]] std::optional<Url> parse_url(std::string_view text);

}  // namespace obscura::net
