#include "net/websocket.hpp"

#include "loopback.hpp"

namespace obscura::net::test {
namespace {

using namespace std::chrono_literals;
using Socket = std::unique_ptr<WebSocket>;
using Message = base::Result<std::string>;

class WebSockets : public Loopback {
protected:
    ClientConfig client_config{.allowed_origins = {"*"}};
    std::string ended;  ///< why the server's side of the last socket ended

    void SetUp() override {
        router.add_socket({.pattern = "/echo/{name}",
                           .handler = [this](Request& request, WebSocket& socket) -> Task<void> {
                               socket.send("hello " + std::string(request.param("name")));
                               while (true) {
                                   auto text = co_await socket.receive(60s);
                                   if (!text) {
                                       ended = text.error().reason;
                                       co_return;
                                   }
                                   socket.send(std::move(*text));
                               }
                           }});
    }
    base::Result<Socket> connect(std::string const& target, Headers headers = {}) {
        return run(io,
                   connect_websocket(origin("ws") + target, client_config, 5s, std::move(headers)));
    }
    Message receive(Socket const& socket, std::chrono::milliseconds idle = 5s) {
        return run(io, socket->receive(idle));
    }
};

TEST_F(WebSockets, echoes_both_ways) {
    serve();
    auto const socket = connect("/echo/ann");
    ASSERT_TRUE(socket) << socket.error().detail;
    EXPECT_EQ(receive(*socket), "hello ann");
    for (int i = 0; i < 100; ++i) EXPECT_TRUE((*socket)->send(std::to_string(i)));
    for (int i = 0; i < 100; ++i) EXPECT_EQ(receive(*socket), std::to_string(i));
    auto const large = std::string(1 << 20, 'x');
    (*socket)->send(large);
    EXPECT_EQ(receive(*socket), large);
    run(io, (*socket)->close());
    EXPECT_FALSE((*socket)->is_open());
    EXPECT_FALSE((*socket)->send("late"));
    EXPECT_EQ(receive(*socket).error().reason, "socket_closed");
    while (server->open_connections() > 0) io.run_one();
    EXPECT_EQ(ended, "socket_closed");
}

TEST_F(WebSockets, text_and_bytes_are_told_apart) {
    router.add_socket(
        {.pattern = "/both", .handler = [](Request&, WebSocket& socket) -> Task<void> {
             while (auto message = co_await socket.receive_message(60s)) {
                 if (message->is_binary)
                     socket.send_binary(message->data + "b");
                 else
                     socket.send(message->data + "t");
             }
         }});
    serve();
    auto const socket = connect("/both");
    ASSERT_TRUE(socket);
    std::string const bytes("\xff\0\x80", 3);
    for (int i = 0; i < 3; ++i) {
        (*socket)->send_binary(bytes);
        (*socket)->send("text");
    }
    for (int i = 0; i < 3; ++i) {
        auto const first = run(io, (*socket)->receive_message(5s));
        ASSERT_TRUE(first);
        EXPECT_TRUE(first->is_binary);
        EXPECT_EQ(first->data, bytes + "b");
        auto const second = run(io, (*socket)->receive_message(5s));
        ASSERT_TRUE(second);
        EXPECT_FALSE(second->is_binary);
        EXPECT_EQ(second->data, "textt");
    }
}

TEST_F(WebSockets, a_sender_waits_for_a_slow_reader) {
    bool drained = true, gone = true;
    Event done(io.get_executor());
    router.add_socket(
        {.pattern = "/flood", .handler = [&](Request&, WebSocket& socket) -> Task<void> {
             for (int i = 0; i < 12; ++i) socket.send(std::string(1 << 20, 'x'));
             drained = co_await socket.drain(0, 50ms);
             while (!co_await socket.drain(0, 5s)) {
                 if (!socket.is_open()) co_return;
             }
             gone = false;
             done.notify();
             (void)co_await socket.receive(60s);
         }});
    client_config.max_response_bytes = 4 << 20;
    serve();
    auto const socket = connect("/flood");
    ASSERT_TRUE(socket);
    run(io, sleep_for(200ms));
    EXPECT_FALSE(drained) << "nobody read";
    EXPECT_TRUE(gone);
    for (int i = 0; i < 12; ++i) EXPECT_EQ(receive(*socket)->size(), 1U << 20);
    EXPECT_TRUE(run(io, done.wait(5s)));
    EXPECT_FALSE(gone);
}

TEST_F(WebSockets, what_was_queued_leaves_before_the_close) {
    router.add_socket(
        {.pattern = "/burst", .handler = [](Request&, WebSocket& socket) -> Task<void> {
             for (int i = 0; i < 50; ++i) socket.send(std::to_string(i));
             co_return;
         }});
    serve();
    auto const socket = connect("/burst");
    ASSERT_TRUE(socket);
    for (int i = 0; i < 50; ++i) EXPECT_EQ(receive(*socket), std::to_string(i));
    auto const end = receive(*socket);
    EXPECT_EQ(end.error().reason, "socket_closed");
    EXPECT_NE(end.error().detail.find("1000"), std::string::npos) << end.error().detail;
}

TEST_F(WebSockets, pings_keep_a_quiet_socket_and_find_a_dead_one) {
    router.add_socket(
        {.pattern = "/quiet", .handler = [](Request&, WebSocket& socket) -> Task<void> {
             co_await socket.receive(120ms);  // the answers to pings come from here
             socket.send("at last");
             co_await socket.receive(60s);
         }});
    router.add_socket({.pattern = "/dead", .handler = [](Request&, WebSocket&) -> Task<void> {
                           co_await sleep_for(std::chrono::hours(1));
                       }});
    serve();
    auto const quiet = connect("/echo/bob");
    ASSERT_TRUE(quiet);
    EXPECT_EQ(receive(*quiet), "hello bob");
    // Nothing but pongs for five times the idle time.
    auto const speak = [](WebSocket& socket) -> Task<void> {
        co_await sleep_for(200ms);
        socket.send("still here");
    };
    asio::co_spawn(io, speak(**quiet), asio::detached);
    EXPECT_EQ(receive(*quiet, 40ms), "still here");

    auto const dead = connect("/dead");
    ASSERT_TRUE(dead);
    auto const end = receive(*dead, 40ms);
    ASSERT_FALSE(end);
    EXPECT_EQ(end.error().reason, "socket_idle");
    EXPECT_FALSE((*dead)->is_open());
}

TEST_F(WebSockets, a_message_over_the_limit_ends_the_socket) {
    config.max_websocket_message = 100;
    serve();
    auto const socket = connect("/echo/eve");
    ASSERT_TRUE(socket);
    EXPECT_EQ(receive(*socket), "hello eve");
    (*socket)->send(std::string(101, 'x'));
    EXPECT_FALSE(receive(*socket));
    while (server->open_connections() > 0) io.run_one();
    EXPECT_EQ(ended, "socket_message_too_large");
}

TEST_F(WebSockets, a_letter_cut_off_by_an_empty_last_frame_ends_the_socket) {
    serve();
    auto const speak = [](std::uint16_t port) -> Task<std::string> {
        tcp::socket socket(co_await asio::this_coro::executor);
        co_await socket.async_connect({asio::ip::address_v4::loopback(), port},
                                      asio::use_awaitable);
        co_await write_text(socket,
                            "GET /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\n"
                            "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n");
        std::string answer;
        co_await asio::async_read_until(socket, asio::dynamic_buffer(answer), "hello a", quietly);
        // The first byte of a letter of two, and the end of the message; the mask is 0.
        using namespace std::string_literals;
        co_await write_text(socket, "\x01\x81\0\0\0\0\xc3"s + "\x80\x80\0\0\0\0"s);
        answer.clear();
        co_await asio::async_read(socket, asio::dynamic_buffer(answer), quietly);
        co_return answer;
    };
    auto const echoed = run(io, speak(server->port()));
    EXPECT_EQ(echoed.find('\xc3'), std::string::npos);
    while (server->open_connections() > 0) io.run_one();
    EXPECT_EQ(ended, "socket_broken");
}

TEST_F(WebSockets, a_queue_over_its_bound_closes_the_socket) {
    serve();
    auto const many = connect("/echo/x");
    ASSERT_TRUE(many);
    int sent = 0;
    while ((*many)->send("x")) ++sent;
    EXPECT_EQ(sent, 4096);
    EXPECT_FALSE((*many)->is_open());
    EXPECT_EQ(receive(*many).error().reason, "socket_slow_reader");
    auto const large = connect("/echo/x");
    ASSERT_TRUE(large);
    sent = 0;
    while ((*large)->send(std::string(1 << 20, 'x'))) ++sent;
    EXPECT_EQ(sent, 16);
}

TEST_F(WebSockets, bad_handshakes_are_refused) {
    router.set_guard([](Route const& asked, Request& request) -> Task<base::Result<void>> {
        if (asked.access == 0 || request.headers.find("Authorization") == "Bearer good") {
            co_return base::Result<void>();
        }
        co_return base::fail(base::Errc::unauthenticated, "no_token", "Log in.");
    });
    router.add_socket({.pattern = "/closed",
                       .access = 1,
                       .handler = [](Request&, WebSocket& socket) -> Task<void> {
                           socket.send("in");
                           co_return;
                       }});
    serve();
    auto const missing = connect("/none");
    ASSERT_FALSE(missing);
    EXPECT_NE(missing.error().detail.find("404"), std::string::npos) << missing.error().detail;
    EXPECT_FALSE(connect("/closed"));
    auto const good = connect("/closed", {{"Authorization", "Bearer good"}});
    ASSERT_TRUE(good);
    EXPECT_EQ(receive(*good), "in");

    std::string const upgrade =
        "GET /echo/a HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n";
    for (std::string const rest :
         {"\r\n", "Sec-WebSocket-Version: 8\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: short\r\n\r\n",
          "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: "
          "dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nextra"}) {
        EXPECT_TRUE(talk(upgrade + rest).starts_with("HTTP/1.1 400 ")) << rest;
    }
}

TEST_F(WebSockets, the_client_checks_where_it_goes) {
    serve();
    EXPECT_EQ(run(io, connect_websocket("http://x/", client_config, 1s)).error().reason, "bad_url");
    client_config.allowed_origins = {origin("http")};
    EXPECT_EQ(connect("/echo/a").error().reason, "egress_refused");
    client_config.allowed_origins = {origin("ws")};
    EXPECT_TRUE(connect("/echo/a"));
    Peer mute(io, {[](tcp::socket& socket) -> Task<void> { co_await wait_for_close(socket); }});
    client_config.allowed_origins = {"*"};
    auto const url = "ws://127.0.0.1:" + std::to_string(mute.port()) + "/";
    EXPECT_EQ(run(io, connect_websocket(url, client_config, 30ms)).error().reason,
              "socket_timeout");
}

TEST_F(WebSockets, an_object_may_go_while_operations_are_pending) {
    serve();
    auto socket = connect("/echo/a");
    ASSERT_TRUE(socket);
    EXPECT_EQ(receive(*socket), "hello a");
    Message got = "none yet";
    auto const wait = [](WebSocket& ws, Message& out) -> Task<void> {
        out = co_await ws.receive(60s);
    };
    asio::co_spawn(io, wait(**socket, got), asio::detached);
    (*socket)->send(std::string(1 << 20, 'x'));
    (*socket)->ping();
    run(io, sleep_for(1ms));
    socket->reset();
    run(io, sleep_for(5ms));
    ASSERT_FALSE(got);
    while (server->open_connections() > 0) io.run_one();
}

TEST_F(WebSockets, stopping_the_server_says_goodbye) {
    serve();
    auto const socket = connect("/echo/a");
    ASSERT_TRUE(socket);
    EXPECT_EQ(receive(*socket), "hello a");
    Message got = "none yet";
    auto const wait = [](WebSocket& ws, Message& out) -> Task<void> {
        out = co_await ws.receive(60s);
    };
    asio::co_spawn(io, wait(**socket, got), asio::detached);
    run(io, server->stop(5s));
    run(io, sleep_for(5ms));
    ASSERT_FALSE(got);
    EXPECT_NE(got.error().detail.find("1001"), std::string::npos) << got.error().detail;
    EXPECT_EQ(server->open_connections(), 0u);
}

TEST_F(WebSockets, a_handler_that_throws_closes_with_1011) {
    router.add_socket({.pattern = "/throw", .handler = [](Request&, WebSocket&) -> Task<void> {
                           throw std::runtime_error("broken");
                           co_return;
                       }});
    serve();
    auto const socket = connect("/throw");
    ASSERT_TRUE(socket);
    auto const end = receive(*socket);
    ASSERT_FALSE(end);
    EXPECT_NE(end.error().detail.find("1011"), std::string::npos) << end.error().detail;
}

}  // namespace
}  // namespace obscura::net::test
