#include "base/secret.hpp"
#include "loopback.hpp"
#include "net/detail/tls_context.hpp"
#include "net/session.hpp"
#include "net/websocket.hpp"
#include "support/heap_search.hpp"
#include "support/tls_certificate.hpp"

namespace obscura::net::test {
namespace {

using namespace std::chrono_literals;

class Tls : public Loopback {
protected:
    obscura::test::TlsCertificate ours{"server"};
    obscura::test::TlsCertificate other{"other"};
    ClientConfig client_config{.allowed_origins = {"*"}, .tls = {.ca_file = ours.certificate_file}};

    void SetUp() override {
        config.tls =
            TlsServerConfig{.certificate_file = ours.certificate_file, .key_file = ours.key_file};
        router.add(route("POST", "/echo", [](Request& request) -> base::Result<Response> {
            return text_response(200, request.body);
        }));
        router.add_socket(
            {.pattern = "/ws", .handler = [](Request&, WebSocket& socket) -> Task<void> {
                 while (auto text = co_await socket.receive(60s)) {
                     socket.send(std::move(*text));
                 }
             }});
    }
    std::expected<Response, TransportError> post(std::string const& host, std::string body = "hi") {
        HttpClient client(io.get_executor(), client_config, clock);
        auto const where = "https://" + host + ":" + std::to_string(server->port());
        Request request{.method = "POST", .target = "/echo", .body = std::move(body)};
        return run(io, client.fetch(where, std::move(request), 5s));
    }
};

TEST_F(Tls, serves_names_and_addresses_of_the_certificate) {
    serve();
    for (auto const* host : {"localhost", "127.0.0.1"}) {
        auto const answer = post(host);
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body, "hi");
    }
    auto const large = std::string(1 << 20, 'x');
    EXPECT_EQ(post("localhost", large)->body, large);
}

TEST_F(Tls, keeps_and_warms_connections) {
    serve();
    HttpClient client(io.get_executor(), client_config, clock);
    run(io, client.warm(origin("https"), 2));
    run(io, sleep_for(5ms));  // session tickets arrive: unread bytes, but no reason to distrust
    for (int i = 0; i < 4; ++i) {
        Request request{.method = "POST", .target = "/echo", .body = "x"};
        auto const answer = run(io, client.fetch(origin("https"), std::move(request), 5s));
        ASSERT_TRUE(answer) << answer.error().detail;
    }
    EXPECT_EQ(server->open_connections(), 2u);
}

TEST_F(Tls, refuses_strangers_before_anything_is_sent) {
    serve();
    client_config.tls.ca_file = other.certificate_file;
    auto const stranger = post("localhost");
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind, TransportError::Kind::not_sent);
}

TEST_F(Tls, a_name_that_the_certificate_lacks_is_refused) {
    config.address = "0.0.0.0";
    serve();
    auto const answer = post("127.0.0.2");
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().kind, TransportError::Kind::not_sent);
    EXPECT_NE(answer.error().detail.find("TLS"), std::string::npos) << answer.error().detail;
}

TEST_F(Tls, mutual_tls_wants_a_certificate_of_the_right_hand) {
    config.tls->client_ca_file = other.certificate_file;
    serve();
    EXPECT_FALSE(post("localhost"));
    client_config.tls.certificate_file = ours.certificate_file;
    client_config.tls.key_file = ours.key_file;
    EXPECT_FALSE(post("localhost"));
    client_config.tls.certificate_file = other.certificate_file;
    client_config.tls.key_file = other.key_file;
    auto const answer = post("localhost");
    ASSERT_TRUE(answer) << answer.error().detail;
    EXPECT_EQ(answer->body, "hi");
}

TEST_F(Tls, who_the_server_is_counts_besides_where_it_is) {
    serve();
    auto const authority = "localhost:" + std::to_string(server->port());
    client_config.tls.identities = {{authority, "spiffe://test/other"}};
    auto const stranger = post("localhost");
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().kind, TransportError::Kind::not_sent);
    EXPECT_EQ(
        run(io, connect_websocket("wss://" + authority + "/ws", client_config, 5s)).error().reason,
        "socket_not_connected");
    client_config.tls.identities = {{authority, "spiffe://test/server"}};
    EXPECT_TRUE(post("localhost"));
}

TEST_F(Tls, whom_it_does_not_serve_is_told_so) {
    config.tls->client_ca_file = other.certificate_file;
    config.tls->peers = {"spiffe://test/another"};
    client_config.tls.certificate_file = other.certificate_file;
    client_config.tls.key_file = other.key_file;
    router.add(route("POST", "/who", [](Request& request) -> base::Result<Response> {
        return text_response(200, request.peer);
    }));
    serve();
    auto const refused = post("localhost");
    ASSERT_TRUE(refused) << refused.error().detail;
    EXPECT_EQ(refused->status, 403u);
    EXPECT_NE(refused->body.find("peer_not_admitted"), std::string::npos);
    EXPECT_EQ(run(io, connect_websocket("wss://localhost:" + std::to_string(server->port()) + "/ws",
                                        client_config, 5s))
                  .error()
                  .reason,
              "socket_handshake_failed");
}

TEST_F(Tls, tells_handlers_who_asks) {
    config.tls->client_ca_file = other.certificate_file;
    config.tls->peers = {"spiffe://test/another", "spiffe://test/other"};
    client_config.tls.certificate_file = other.certificate_file;
    client_config.tls.key_file = other.key_file;
    std::string peer;
    router.add(route("GET", "/who", [&](Request& request) -> base::Result<Response> {
        peer = request.peer;
        return text_response(200, "");
    }));
    serve();
    HttpClient client(io.get_executor(), client_config, clock);
    ASSERT_TRUE(run(io, client.fetch(origin("https"), {.target = "/who"}, 5s)));
    EXPECT_EQ(peer, "spiffe://test/other");
}

TEST_F(Tls, what_is_plain_is_looked_at_without_tls_and_nothing_else_is) {
    config.tls->plain_paths = {"/health"};
    for (auto const* path : {"/health", "/secret"})
        for (auto const* method : {"GET", "POST"})
            router.add(route(method, path, [](Request&) -> base::Result<Response> {
                return text_response(200, "inside");
            }));
    serve();
    auto const answer_to = [&](std::string const& line) {
        return talk(line + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    };
    EXPECT_NE(answer_to("GET /health").find("inside"), std::string::npos);
    for (auto const* line : {"GET /secret", "POST /health", "GET /health/x", "GET /nowhere"}) {
        auto const told = answer_to(line);
        EXPECT_NE(told.find("403"), std::string::npos) << line;
        EXPECT_NE(told.find("tls_required"), std::string::npos) << line;
    }
    EXPECT_EQ(
        talk("GET /ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
             "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
            .find("101"),
        std::string::npos);
    EXPECT_TRUE(post("localhost"));  // beside it
}

// 127.0.0.2 is this host too, and as good as another one to who knows its own addresses.
TEST_F(Tls, what_is_plain_is_for_this_host_alone) {
    config.tls->plain_paths = {"/health"};
    router.add(route("GET", "/health", [](Request&) -> base::Result<Response> {
        return text_response(200, "inside");
    }));
    serve();
    auto const answer_from = [&](std::string from) {
        return run(io, talk_to(server->port(),
                               "GET /health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
                               false, std::move(from)));
    };
    EXPECT_NE(answer_from("127.0.0.1").find("inside"), std::string::npos);
    EXPECT_NE(answer_from("127.0.0.2").find("tls_required"), std::string::npos);
}

TEST_F(Tls, nothing_is_written_to_another_key_than_the_expected_one) {
    int asked = 0;
    router.add(route("GET", "/count", [&](Request&) -> base::Result<Response> {
        ++asked;
        return text_response(200, "counted");
    }));
    serve();
    HttpClient client(io.get_executor(), client_config, clock);
    auto get = [&](PeerKey expected) {
        auto const where = "https://localhost:" + std::to_string(server->port());
        return run(io, client.fetch(where, {.target = "/count"}, 5s, std::move(expected)));
    };
    auto const first = get(nullptr);
    ASSERT_TRUE(first) << first.error().detail;
    ASSERT_TRUE(first->peer_key);
    EXPECT_GT(first->peer_key->size(), 80U) << "an SPKI of P-256 takes 91 bytes";
    EXPECT_TRUE(get(first->peer_key)) << "on the connection that is open";
    auto key = *first->peer_key;
    key.back() ^= 1;
    auto const other_key = get(std::make_shared<std::vector<std::uint8_t> const>(key));
    ASSERT_FALSE(other_key);
    EXPECT_TRUE(other_key.error().other_key);
    EXPECT_EQ(other_key.error().kind, TransportError::Kind::refused_by_policy);
    EXPECT_EQ(asked, 2);
    EXPECT_TRUE(get(first->peer_key));
}

TEST_F(Tls, a_session_knows_whom_it_talks_to) {
    serve();
    auto session =
        run(io, HttpSession::open(io.get_executor(), client_config, origin("https"), 5s));
    ASSERT_TRUE(session) << session.error().detail;
    ASSERT_TRUE((*session)->peer_key());
    EXPECT_GT((*session)->peer_key()->size(), 80U) << "an SPKI of P-256 takes 91 bytes";
    for (auto const* text : {"one", "two"}) {
        auto const answer =
            run(io, (*session)->fetch({.method = "POST", .target = "/echo", .body = text}, 5s));
        ASSERT_TRUE(answer) << answer.error().detail;
        EXPECT_EQ(answer->body, text);
        EXPECT_EQ(*answer->peer_key, *(*session)->peer_key());
    }
    EXPECT_EQ(server->open_connections(), 1U);
}

TEST_F(Tls, neither_end_keeps_anything_of_what_was_sent) {
    if (!obscura::test::is_heap_searchable) GTEST_SKIP() << "a sanitizer's heap is elsewhere";
    router.add(route("POST", "/take", [](Request& request) -> base::Result<Response> {
        base::cleanse(request.body);
        return text_response(200, "taken");
    }));
    serve();
    obscura::test::TurnedSecret secret{};
    base::SystemRandom().fill(std::as_writable_bytes(std::span(secret)));
    // Within a record that the answer's does not write over.
    std::string body(6'000, 'x');
    for (std::size_t i = 0; i < secret.size(); ++i) body[3'000 + i] = static_cast<char>(~secret[i]);
    EXPECT_EQ(obscura::test::copies_on_heap(secret), 1) << "the search finds it";
    HttpClient client(io.get_executor(), client_config, clock);
    Request request{.method = "POST", .target = "/take", .body = std::move(body)};
    ASSERT_TRUE(run(io, client.fetch(origin("https"), std::move(request), 5s)));
    run(io, sleep_for(20ms));  // both wait for more
    EXPECT_EQ(server->open_connections(), 1U);
    EXPECT_EQ(obscura::test::copies_on_heap(secret), 0);
}

// With one process at both ends the record that is written takes the place of the one that was
// read.
TEST_F(Tls, what_was_deciphered_is_overwritten) {
    auto ours_as_server = detail::make_server_context(*config.tls);
    auto ours_as_client = detail::make_client_context(client_config.tls);
    for (auto* const context : {&ours_as_server, &ours_as_client})
        EXPECT_NE(SSL_CTX_get_options(context->native_handle()) & SSL_OP_CLEANSE_PLAINTEXT, 0U);
}

TEST_F(Tls, carries_websockets) {
    serve();
    auto const url = "wss://localhost:" + std::to_string(server->port()) + "/ws";
    auto const socket = run(io, connect_websocket(url, client_config, 5s));
    ASSERT_TRUE(socket) << socket.error().detail;
    (*socket)->send("over TLS");
    EXPECT_EQ(run(io, (*socket)->receive(5s)), "over TLS");
    run(io, (*socket)->close());
    // To the holder of one key alone.
    HttpClient client(io.get_executor(), client_config, clock);
    auto const answer = run(io, client.fetch(origin("https"), {.target = "/"}, 5s));
    ASSERT_TRUE(answer && answer->peer_key);
    auto const pinned = run(io, connect_websocket(url, client_config, 5s, {}, answer->peer_key));
    EXPECT_TRUE(pinned);
    auto another = std::make_shared<std::vector<std::uint8_t>>(*answer->peer_key);
    another->back() ^= 1;
    auto const stranger = run(io, connect_websocket(url, client_config, 5s, {}, another));
    ASSERT_FALSE(stranger);
    EXPECT_EQ(stranger.error().reason, "other_key");
    client_config.tls.ca_file = other.certificate_file;
    EXPECT_EQ(run(io, connect_websocket(url, client_config, 5s)).error().reason,
              "socket_not_connected");
}

TEST_F(Tls, a_plain_request_to_a_tls_port_is_not_answered) {
    serve();
    EXPECT_EQ(talk("GET /a HTTP/1.1\r\nHost: x\r\n\r\n").find("HTTP/1.1"), std::string::npos);
}

TEST_F(Tls, a_missing_file_stops_the_start) {
    config.tls->key_file = "/nowhere";
    EXPECT_THROW(serve(), std::exception);
    client_config.tls.ca_file = "/nowhere";
    EXPECT_THROW(HttpClient(io.get_executor(), client_config, clock), std::exception);
}

}  // namespace
}  // namespace obscura::net::test
