#include "base/secret.hpp"
#include "loopback.hpp"
#include "support/heap_search.hpp"

/// Connections of the server: keep-alive, limits, stopping.
namespace obscura::net::test {
namespace {

std::size_t count(std::string_view text, std::string_view what) {
    std::size_t n = 0;
    for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++n;
    return n;
}

class ServerConnections : public Loopback {
protected:
    void SetUp() override {
        router.add(route("GET", "/a", [](Request& request) -> base::Result<Response> {
            return text_response(200, "hello " + request.id);
        }));
        router.add(route("GET", "/drop", [](Request&) -> base::Result<Response> {
            return Response{.drop = true};
        }));
        router.add(route("GET", "/reset", [](Request&) -> base::Result<Response> {
            return Response{.body = "half and the other", .reset_mid_body = true};
        }));
        router.add(route("GET", "/bad", [](Request&) -> base::Result<Response> {
            return Response{.headers = {{"X-Good", "1"},
                                        {"X-Bad", "a\r\nSet-Cookie: b"},
                                        {"Content-Length", "999"}},
                            .body = "ok"};
        }));
        router.add(route("POST", "/echo", [](Request& request) -> base::Result<Response> {
            return text_response(200, request.body);
        }));
    }
    static std::string get(std::string const& target, std::string const& fields = "") {
        return "GET " + target + " HTTP/1.1\r\nHost: x\r\n" + fields + "\r\n";
    }
    static constexpr auto last = "Connection: close\r\n";
};

/// Sends a secret, and looks for it while the connection is kept.
Task<int> copies_left_of(std::uint16_t port, obscura::test::TurnedSecret const& secret) {
    tcp::socket socket(co_await asio::this_coro::executor);
    co_await socket.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
    std::string bytes = "POST /take HTTP/1.1\r\nHost: x\r\nContent-Length: 32\r\n\r\n";
    bytes.reserve(bytes.size() + secret.size());
    for (auto const byte : secret) bytes += static_cast<char>(~byte);
    EXPECT_EQ(obscura::test::copies_on_heap(secret), 1) << "the search finds it";
    co_await asio::async_write(socket, asio::buffer(bytes), quietly);
    base::cleanse(bytes);
    co_await asio::async_read_until(socket, asio::dynamic_buffer(bytes), "taken", quietly);
    co_await sleep_for(std::chrono::milliseconds(20));  // it waits for the next request by now
    co_return obscura::test::copies_on_heap(secret);
}

TEST_F(ServerConnections, a_kept_connection_keeps_nothing_of_what_was_read) {
    if (!obscura::test::is_heap_searchable) GTEST_SKIP() << "a sanitizer's heap is elsewhere";
    router.add(route("POST", "/take", [](Request& request) -> base::Result<Response> {
        base::cleanse(request.body);
        return text_response(200, "taken");
    }));
    serve();
    obscura::test::TurnedSecret secret{};
    base::SystemRandom().fill(std::as_writable_bytes(std::span(secret)));
    EXPECT_EQ(run(io, copies_left_of(server->port(), secret)), 0);
}

TEST_F(ServerConnections, pipelined_requests_are_answered_in_order) {
    serve();
    std::string bytes;
    for (int i = 0; i < 20; ++i) bytes += get("/a", "X-Request-Id: r" + std::to_string(i) + "\r\n");
    auto const answers = talk(bytes + get("/a", last));
    EXPECT_EQ(count(answers, "HTTP/1.1 200 OK"), 21u);
    std::size_t at = 0;
    for (int i = 0; i < 20; ++i) {
        at = answers.find("hello r" + std::to_string(i), at);
        ASSERT_NE(at, std::string::npos) << i;
    }
}

TEST_F(ServerConnections, a_request_id_is_echoed_or_made) {
    serve();
    EXPECT_NE(talk(get("/a", "X-Request-Id: mine-1\r\nConnection: close\r\n"))
                  .find("\r\nX-Request-Id: mine-1\r\n"),
              std::string::npos);
    auto const made = talk(get("/a", "X-Request-Id: no good\r\nConnection: close\r\n"));
    EXPECT_EQ(made.find("no good"), std::string::npos);
    EXPECT_NE(made.find("\r\nX-Request-Id: 0"), std::string::npos) << made;
}

TEST_F(ServerConnections, head_has_the_length_but_no_body) {
    serve();
    auto const answer =
        talk("HEAD /a HTTP/1.1\r\nHost: x\r\nX-Request-Id: r\r\nConnection: close\r\n\r\n");
    EXPECT_NE(answer.find("\r\nContent-Length: 7\r\n"), std::string::npos);
    EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(ServerConnections, http_1_0_closes_unless_asked) {
    serve();
    EXPECT_EQ(count(talk("GET /a HTTP/1.0\r\n\r\n"), "HTTP/1.1 200"), 1u);
    auto const kept =
        talk("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\nGET /a HTTP/1.0\r\n\r\n");
    EXPECT_EQ(count(kept, "HTTP/1.1 200"), 2u);
    EXPECT_EQ(count(kept, "Connection: keep-alive"), 1u);
}

TEST_F(ServerConnections, a_handler_cannot_break_the_framing) {
    serve();
    auto const answer = talk(get("/bad", last));
    EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
    EXPECT_NE(answer.find("X-Good: 1"), std::string::npos);
    EXPECT_EQ(count(answer, "Content-Length"), 1u);
    EXPECT_NE(answer.find("Content-Length: 2\r\n"), std::string::npos);
}

TEST_F(ServerConnections, drop_closes_without_a_byte) {
    serve();
    EXPECT_EQ(talk(get("/drop")), "");
}

TEST_F(ServerConnections, a_reset_comes_in_the_middle_of_the_body) {
    serve();
    auto const answer = talk(get("/reset"));
    EXPECT_EQ(answer.find("half and the other"), std::string::npos);
    // A reset may overtake what was sent before it.
    if (!answer.empty()) EXPECT_EQ(answer.substr(answer.find("\r\n\r\n") + 4), "half and ");
}

TEST_F(ServerConnections, continue_is_said_before_the_body_only) {
    serve();
    auto const script = [](std::uint16_t port) -> Task<std::string> {
        tcp::socket socket(co_await asio::this_coro::executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                      asio::use_awaitable);
        co_await write_text(socket,
                            "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n"
                            "Expect: 100-continue\r\nConnection: close\r\n\r\n");
        auto answer = co_await read_request(socket);
        co_await write_text(socket, "abc");
        co_await asio::async_read(socket, asio::dynamic_buffer(answer), quietly);
        co_return answer;
    };
    auto const answer = run(io, script(server->port()));
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n")) << answer;
    EXPECT_TRUE(answer.ends_with("abc"));
    auto const refused =
        talk("POST /none HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 404 "));
}

TEST_F(ServerConnections, an_idle_connection_is_closed_in_silence) {
    config.idle_timeout = std::chrono::milliseconds(30);
    serve();
    EXPECT_EQ(talk(""), "");
    EXPECT_EQ(count(talk(get("/a")), "HTTP/1.1"), 1u);
}

TEST_F(ServerConnections, beyond_the_limit_there_is_503) {
    config.max_connections = 1;
    serve();
    auto const script = [](std::uint16_t port) -> Task<std::string> {
        tcp::socket first(co_await asio::this_coro::executor);
        co_await first.async_connect({asio::ip::address_v4::loopback(), port}, asio::use_awaitable);
        co_await write_text(first, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n");
        auto const ok = co_await read_request(first);
        auto const second = co_await talk_to(port, "GET /a HTTP/1.1\r\nHost: x\r\n\r\n", false);
        co_return ok.substr(0, 12) + second;
    };
    auto const answers = run(io, script(server->port()));
    EXPECT_TRUE(answers.starts_with("HTTP/1.1 200HTTP/1.1 503 ")) << answers;
    EXPECT_NE(answers.find("\r\nRetry-After: 1\r\n"), std::string::npos);
    EXPECT_TRUE(talk(get("/a", last)).starts_with("HTTP/1.1 200 "));
}

/// Bodies that never end hold the budget; each connection announces one and sends a part of it.
class BodyBudgets : public ServerConnections {
protected:
    static std::string post(std::size_t length, std::string const& fields = "") {
        return "POST /echo HTTP/1.1\r\nHost: x\r\n" + fields +
               "Content-Length: " + std::to_string(length) + "\r\n\r\n";
    }
    /// While `held` of them are open, what `then` is answered.
    static Task<std::string> against(std::uint16_t port, std::vector<std::string> held,
                                     std::string then) {
        std::vector<tcp::socket> sockets;
        for (auto const& bytes : held) {
            auto& socket = sockets.emplace_back(co_await asio::this_coro::executor);
            co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                          asio::use_awaitable);
            co_await write_text(socket, bytes);
        }
        // The server has read them once it answers somebody who came later.
        for (std::size_t i = 0; i < 2 * held.size() + 2; ++i)
            (void)co_await talk_to(port, get("/a", last), false);
        co_return co_await talk_to(port, std::move(then), false);
    }
};

TEST_F(BodyBudgets, together_they_are_bounded) {
    config.max_unknown_body_bytes = 256 * 1024;
    serve();
    auto const large = post(100'000, last) + std::string(100'000, 'b');
    EXPECT_TRUE(talk(large).starts_with("HTTP/1.1 200 ")) << "there is room for one";
    auto const part = post(100'000) + std::string(99'999, 'b');
    auto const refused = run(io, against(server->port(), {part}, large));
    EXPECT_TRUE(refused.starts_with("HTTP/1.1 503 ")) << refused.substr(0, 200);
    EXPECT_NE(refused.find("\r\nRetry-After: 1\r\n"), std::string::npos);
    EXPECT_NE(refused.find("too_many_bodies"), std::string::npos);
    EXPECT_TRUE(talk(large).starts_with("HTTP/1.1 200 ")) << "it comes back with the connection";
}

TEST_F(BodyBudgets, large_ones_leave_room_for_small_ones) {
    config.max_unknown_body_bytes = 256 * 1024;
    serve();
    // Each holds 65,000 with the room for its next read: four would leave nothing of 262,144.
    auto const part = post(60'905) + std::string(60'904, 'b');
    auto const small = post(10'000, last) + std::string(10'000, 's');
    auto const answered = run(io, against(server->port(), {part, part, part, part}, small));
    EXPECT_TRUE(answered.starts_with("HTTP/1.1 200 ")) << answered.substr(0, 200);
}

TEST_F(BodyBudgets, a_known_sender_counts_no_more) {
    config.max_unknown_body_bytes = 128 * 1024;
    std::size_t entered = 0;
    router.add({.method = "POST",
                .pattern = "/known",
                .handler = [&](Request& request) -> Task<base::Result<Response>> {
                    request.body_hold.reset();
                    ++entered;
                    while (entered < 3) co_await sleep_for(std::chrono::milliseconds(1));
                    co_return text_response(200, "all here");
                }});
    serve();
    auto const text = "POST /known HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" +
                      std::string("Content-Length: 90000\r\n\r\n") + std::string(90'000, 'b');
    std::string answers;
    for (std::size_t i = 1; i <= 3; ++i) {
        asio::co_spawn(
            io, talk_to(server->port(), text, false),
            [&](std::exception_ptr, std::string answer) { answers += answer.substr(0, 12); });
        while (entered < i && answers.empty() && io.run_one() > 0) {
        }
    }
    while (answers.size() < 36 && io.run_one() > 0) {
    }
    EXPECT_EQ(answers, "HTTP/1.1 200HTTP/1.1 200HTTP/1.1 200") << "while each holds 90,000";
}

TEST_F(ServerConnections, a_reader_that_does_not_read_is_cut) {
    config.write_timeout = std::chrono::milliseconds(50);
    router.add(route("GET", "/large", [](Request&) -> base::Result<Response> {
        return text_response(200, std::string(64 << 20, 'a'));
    }));
    serve();
    auto const script = [](std::uint16_t port, HttpServer& http) -> Task<std::size_t> {
        tcp::socket socket(co_await asio::this_coro::executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                      asio::use_awaitable);
        co_await write_text(socket, "GET /large HTTP/1.1\r\nHost: x\r\n\r\n");
        while (http.open_connections() == 0) co_await sleep_for(std::chrono::milliseconds(1));
        while (http.open_connections() > 0) co_await sleep_for(std::chrono::milliseconds(1));
        std::string got;
        co_await asio::async_read(socket, asio::dynamic_buffer(got), quietly);
        co_return got.size();
    };
    EXPECT_LT(run(io, script(server->port(), *server)), std::size_t{64 << 20});
}

TEST_F(ServerConnections, stop_lets_a_request_finish_and_refuses_new_ones) {
    Event go(io.get_executor());
    Event entered(io.get_executor());
    router.add({.method = "GET",
                .pattern = "/slow",
                .handler = [&](Request&) -> Task<base::Result<Response>> {
                    entered.notify();
                    co_await go.wait(std::chrono::seconds(10));
                    co_return text_response(200, "finished");
                }});
    serve();
    std::string slow;
    auto const ask = [](std::uint16_t port, std::string& out) -> Task<void> {
        out = co_await talk_to(port, "GET /slow HTTP/1.1\r\nHost: x\r\n\r\n", false);
    };
    asio::co_spawn(io, ask(server->port(), slow), asio::detached);
    run(io, entered.wait(std::chrono::seconds(10)));
    auto const release = [](Event& event) -> Task<void> {
        co_await sleep_for(std::chrono::milliseconds(5));
        event.notify();
    };
    asio::co_spawn(io, release(go), asio::detached);
    run(io, server->stop(std::chrono::seconds(10)));
    EXPECT_EQ(server->open_connections(), 0u);
    EXPECT_THROW(talk(get("/a")), std::exception);
    EXPECT_TRUE(slow.ends_with("finished")) << slow;
    EXPECT_NE(slow.find("Connection: close"), std::string::npos);
}

TEST_F(ServerConnections, stop_cancels_what_outlives_the_grace) {
    bool left = false;
    Event entered(io.get_executor());
    router.add({.method = "GET",
                .pattern = "/forever",
                .handler = [&](Request&) -> Task<base::Result<Response>> {
                    struct Leave {
                        bool& flag;
                        ~Leave() { flag = true; }
                    } const leave{left};
                    entered.notify();
                    while (true) co_await sleep_for(std::chrono::hours(1));
                }});
    serve();
    std::string answer = "none yet";
    auto const ask = [](std::uint16_t port, std::string& out) -> Task<void> {
        out = co_await talk_to(port, "GET /forever HTTP/1.1\r\nHost: x\r\n\r\n", false);
    };
    asio::co_spawn(io, ask(server->port(), answer), asio::detached);
    run(io, entered.wait(std::chrono::seconds(10)));
    run(io, server->stop(std::chrono::milliseconds(5)));
    EXPECT_TRUE(left);
    EXPECT_EQ(server->open_connections(), 0u);
}

TEST_F(ServerConnections, observers_see_route_and_status) {
    std::vector<std::string> seen;
    config.observe = [&](Route const* r, Request const& request, Response const& response,
                         std::chrono::nanoseconds) {
        seen.push_back((r ? r->pattern : "-") + " " + request.method + " " +
                       std::to_string(response.status));
    };
    serve();
    talk(get("/a") + get("/none", last));
    EXPECT_EQ(seen, (std::vector<std::string>{"/a GET 200", "- GET 404"}));
}

TEST_F(ServerConnections, a_taken_port_is_an_exception) {
    serve();
    ServerConfig same;
    same.port = server->port();
    HttpServer second(io.get_executor(), same, Router(), clock, random);
    EXPECT_THROW(second.start(), std::system_error);
    ServerConfig nowhere;
    nowhere.address = "nowhere";
    HttpServer third(io.get_executor(), nowhere, Router(), clock, random);
    EXPECT_THROW(third.start(), std::system_error);
}

}  // namespace
}  // namespace obscura::net::test
