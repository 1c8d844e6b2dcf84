#include "store/credential_rotation.hpp"

#include "copies_fixture.hpp"

namespace obscura::store::test {
namespace {

class CredentialRotationTest : public CopiesTest {
protected:
    CredentialRotationTest() {
        sql("UPDATE exchange_connections SET status = 'removed', credentials = '{}'");
        for (auto const* sealed :
             {R"({"api_key": "nil:v1:a", "secret": "nil:v1:b"})",
              R"({"api_key": "nil:v2:a", "secret": "nil:v1:b"})",
              R"({"api_key": "nil:v2:a", "secret": "nil:v2:b"})", R"({"api_key": "nil:a"})"})
            add(sealed);
    }
    void add(std::string const& credentials) {
        ids.push_back(add_connection("follow"));
        sql("UPDATE exchange_connections SET credentials = '" + credentials + "' WHERE id = '" +
            ids.back().to_string() + "'");
    }
    std::vector<model::ConnectionId> next(int version, model::ConnectionId after = {},
                                          std::size_t limit = 10) {
        std::vector<model::ConnectionId> out;
        for (auto const& c : run(io, rotation.next(version, after, limit))) out.push_back(c.id);
        return out;
    }

    CredentialRotation rotation{database};
    std::vector<model::ConnectionId> ids;
};

TEST_F(CredentialRotationTest, FindsWhatIsNotWhollyUnderTheVersion) {
    EXPECT_EQ(next(2), (std::vector{ids[0], ids[1], ids[3]})) << "the form without a version is 1";
    EXPECT_EQ(run(io, rotation.count(2)), 3);
    EXPECT_EQ(next(1), (std::vector{ids[1], ids[2], ids[3]}));
    EXPECT_EQ(next(0), ids) << "all, but for those that have none";
    EXPECT_EQ(next(2, {}, 1), (std::vector{ids[0]}));
    EXPECT_EQ(next(2, ids[0], 1), (std::vector{ids[1]}));
    EXPECT_TRUE(next(2, ids[3]).empty());
}

TEST_F(CredentialRotationTest, TellsWhatTheContextIsMadeOf) {
    auto const first = run(io, rotation.next(2, {}, 1)).at(0);
    EXPECT_EQ(first.tenant, tenant);
    EXPECT_EQ(first.user, user);
    EXPECT_EQ(first.venue, "binance");
    EXPECT_EQ(first.environment, model::Environment::paper);
    EXPECT_EQ(first.purpose, ports::ConnectionPurpose::follow);
    EXPECT_EQ(first.credentials,
              (ports::SealedCredentials{{"api_key", "nil:v1:a"}, {"secret", "nil:v1:b"}}));
}

TEST_F(CredentialRotationTest, ReplacesOnlyWhatItHasRead) {
    auto const before = run(io, rotation.next(2, {}, 1)).at(0).credentials;
    ports::SealedCredentials const after{{"api_key", "nil:v2:c"}, {"secret", "nil:v2:d"}};
    EXPECT_TRUE(run(io, rotation.replace(ids[0], before, after)));
    EXPECT_EQ(next(2), (std::vector{ids[1], ids[3]}));
    EXPECT_FALSE(run(io, rotation.replace(ids[0], before, before))) << "it is another meanwhile";
    sql("UPDATE exchange_connections SET status = 'removed' WHERE id = '" + ids[0].to_string() +
        "'");
    EXPECT_FALSE(run(io, rotation.replace(ids[0], after, before))) << "it is gone";
}

TEST_F(CredentialRotationTest, HeldKeysToo) {
    for (auto const& [digit, version] : {std::pair('a', '1'), std::pair('b', '2')})
        sql(std::string(
                "INSERT INTO held_keys (key_id, purpose, algorithm, public_key, sealed_key, "
                "retired_at) VALUES ('key_") +
            std::string(32, digit) + "', 'receipt', 'ed25519', '" + std::string(64, digit) +
            "', 'nil:v" + version + ":AAAA', now())");
    auto const older = run(io, rotation.held_keys(2));
    ASSERT_EQ(older.size(), 1U) << "retired ones too: they are still there to be opened";
    EXPECT_EQ(older[0].id, "key_" + std::string(32, 'a'));
    EXPECT_EQ(older[0].purpose, ports::KeyPurpose::receipt);
    EXPECT_EQ(run(io, rotation.held_keys(0)).size(), 2U);
    EXPECT_TRUE(run(io, rotation.replace(older[0], "nil:v2:BBBB")));
    EXPECT_FALSE(run(io, rotation.replace(older[0], "nil:v2:CCCC")));
    EXPECT_TRUE(run(io, rotation.held_keys(2)).empty());
}

}  // namespace
}  // namespace obscura::store::test
