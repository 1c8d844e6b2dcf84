#include "loopback.hpp"

#include "base/decimal.hpp"

namespace obscura::net::test {
namespace {

base::Result<Response> say(std::string text) { return text_response(200, std::move(text)); }

class RouterTest : public ::testing::Test {
protected:
    asio::io_context io;
    Router router;

    void add(std::string method, std::string pattern) {
        auto const name = method + " " + pattern;
        router.add(route(std::move(method), std::move(pattern), [name](Request& request) {
            auto text = name;
            for (auto const& [key, value] : request.path_params) text += " " + key + "=" + value;
            return say(text);
        }));
    }
    Response get(std::string target, std::string method = "GET") {
        Request request{.method = std::move(method), .target = std::move(target), .id = "r1"};
        return run(io, router.dispatch(request));
    }
};

TEST_F(RouterTest, prefers_literals_to_captures) {
    add("GET", "/v2/pools/{id}");
    add("GET", "/v2/pools/mine");
    add("GET", "/v2/{kind}/mine");
    add("GET", "/files/{rest*}");
    add("GET", "/");
    EXPECT_EQ(get("/v2/pools/mine").body, "GET /v2/pools/mine");
    EXPECT_EQ(get("/v2/pools/7").body, "GET /v2/pools/{id} id=7");
    EXPECT_EQ(get("/v2/x/mine").body, "GET /v2/{kind}/mine kind=x");
    EXPECT_EQ(get("/v2/pools/a%20b").body, "GET /v2/pools/{id} id=a b");
    EXPECT_EQ(get("/files/a/b.js").body, "GET /files/{rest*} rest=a/b.js");
    EXPECT_EQ(get("/?x=1").body, "GET /");
}

TEST_F(RouterTest, tells_404_from_405) {
    add("GET", "/a/{id}");
    add("POST", "/a/{id}");
    for (auto const* missing : {"/b", "/a", "/a/", "/a/1/", "/a/1/2", "//a/1"}) {
        EXPECT_EQ(get(missing).status, 404u) << missing;
    }
    auto const wrong = get("/a/1", "DELETE");
    EXPECT_EQ(wrong.status, 405u);
    EXPECT_EQ(wrong.headers.find("Allow"), "GET, HEAD, POST, OPTIONS");
    EXPECT_EQ(wrong.headers.find("X-Request-Id"), "r1");
}

TEST_F(RouterTest, answers_head_and_options) {
    add("GET", "/a");
    EXPECT_EQ(get("/a", "HEAD").status, 200u);
    auto const options = get("/a", "OPTIONS");
    EXPECT_EQ(options.status, 204u);
    EXPECT_EQ(options.headers.find("Allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(get("/b", "OPTIONS").status, 404u);
}

TEST_F(RouterTest, asks_the_guard_first) {
    add("GET", "/open");
    auto closed = route("GET", "/closed", [](Request&) { return say("secret"); });
    closed.access = 1;
    router.add(std::move(closed));
    router.set_guard([](Route const& asked, Request&) -> Task<base::Result<void>> {
        if (asked.access == 0) co_return base::Result<void>();
        co_return base::fail(base::Errc::unauthenticated, "no_token", "Log in.");
    });
    EXPECT_EQ(get("/open").status, 200u);
    auto const denied = get("/closed");
    EXPECT_EQ(denied.status, 401u);
    EXPECT_EQ(denied.body.find("secret"), std::string::npos);
}

TEST_F(RouterTest, turns_errors_and_exceptions_into_problems) {
    router.add(route("GET", "/conflict", [](Request&) -> base::Result<Response> {
        return base::fail(base::Errc::conflict, "twice", "Again?");
    }));
    router.add(route("GET", "/throw", [](Request&) -> base::Result<Response> {
        throw std::runtime_error("connection string: secret");
    }));
    router.add(route("GET", "/overflow", [](Request&) -> base::Result<Response> {
        throw base::DecimalOverflow("too large");
    }));
    EXPECT_EQ(get("/conflict").status, 409u);
    auto const thrown = get("/throw");
    EXPECT_EQ(thrown.status, 500u);
    EXPECT_EQ(thrown.body.find("secret"), std::string::npos);
    EXPECT_EQ(get("/overflow").status, 400u);
}

TEST_F(RouterTest, refuses_mistakes_of_the_programmer) {
    add("GET", "/a");
    EXPECT_THROW(add("GET", "/a"), std::logic_error);
    EXPECT_THROW(add("GET", "b"), std::logic_error);
    EXPECT_THROW(add("GET", "/{rest*}/x"), std::logic_error);
}

TEST_F(RouterTest, says_when_a_path_is_a_websocket) {
    router.add_socket({.pattern = "/events"});
    auto const answer = get("/events");
    EXPECT_EQ(answer.status, 400u);
    EXPECT_NE(answer.body.find("websocket_required"), std::string::npos);
}

}  // namespace
}  // namespace obscura::net::test
