#include "net/session.hpp"

#include "loopback.hpp"

namespace obscura::net::test {
namespace {

using namespace std::chrono_literals;
using Kind = TransportError::Kind;

class Session : public Loopback {
protected:
    std::expected<std::unique_ptr<HttpSession>, TransportError> open(std::string const& where) {
        return run(io, HttpSession::open(io.get_executor(), {.allowed_origins = {"*"}}, where, 5s));
    }
    std::string get(HttpSession& session, std::string const& target = "/") {
        auto const answer = run(io, session.fetch({.target = target}, 5s));
        return answer ? answer->body : "no answer: " + answer.error().detail;
    }
};

TEST_F(Session, never_connects_a_second_time) {
    auto const once = [](tcp::socket& socket) -> Task<void> {
        co_await read_request(socket);
        co_await write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    };
    Peer peer(io, {once});
    auto session = open(peer.origin());
    ASSERT_TRUE(session) << session.error().detail;
    EXPECT_FALSE((*session)->peer_key()) << "without TLS nobody proves anything";
    EXPECT_EQ(get(**session), "ok");
    EXPECT_FALSE(run(io, (*session)->fetch({}, 5s)));
    auto const again = run(io, (*session)->fetch({}, 5s));
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().kind, Kind::not_sent);
    EXPECT_EQ(peer.accepted(), 1U);
}

TEST_F(Session, takes_nothing_for_an_answer_that_came_before_its_question) {
    Event asked_for(io.get_executor()), planted(io.get_executor());
    auto const eager = [&](tcp::socket& socket) -> Task<void> {
        co_await read_request(socket);
        co_await write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
        (void)co_await asked_for.wait(5s);
        co_await write_text(socket, "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nplanted");
        planted.notify();
        co_await read_request(socket);
    };
    Peer peer(io, {eager});
    auto session = open(peer.origin());
    ASSERT_TRUE(session) << session.error().detail;
    EXPECT_EQ(get(**session), "ok");
    asked_for.notify();
    (void)run(io, planted.wait(5s));  // it is in our socket
    auto const answer = run(io, (*session)->fetch({}, 5s));
    ASSERT_FALSE(answer) << answer->body;
    EXPECT_EQ(answer.error().kind, Kind::not_sent);
}

TEST_F(Session, goes_where_it_is_allowed) {
    auto const refused =
        run(io, HttpSession::open(io.get_executor(), {.allowed_origins = {"http://127.0.0.1:1"}},
                                  "http://127.0.0.1:2", 5s));
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().kind, Kind::refused_by_policy);
}

TEST_F(Session, meets_other_routes_once_they_are_others) {
    router.add(route("GET", "/", [](Request&) { return text_response(200, "before"); }));
    serve();
    auto session = open(origin());
    ASSERT_TRUE(session);
    EXPECT_EQ(get(**session), "before");
    Router after;
    after.add(route("GET", "/", [](Request&) { return text_response(200, "after"); }));
    server->serve_by(std::move(after));
    EXPECT_EQ(get(**session), "after") << "on the same connection, too";
}

TEST_F(Session, a_request_under_way_ends_with_the_routes_that_it_met) {
    router.add(route("GET", "/", [this](Request&) {
        server->serve_by(Router());
        return text_response(200, "the last of these");
    }));
    serve();
    auto session = open(origin());
    ASSERT_TRUE(session);
    EXPECT_EQ(get(**session), "the last of these");
    EXPECT_NE(get(**session).find("route_not_found"), std::string::npos);
}

}  // namespace
}  // namespace obscura::net::test
