// What KeyVault promises of sealed credentials, held by citadel behind its client and by the fake
// that the gateway's tests use.
#include "citadel/service.hpp"
#include "net/server.hpp"
#include "peers/citadel_client.hpp"
#include "peers/credential_seal.hpp"
#include "support/coroutine.hpp"
#include "support/fakes/peers.hpp"

#include <gtest/gtest.h>

namespace obscura::peers {
namespace {

using namespace std::chrono_literals;
using obscura::test::run;

struct VaultWorld {
    virtual ~VaultWorld() = default;
    [[nodiscard]] virtual ports::KeyVault& vault() = 0;
    boost::asio::io_context io;
    base::SystemClock clock;
    base::SeededRandom random{7};
};

struct FakeWorld final : VaultWorld {
    ports::KeyVault& vault() override { return fake; }
    test::FakeKeyVault fake;
};

struct CitadelWorld final : VaultWorld {
    CitadelWorld() {
        server.start();
        auto const url = "http://127.0.0.1:" + std::to_string(server.port());
        client.emplace(http, CitadelClientConfig{.url = url, .evidence = {.required = "software"}},
                       base::Secret(std::string_view("key-of-gateway")), clock, random);
    }
    ~CitadelWorld() override {
        http.close();
        run(io, server.stop(1s));
    }
    ports::KeyVault& vault() override { return *client; }
    static citadel::Config config() {
        citadel::Config out;
        out.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        out.caller_keys[0] = base::Secret(std::string_view("key-of-gateway"));
        return out;
    }
    base::Metrics metrics;
    citadel::Service service{config(), clock, random, metrics};
    net::HttpServer server{io.get_executor(), {}, service.router(), clock, random};
    net::HttpClient http{io.get_executor(), {.allowed_origins = {"*"}}, clock};
    std::optional<CitadelClient> client;
};

struct World {
    std::string_view name;
    std::unique_ptr<VaultWorld> (*make)();
};

class KeyVaultContract : public ::testing::TestWithParam<World> {
protected:
    std::unique_ptr<VaultWorld> world_ = GetParam().make();

    template <class Tag>
    base::Id<Tag> id() {
        return base::Id<Tag>::make(world_->clock.now(), world_->random);
    }
    ports::ConnectionRecord connection() {
        return {.id = id<model::ConnectionTag>(),
                .tenant = id<model::TenantTag>(),
                .user = id<model::UserTag>(),
                .venue = "binance"};
    }
    ports::SealedCredential seal_for(ports::ConnectionRecord const& connection) {
        auto key = run(world_->io, world_->vault().sealing_key());
        EXPECT_TRUE(key) << key.error().detail;
        // The fake's key is none: what it opens was never sealed.
        if (GetParam().name == "fake")
            return {.binding = {.key_id = key->id,
                                .tenant = connection.tenant,
                                .user = connection.user,
                                .venue = connection.venue,
                                .one_time_id = id<model::UserTag>().value}};
        CredentialToSeal credential{
            .tenant = connection.tenant, .user = connection.user, .venue = connection.venue};
        credential.credentials.emplace("api_key", base::Secret(std::string_view("key")));
        credential.credentials.emplace("secret", base::Secret(std::string_view("secret")));
        auto sealed = seal_credential(*key, credential, world_->clock.now(), software_sealing(),
                                      world_->random);
        EXPECT_TRUE(sealed) << sealed.error().detail;
        return *sealed;
    }
    /// "" when it opens.
    std::string open(ports::ConnectionRecord connection, ports::SealedCredential sealed) {
        auto const opened =
            run(world_->io, world_->vault().open_sealed(std::move(connection), std::move(sealed)));
        if (!opened) return opened.error().reason;
        for (auto const& [name, text] : *opened) EXPECT_TRUE(text.starts_with("nil:v1:")) << name;
        EXPECT_TRUE(opened->contains("api_key") && opened->contains("secret"));
        return "";
    }
};

TEST_P(KeyVaultContract, OpensForItsOwner) {
    auto const mine = connection();
    EXPECT_EQ(open(mine, seal_for(mine)), "");
}

TEST_P(KeyVaultContract, OpensForNobodyElse) {
    auto const mine = connection();
    auto const sealed = seal_for(mine);
    auto other = mine;
    other.user = id<model::UserTag>();
    EXPECT_EQ(open(other, sealed), "seal_for_another_owner");
    other = mine;
    other.tenant = id<model::TenantTag>();
    EXPECT_EQ(open(other, sealed), "seal_for_another_owner");
}

TEST_P(KeyVaultContract, ASealMakesOneConnection) {
    auto const mine = connection();
    auto const sealed = seal_for(mine);
    EXPECT_EQ(open(mine, sealed), "");
    EXPECT_EQ(open(mine, sealed), "") << "the same one again, after an answer that got lost";
    auto other = mine;
    other.id = id<model::ConnectionTag>();
    EXPECT_EQ(open(other, sealed), "seal_used");
}

INSTANTIATE_TEST_SUITE_P(Worlds, KeyVaultContract,
                         ::testing::Values(World{"fake",
                                                 []() -> std::unique_ptr<VaultWorld> {
                                                     return std::make_unique<FakeWorld>();
                                                 }},
                                           World{"citadel",
                                                 []() -> std::unique_ptr<VaultWorld> {
                                                     return std::make_unique<CitadelWorld>();
                                                 }}),
                         [](auto const& info) { return std::string(info.param.name); });

}  // namespace
}  // namespace obscura::peers
