#include "loopback.hpp"

/// What the server does with requests that are wrong: each ends in a bounded, named refusal.
namespace obscura::net::test {
namespace {

std::string get(std::string const& target, std::string const& fields = "") {
    return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
}

class ServerRequest : public Loopback {
protected:
    int handled = 0;

    void SetUp() override {
        config.header_timeout = std::chrono::milliseconds(60);
        config.body_timeout = std::chrono::milliseconds(60);
        config.max_header_bytes = 12 * 1024;
        router.add(route("GET", "/a", [](Request& request) -> base::Result<Response> {
            return text_response(200, request.path + "|" + request.query);
        }));
        auto const echo = [this](Request& request) -> base::Result<Response> {
            ++handled;
            return text_response(200, request.body);
        };
        router.add(route("POST", "/small", echo, 100));
        router.add(route("POST", "/json", [](Request& request) -> base::Result<Response> {
            auto const body = json_body(request);
            if (!body) return std::unexpected(body.error());
            return json_response(200, *body);
        }));
        serve();
    }
};

struct BadRequest {
    std::string name;
    std::string bytes;
    unsigned status;
    std::string code;
    bool end_of_input = false;
};

/// A body of which the last chunk comes byte by byte, each in a packet of its own.
Task<std::string> talk_slowly(std::uint16_t port, std::string head, std::string chunks) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    socket.set_option(tcp::no_delay(true));
    co_await write_text(socket, std::move(head));
    for (char const c : chunks) {
        co_await sleep_for(std::chrono::milliseconds(1));
        co_await write_text(socket, std::string(1, c));
    }
    socket.shutdown(tcp::socket::shutdown_send);
    std::string answer;
    co_await asio::async_read(socket, asio::dynamic_buffer(answer), quietly);
    co_return answer;
}

// Beast's parser ends the process when it is shown fewer than five bytes of a last chunk twice.
TEST_F(ServerRequest, a_last_chunk_may_come_in_pieces) {
    std::pair<std::string, std::string> const cases[] = {{"0\r\n\r\n", "\r\n\r\n"},
                                                         {"2\r\nab\r\n0\r\n\r\n", "\r\n\r\nab"},
                                                         {"0\r\nX: y\r\n\r\n", "\r\n\r\n"}};
    for (auto const& [chunks, body] : cases) {
        auto const head = "POST /small HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        auto const answer = run(io, talk_slowly(server->port(), head, chunks));
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << chunks << answer;
        EXPECT_TRUE(answer.ends_with(body)) << chunks << answer;
    }
}

TEST_F(ServerRequest, answers_each_bad_request_by_a_problem_that_names_it) {
    auto const post = [](std::string const& target, std::string const& rest) {
        return "POST " + target + " HTTP/1.1\r\nHost: x\r\n" + rest;
    };
    std::vector<BadRequest> const cases{
        {"no host", "GET /a HTTP/1.1\r\n\r\n", 400, "bad_host"},
        {"two hosts", get("/a", "Host: y\r\n"), 400, "bad_host"},
        {"bad method", "G(T /a HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed_request"},
        {"no version", "GET /a\r\n\r\n", 400, "malformed_request"},
        {"HTTP/2", "GET /a HTTP/2.0\r\nHost: x\r\n\r\n", 400, "malformed_request"},
        {"not HTTP", std::string("\x16\x03\x01\x02\x00\x01\x00\r\n\r\n", 11), 400,
         "malformed_request"},
        {"bad field", get("/a", "a b: c\r\n"), 400, "malformed_request"},
        {"control in a field", get("/a", std::string("a: b\0c\r\n", 8)), 400, "malformed_request"},
        {"bad escape", get("/a%zz"), 400, "bad_target"},
        {"bad escape in the query", get("/a?b=%f"), 400, "bad_target"},
        {"path not UTF-8", get("/a%ff"), 400, "bad_target"},
        {"raw bytes", get("/a\xff\xfe"), 400, "bad_target"},
        {"query not UTF-8", get("/a?b=%c3%28"), 400, "bad_target"},
        {"NUL in the path", get("/a%00"), 400, "bad_target"},
        {"fragment", get("/a#b"), 400, "bad_target"},
        {"asterisk", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n", 400, "bad_target"},
        {"long target", get("/" + std::string(9000, 'a')), 414, "uri_too_long"},
        {"endless target", "GET /" + std::string(20'000, 'a'), 414, "uri_too_long"},
        {"large header", get("/a", "A: " + std::string(13'000, 'a') + "\r\n"), 431,
         "header_too_large"},
        {"endless header", "GET /a HTTP/1.1\r\nA: " + std::string(20'000, 'a'), 431,
         "header_too_large"},
        {"large body", post("/small", "Content-Length: 101\r\n\r\n"), 413, "payload_too_large"},
        {"huge body", post("/small", "Content-Length: 99999999999\r\n\r\n"), 413,
         "payload_too_large"},
        {"large chunk", post("/small", "Transfer-Encoding: chunked\r\n\r\n65\r\na"), 413,
         "payload_too_large"},
        {"many chunks",
         post("/small", "Transfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'a') +
                            "\r\n40\r\n" + std::string(64, 'a') + "\r\n0\r\n\r\n"),
         413, "payload_too_large"},
        {"bad chunk", post("/small", "Transfer-Encoding: chunked\r\n\r\nxyz\r\n"), 400,
         "malformed_request"},
        {"truncated body", post("/small", "Content-Length: 10\r\n\r\nabc"), 400, "truncated_body",
         true},
        {"truncated chunk", post("/small", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), 400,
         "truncated_body", true},
        {"truncated header", "GET /a HTTP/1.1\r\nHos", 400, "malformed_request", true},
        {"length and chunked",
         post("/small", "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"), 400,
         "malformed_request"},
        {"chunked and length",
         post("/small", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"), 400,
         "malformed_request"},
        {"two lengths", post("/small", "Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde"), 400,
         "malformed_request"},
        {"list of lengths", post("/small", "Content-Length: 5, 5\r\n\r\nabcde"), 400,
         "malformed_request"},
        {"signed length", post("/small", "Content-Length: +5\r\n\r\nabcde"), 400,
         "malformed_request"},
        {"unknown coding", post("/small", "Transfer-Encoding: gzip\r\n\r\n"), 400,
         "malformed_request"},
        {"two codings", post("/small", "Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"), 400,
         "malformed_request"},
        {"space before the colon", post("/small", "Content-Length : 5\r\n\r\nabcde"), 400,
         "malformed_request"},
        {"slow header", "GET /a HTTP/1.1\r\nHo", 408, "request_timeout"},
        {"slow body", post("/small", "Content-Length: 5\r\n\r\nab"), 408, "request_timeout"},
        {"slow chunk", post("/small", "Transfer-Encoding: chunked\r\n\r\n5\r\nab"), 408,
         "request_timeout"},
    };
    for (auto const& c : cases) {
        SCOPED_TRACE(c.name);
        auto const answer = talk(c.bytes, c.end_of_input);
        EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + std::to_string(c.status) + " ")) << answer;
        EXPECT_NE(answer.find("\r\nContent-Type: application/problem+json\r\n"), std::string::npos);
        EXPECT_NE(answer.find("\"code\":\"" + c.code + "\""), std::string::npos) << answer;
        EXPECT_NE(answer.find("\r\nConnection: close\r\n"), std::string::npos);
        EXPECT_NE(answer.find("\r\nX-Request-Id: "), std::string::npos);
        EXPECT_EQ(answer.find("}HTTP/1.1"), std::string::npos) << "a second answer";
    }
    EXPECT_EQ(handled, 0);
}

TEST_F(ServerRequest, a_large_header_whose_first_line_came_in_two_pieces_is_no_long_target) {
    auto const first = get("/a", "A: " + std::string(4096 - 41, 'a') + "\r\n");
    ASSERT_EQ(first.size(), 4096U - 8);  // a read takes 8 bytes of the next, too
    auto const answers = talk(first + get("/a", "A: " + std::string(13'000, 'a') + "\r\n"));
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 200 ")) << answers;
    EXPECT_NE(answers.find("HTTP/1.1 431 "), std::string::npos) << answers;
}

TEST_F(ServerRequest, json_that_is_too_deep_or_not_utf8_is_refused) {
    auto const post = [&](std::string const& body) {
        return talk("POST /json HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: " +
                    std::to_string(body.size()) + "\r\n\r\n" + body);
    };
    EXPECT_TRUE(post("{\"a\":1}").ends_with("{\"a\":1}"));
    auto const deep = std::string(100'000, '[');
    for (auto const& body :
         {deep, std::string("{\"a\":\"\xff\"}"), std::string("{"), std::string()}) {
        EXPECT_TRUE(post(body).starts_with("HTTP/1.1 400 ")) << body.substr(0, 20);
    }
}

TEST_F(ServerRequest, an_unknown_path_keeps_the_connection_when_the_body_is_small) {
    auto const answers = talk(
        "POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc"
        "GET /a HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 404 "));
    EXPECT_NE(answers.find("HTTP/1.1 200 OK"), std::string::npos);
}

TEST_F(ServerRequest, a_large_body_for_nobody_is_not_waited_for) {
    auto const unknown = talk("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_TRUE(unknown.starts_with("HTTP/1.1 404 "));
    EXPECT_NE(unknown.find("Connection: close"), std::string::npos);
    auto const wrong = talk("PUT /small HTTP/1.1\r\nHost: x\r\nContent-Length: 70000\r\n\r\n");
    EXPECT_TRUE(wrong.starts_with("HTTP/1.1 405 "));
    EXPECT_NE(wrong.find("\r\nAllow: POST, OPTIONS\r\n"), std::string::npos);
}

TEST_F(ServerRequest, an_answer_survives_bytes_that_nobody_reads) {
    auto const answer = talk("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 600000\r\n\r\n" +
                             std::string(600'000, 'a'));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerRequest, a_trailer_is_no_header) {
    auto const answer = talk(
        "POST /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"
        "3;ext=1\r\nabc\r\n0\r\nX-Request-Id: smuggled\r\n\r\n");
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 200 ")) << answer;
    EXPECT_EQ(answer.find("smuggled"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("abc"));
}

TEST_F(ServerRequest, absolute_form_and_queries_arrive_as_sent) {
    auto const answer = talk(get("http://example.com/a?b=%20c&d=+", "Connection: close\r\n"));
    EXPECT_TRUE(answer.ends_with("/a|b=%20c&d=+")) << answer;
}

}  // namespace
}  // namespace obscura::net::test
