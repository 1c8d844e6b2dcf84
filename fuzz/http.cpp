// Our HTTP server: whatever bytes come in, what goes out is one well-formed answer a request, and
// the same however the bytes were cut into pieces.
#include "base/json.hpp"
#include "fuzz/peer.hpp"
#include "net/detail/request_rules.hpp"
#include "net/detail/server_connection.hpp"
#include "net/detail/text.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace obscura::fuzz {
namespace {

namespace detail = net::detail;
using net::Request;
using net::Response;

constexpr std::size_t body_limit = 256;

/// An answer as the server says that it gave it.
struct Answer {
    std::string method;
    unsigned status = 0;
    std::string body;
};

bool has_control(std::string_view text) {
    return std::ranges::any_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

void must_be_clean(Request const& request) {
    must(detail::is_token(request.method), "a method is a token");
    must(request.path.starts_with('/'), "a path is absolute");
    must(detail::is_utf8(request.path) && !has_control(request.path), "a path is plain text");
    must(request.body.size() <= body_limit, "a body keeps the limit of its route");
    must(detail::is_request_id(request.id), "a request has an id that can be told");
    for (auto const& [name, value] : request.headers) {
        must(detail::is_token(name), "the name of a field is a token");
        must(value.find_first_of(std::string_view("\r\n\0", 3)) == value.npos,
             "the value of a field is one line");
    }
}

net::Task<base::Result<Response>> handle(Request& request) {
    must_be_clean(request);
    (void)request.query_param("a");
    if (request.method != "POST") co_return net::text_response(200, request.path);
    auto const json = net::json_body(request);
    if (!json) co_return std::unexpected(json.error());
    co_return net::json_response(200, *json);
}

net::Router router() {
    net::Router out;
    for (auto const* method : {"GET", "POST"})
        out.add(
            {.method = method, .pattern = "/{all*}", .body_limit = body_limit, .handler = handle});
    out.add(
        {.method = "DELETE", .pattern = "/a/{id}", .body_limit = body_limit, .handler = handle});
    return out;
}

/// Serves one connection to its end; the input comes in pieces of `piece` bytes.
std::pair<std::vector<Answer>, std::string> serve(std::string_view input, std::size_t piece) {
    static base::ManualClock const clock(base::from_unix_ms(1'700'000'000'000));
    base::SeededRandom random(1);
    std::vector<Answer> answers;
    net::ServerConfig config;
    config.max_header_bytes = 1'024;
    config.observe = [&](net::Route const*, Request const& request, Response const& response,
                         std::chrono::nanoseconds) {
        answers.push_back({request.method, response.status, response.body});
    };
    auto const core = std::make_shared<detail::ServerCore>(config, router(), clock, random);
    boost::asio::io_context io;
    Peer peer;
    auto connection =
        std::make_shared<detail::ServerConnection>(core, peer.connect(io.get_executor()), false);
    boost::asio::co_spawn(io, detail::ServerConnection::run(std::move(connection)),
                          boost::asio::detached);
    std::string sent;
    while (!input.empty()) {
        peer.send(input.substr(0, piece));
        input.remove_prefix(std::min(piece, input.size()));
        io.poll();
        sent += peer.received();
    }
    peer.end();
    io.run();
    return {std::move(answers), sent + peer.received()};
}

/// Takes one answer off what was sent.
void must_be_sent(Answer const& answer, std::string_view& sent) {
    constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";
    while (sent.starts_with(go_on)) sent.remove_prefix(go_on.size());
    must(sent.starts_with("HTTP/1.1 " + std::to_string(answer.status) + " "),
         "an answer begins with its status");
    auto const end = sent.find("\r\n\r\n");
    must(end != sent.npos, "the header of an answer has an end");
    auto const head = sent.substr(0, end + 2);
    sent.remove_prefix(end + 4);
    must(std::ranges::count(head, '\n') == std::ranges::count(head, '\r'), "lines end with CRLF");
    auto const length = "\r\nContent-Length: " + std::to_string(answer.body.size()) + "\r\n";
    must(!detail::has_body(answer.status) || head.contains(length), "the length is told");
    if (answer.method == "HEAD" || !detail::has_body(answer.status)) return;
    must(sent.starts_with(answer.body), "a body is sent whole");
    sent.remove_prefix(answer.body.size());
    if (answer.status >= 400)
        must(base::parse_json(answer.body).has_value(), "a problem document is JSON");
}

/// Where a bad request is noticed, and so what it is told, depends on what has come.
bool is_same(Answer const& a, Answer const& b) {
    if (a.status >= 400) return b.status >= 400;
    return a.method == b.method && a.status == b.status && a.body == b.body;
}

}  // namespace

/// A byte for the size of the pieces, and what comes over the connection.
void try_input(std::string_view input) {
    auto const [choice, bytes] = choice_and_rest(input);
    auto const [answers, sent] = serve(bytes, bytes.size() + 1);
    std::string_view rest = sent;
    for (auto const& answer : answers) must_be_sent(answer, rest);
    must(rest.empty(), "nothing is sent but answers");
    must(std::ranges::equal(serve(bytes, 1 + choice).first, answers, is_same),
         "pieces change no answer");
}

}  // namespace obscura::fuzz
