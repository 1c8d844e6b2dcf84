#include "app/venue_relays.hpp"

#include "attest/trust_roots.hpp"
#include "support/coroutine.hpp"

#include <gtest/gtest.h>

namespace obscura::app {
namespace {

TEST(VenueRelays, LeadWhereAnAddressHasTlsAndNowhereElse) {
    boost::asio::io_context io;
    base::SystemClock const clock;
    base::SeededRandom random{1};
    // Nobody is there: how a request fails tells how far it came.
    std::string const nobody = "http://127.0.0.1:1";
    net::HttpClient http{io.get_executor(), {.allowed_origins = {nobody}}, clock};
    peers::CitadelGate gate{http,  nobody, {.url = nobody, .evidence = {.required = "software"}},
                            clock, random, attest::TrustRoots::production()};
    base::Secret const key(std::string_view("key-of-conductor"));
    VenueRelays relays(
        io.get_executor(), {.citadel_url = nobody, .venue = "binance"},
        {{model::Market::spot,
          {{model::Environment::live, {.rest = "https://venue.test", .stream = ""}},
           {model::Environment::paper, {.rest = "http://127.0.0.1:8010", .stream = ""}}}}},
        key, clock, gate);
    auto const reason = [&](model::Environment environment, model::Market market,
                            std::string venue = "binance") {
        ports::SignItem item{.id = "a",
                             .venue = std::move(venue),
                             .environment = environment,
                             .market = market,
                             .not_after = clock.now() + std::chrono::seconds(5)};
        auto const answer = test::run(io, relays.send(std::move(item)));
        EXPECT_FALSE(answer);
        EXPECT_EQ(answer.error().kind, ports::RelayFailure::Kind::not_sent);
        return answer.error().error.reason;
    };
    using enum model::Environment;
    EXPECT_EQ(reason(live, model::Market::spot), "citadel_unavailable");
    EXPECT_EQ(reason(paper, model::Market::spot), "relay_unreachable") << "no TLS";
    EXPECT_EQ(reason(testnet, model::Market::spot), "relay_unreachable") << "no such place";
    EXPECT_EQ(reason(live, model::Market::futures), "relay_unreachable") << "no such market";
    EXPECT_EQ(reason(live, model::Market::spot, "bybit"), "relay_unreachable") << "another venue";
    test::run(io, relays.stop());
}

}  // namespace
}  // namespace obscura::app
