#include "loopback.hpp"

#include <algorithm>

namespace obscura::net::test {
namespace {

using namespace std::chrono_literals;
using Kind = TransportError::Kind;
using Answer = std::expected<Response, TransportError>;

constexpr auto ok_text = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

Peer::Script answering(std::string text) {
    return [text](tcp::socket& socket) -> Task<void> {
        while (!(co_await read_request(socket)).empty()) co_await write_text(socket, text);
    };
}
/// Answers once, then closes.
Peer::Script answering_once(std::string text) {
    return [text](tcp::socket& socket) -> Task<void> {
        co_await read_request(socket);
        co_await write_text(socket, text);
    };
}

class Client : public Loopback {
protected:
    ClientConfig client_config{.allowed_origins = {"*"}};
    std::unique_ptr<HttpClient> client;

    Answer fetch(std::string const& where, Request request = {},
                 std::chrono::milliseconds limit = 5s) {
        if (!client) {
            client = std::make_unique<HttpClient>(io.get_executor(), client_config, clock);
        }
        return run(io, client->fetch(where, std::move(request), limit));
    }
};

TEST_F(Client, talks_to_our_server_over_one_connection) {
    router.add(route("POST", "/echo", [](Request& request) -> base::Result<Response> {
        return text_response(200, request.body + "|" + request.query + "|" +
                                      std::string(request.headers.find("Host").value_or("")) + "|" +
                                      std::string(request.headers.find("X-A").value_or("")));
    }));
    serve();
    for (int i = 0; i < 3; ++i) {
        auto const answer = fetch(origin(), {.method = "POST",
                                             .target = "/echo?x=%20",
                                             .headers = {{"X-A", "1"}, {"host", "evil"}},
                                             .body = "hi"});
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body, "hi|x=%20|127.0.0.1:" + std::to_string(server->port()) + "|1");
        EXPECT_EQ(server->open_connections(), 1u);
    }
}

TEST_F(Client, refuses_origins_that_are_not_on_the_list) {
    Peer peer(io, {answering(ok_text)});
    client_config.allowed_origins = {"http://127.0.0.1:1"};
    EXPECT_EQ(fetch(peer.origin()).error().kind, Kind::refused_by_policy);
    EXPECT_EQ(fetch("ftp://127.0.0.1:1").error().kind, Kind::refused_by_policy);
    EXPECT_EQ(fetch("http://127.0.0.1:1/path").error().kind, Kind::refused_by_policy);
    EXPECT_EQ(peer.accepted(), 0u);
    ClientConfig wrong{.allowed_origins = {"example.com"}};
    EXPECT_THROW(HttpClient(io.get_executor(), wrong, clock), std::invalid_argument);
}

TEST_F(Client, refuses_requests_that_would_break_the_framing) {
    Peer peer(io, {answering(ok_text)});
    for (auto const& request : std::vector<Request>{
             {.method = "GET /x HTTP/1.1\r\n"},
             {.target = "/a b"},
             {.target = "a"},
             {.target = "/a\r\nX: y"},
             {.headers = {{"X", "a\r\nY: b"}}},
             {.headers = {{"X Y", "a"}}},
         }) {
        EXPECT_EQ(fetch(peer.origin(), request).error().kind, Kind::refused_by_policy);
    }
    EXPECT_EQ(peer.accepted(), 0u);
}

TEST_F(Client, nothing_listening_is_not_sent) {
    std::string nobody;
    {
        tcp::acceptor free(io, tcp::endpoint(asio::ip::address_v4::loopback(), 0));
        nobody = "http://127.0.0.1:" + std::to_string(free.local_endpoint().port());
    }
    auto const answer = fetch(nobody);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::not_sent);
    EXPECT_FALSE(answer.error().timed_out);
}

TEST_F(Client, a_peer_that_read_the_request_and_went_may_have_acted) {
    Peer closing(io, {[](tcp::socket& socket) -> Task<void> { co_await read_request(socket); }});
    EXPECT_EQ(fetch(closing.origin()).error().kind, Kind::unknown_outcome);
    Peer resetting(io, {[](tcp::socket& socket) -> Task<void> {
                       co_await read_request(socket);
                       co_await write_text(socket,
                                           "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab");
                       reset(socket);
                   }});
    EXPECT_EQ(fetch(resetting.origin()).error().kind, Kind::unknown_outcome);
    EXPECT_EQ(resetting.accepted(), 1u);
}

TEST_F(Client, nonsense_and_excess_are_unknown_outcomes) {
    client_config.max_response_bytes = 100;
    for (std::string const text :
         {"hello\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nff\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
          "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na",
          "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"}) {
        Peer peer(io, {answering_once(text)});
        auto const answer = fetch(peer.origin());
        ASSERT_FALSE(answer) << text;
        EXPECT_EQ(answer.error().kind, Kind::unknown_outcome);
        EXPECT_FALSE(answer.error().timed_out);
    }
    Peer endless(io, {answering_once("HTTP/1.1 200 OK\r\n\r\n" + std::string(200, 'a'))});
    EXPECT_EQ(fetch(endless.origin()).error().kind, Kind::unknown_outcome);
    Peer header(io, {answering_once("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'a'))});
    EXPECT_EQ(fetch(header.origin()).error().kind, Kind::unknown_outcome);
}

TEST_F(Client, silence_times_out_as_unknown_and_closes_the_connection) {
    Peer peer(io, {[](tcp::socket& socket) -> Task<void> { co_await wait_for_close(socket); },
                   answering(ok_text)});
    auto const answer = fetch(peer.origin(), {}, 30ms);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, Kind::unknown_outcome);
    EXPECT_TRUE(answer.error().timed_out);
    EXPECT_TRUE(fetch(peer.origin()));
    EXPECT_EQ(peer.accepted(), 2u);
}

TEST_F(Client, reads_bodies_of_every_framing) {
    Peer peer(io, {answering("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                             "3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")});
    EXPECT_EQ(fetch(peer.origin())->body, "abcde");
    EXPECT_EQ(fetch(peer.origin())->body, "abcde");
    EXPECT_EQ(peer.accepted(), 1u);
    Peer until_end(io, {answering_once("HTTP/1.1 200 OK\r\n\r\nto the end")});
    EXPECT_EQ(fetch(until_end.origin())->body, "to the end");
    Peer empty(io, {answering("HTTP/1.1 204 No Content\r\n\r\n")});
    EXPECT_EQ(fetch(empty.origin())->status, 204u);
    Peer interim(io,
                 {answering("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n"
                            "Link: x\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")});
    EXPECT_EQ(fetch(interim.origin())->status, 201u);
    Peer head(io, {answering("HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n")});
    EXPECT_EQ(fetch(head.origin(), {.method = "HEAD"})->body, "");
}

TEST_F(Client, a_connection_closed_while_idle_is_not_used_again) {
    Peer peer(io, {answering_once(ok_text)});
    for (int i = 0; i < 3; ++i) {
        auto const answer = fetch(peer.origin());
        ASSERT_TRUE(answer) << answer.error().detail;
        run(io, sleep_for(2ms));  // the peer's FIN arrives
    }
    EXPECT_EQ(peer.accepted(), 3u);
}

TEST_F(Client, a_connection_with_unasked_bytes_is_not_used_again) {
    Peer peer(io, {[](tcp::socket& socket) -> Task<void> {
                       co_await read_request(socket);
                       co_await write_text(socket, ok_text);
                       co_await sleep_for(1ms);
                       co_await write_text(socket,
                                           "HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil");
                       co_await wait_for_close(socket);
                   },
                   answering(ok_text)});
    EXPECT_EQ(fetch(peer.origin())->body, "ok");
    run(io, sleep_for(5ms));
    EXPECT_EQ(fetch(peer.origin())->body, "ok");
    EXPECT_EQ(peer.accepted(), 2u);
}

TEST_F(Client, idle_connections_are_closed_in_time) {
    client_config.idle_timeout = 10ms;
    bool closed = false;
    Peer peer(io, {[&closed](tcp::socket& socket) -> Task<void> {
                  co_await read_request(socket);
                  co_await write_text(socket, ok_text);
                  co_await wait_for_close(socket);
                  closed = true;
              }});
    EXPECT_TRUE(fetch(peer.origin()));
    run(io, sleep_for(30ms));
    EXPECT_TRUE(closed);
}

Task<void> keep(HttpClient& client, std::string where, std::chrono::milliseconds limit,
                std::vector<Answer>& out) {
    auto answer = co_await client.fetch(std::move(where), Request{}, limit);
    out.push_back(std::move(answer));
}

TEST_F(Client, waiters_are_served_in_order_and_bounded) {
    client_config.max_connections_per_origin = 1;
    client_config.max_waiting_per_origin = 2;
    Peer peer(io, {[n = std::make_shared<int>(0)](tcp::socket& socket) -> Task<void> {
                  while (!(co_await read_request(socket)).empty()) {
                      co_await sleep_for(1ms);
                      co_await write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n" +
                                                      std::to_string((*n)++));
                  }
              }});
    client = std::make_unique<HttpClient>(io.get_executor(), client_config, clock);
    std::vector<Answer> answers;
    Scope scope(io.get_executor());
    for (int i = 0; i < 5; ++i) scope.spawn("fetch", keep(*client, peer.origin(), 5s, answers));
    run(io, scope.join());
    ASSERT_EQ(answers.size(), 5u);
    EXPECT_EQ(answers[0].error().kind, Kind::refused_by_policy);
    EXPECT_EQ(answers[1].error().kind, Kind::refused_by_policy);
    for (int i = 2; i < 5; ++i) EXPECT_EQ(answers[i]->body, std::to_string(i - 2));
    EXPECT_EQ(peer.accepted(), 1u);
}

TEST_F(Client, a_deadline_in_the_queue_is_not_sent) {
    client_config.max_connections_per_origin = 1;
    Peer peer(io, {[](tcp::socket& socket) -> Task<void> { co_await wait_for_close(socket); }});
    client = std::make_unique<HttpClient>(io.get_executor(), client_config, clock);
    std::vector<Answer> answers;
    Scope scope(io.get_executor());
    scope.spawn("first", keep(*client, peer.origin(), 60ms, answers));
    scope.spawn("second", keep(*client, peer.origin(), 10ms, answers));
    run(io, scope.join());
    ASSERT_EQ(answers.size(), 2u);
    EXPECT_EQ(answers[0].error().kind, Kind::not_sent);
    EXPECT_TRUE(answers[0].error().timed_out);
    EXPECT_EQ(answers[1].error().kind, Kind::unknown_outcome);
}

TEST_F(Client, the_pool_survives_cancelled_requests) {
    client_config.max_connections_per_origin = 1;
    Peer peer(io, {[](tcp::socket& socket) -> Task<void> { co_await wait_for_close(socket); },
                   answering(ok_text)});
    client = std::make_unique<HttpClient>(io.get_executor(), client_config, clock);
    std::vector<Answer> answers;
    Scope scope(io.get_executor());
    for (int i = 0; i < 3; ++i) scope.spawn("fetch", keep(*client, peer.origin(), 60s, answers));
    run(io, sleep_for(5ms));
    run(io, scope.stop());
    EXPECT_EQ(scope.running(), 0u);
    // Those that were handed the freed slot while being cancelled leave by an exception.
    ASSERT_GE(answers.size(), 1u);
    for (auto const& answer : answers) {
        ASSERT_FALSE(answer);
        EXPECT_FALSE(answer.error().timed_out);
    }
    EXPECT_EQ(std::ranges::count(answers, Kind::unknown_outcome,
                                 [](Answer const& answer) { return answer.error().kind; }),
              1);
    EXPECT_TRUE(fetch(peer.origin(), {}, 2s));
    EXPECT_TRUE(fetch(peer.origin(), {}, 2s));
}

TEST_F(Client, warms_connections_ahead) {
    Peer peer(io, {answering(ok_text)});
    client = std::make_unique<HttpClient>(io.get_executor(), client_config, clock);
    run(io, client->warm(peer.origin(), 4));
    while (peer.accepted() < 4) io.run_one();
    run(io, client->warm(peer.origin(), 4));
    EXPECT_TRUE(fetch(peer.origin()));
    run(io, sleep_for(2ms));
    EXPECT_EQ(peer.accepted(), 4u);
}

TEST_F(Client, a_closed_client_refuses) {
    Peer peer(io, {answering(ok_text)});
    EXPECT_TRUE(fetch(peer.origin()));
    client->close();
    EXPECT_EQ(fetch(peer.origin()).error().kind, Kind::refused_by_policy);
}

TEST_F(Client, a_refusal_that_comes_before_the_whole_body_is_heard) {
    Peer peer(io, {[](tcp::socket& socket) -> Task<void> {
                  co_await read_request(socket);
                  co_await write_text(socket,
                                      "HTTP/1.1 413 No\r\nContent-Length: 0\r\n"
                                      "Connection: close\r\n\r\n");
                  socket.shutdown(tcp::socket::shutdown_send);
                  co_await wait_for_close(socket);
              }});
    auto const answer = fetch(peer.origin(), {.method = "POST", .body = std::string(1 << 20, 'a')});
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->status, 413u);
}

}  // namespace
}  // namespace obscura::net::test
