#include "database.hpp"
#include "store/token_key_store.hpp"

namespace obscura::store::test {
namespace {

constexpr Statement insert_user{
    "insert_user",
    "INSERT INTO users (id, tenant_id, email, password_hash) VALUES ($1, $2, $3, 'x')"};
constexpr Statement emails{"emails", "SELECT email FROM users ORDER BY email"};
constexpr Statement rename_all{"rename_all", "UPDATE users SET email = email || '!'"};
constexpr Statement delete_all{"delete_all", "DELETE FROM users"};

base::Uuid uuid(char last) {
    return *base::parse_uuid(std::string("0190163d-8694-739b-aea5-966c26f8ad9") + last);
}

/// Two tenants with a user each, in a database with the real migrations.
class RowSecurity : public Database {
protected:
    RowSecurity() {
        name = server.create_database("rls");
        for (auto const& [id, slug] : {std::pair(a, "alpha"), std::pair(b, "beta")}) {
            auto const text = id.to_string();
            server.execute(name, "INSERT INTO tenants (tenant_id, slug, name, kind) VALUES ('" +
                                     text + "', '" + slug + "', 'n', 'b2b')");
            server.execute(
                name, "INSERT INTO users (id, tenant_id, email, password_hash) VALUES ('" + text +
                          "', '" + text + "', '" + slug + "', 'x')");
        }
        app = open(config("obscura_app"));
        engine = open(config("obscura_engine"));
    }
    std::vector<std::string> seen(PgPool& pool, TenantScope const& scope) {
        auto const result = query(pool, emails, {}, scope);
        std::vector<std::string> out;
        for (int i = 0; i < result.size(); ++i) out.push_back(result[i].string(0));
        return out;
    }
    std::string state_of(PgPool& pool, Statement const& statement, Params params = {},
                         TenantScope const& scope = TenantScope::engine()) {
        try {
            query(pool, statement, std::move(params), scope);
        } catch (PgError const& e) {
            return e.sqlstate;
        }
        return "";
    }
    static Params user(char id, base::Uuid const& tenant) {
        Params params;
        params.add(uuid(id)).add(tenant).add(std::string("new") + id);
        return params;
    }
    base::Uuid a = uuid('a');
    base::Uuid b = uuid('b');
    TenantScope in_a = TenantScope::of(a);
    TenantScope nowhere = TenantScope::engine();
    std::unique_ptr<PgPool> app;
    std::unique_ptr<PgPool> engine;
};

using Texts = std::vector<std::string>;

TEST_F(RowSecurity, ATenantSeesItsOwnAndNoTenantSeesNothing) {
    EXPECT_EQ(seen(*app, in_a), Texts{"alpha"});
    EXPECT_EQ(seen(*app, TenantScope::of(b)), Texts{"beta"});
    EXPECT_EQ(seen(*app, TenantScope::of(uuid('c'))), Texts{});
    EXPECT_EQ(seen(*app, nowhere), Texts{});
}

TEST_F(RowSecurity, ATenantWritesItsOwnOnly) {
    EXPECT_EQ(state_of(*app, insert_user, user('1', a), in_a), "");
    EXPECT_EQ(state_of(*app, insert_user, user('2', b), in_a), "42501");
    EXPECT_EQ(state_of(*app, insert_user, user('3', a), nowhere), "42501");
    static constexpr Statement move{"move", "UPDATE users SET tenant_id = $1"};
    EXPECT_EQ(state_of(*app, move, Params().add(b), in_a), "42501");
    EXPECT_EQ(query(*app, rename_all, {}, in_a).affected(), 2);
    EXPECT_EQ(query(*app, rename_all, {}, nowhere).affected(), 0);
    EXPECT_EQ(query(*app, delete_all, {}, in_a).affected(), 2);
    EXPECT_EQ(seen(*app, TenantScope::of(b)), Texts{"beta"});
}

TEST_F(RowSecurity, TheEngineWorksForAllTenantsWithinItsGrants) {
    EXPECT_EQ(seen(*engine, nowhere), (Texts{"alpha", "beta"}));
    EXPECT_EQ(state_of(*engine, delete_all), "42501");
    for (Statement const statement : {Statement{"tokens", "SELECT 1 FROM refresh_tokens"},
                                      Statement{"keys", "SELECT 1 FROM api_keys"},
                                      Statement{"look_up", "SELECT tenant_by_slug('alpha')"}}) {
        EXPECT_EQ(state_of(*engine, statement), "42501") << statement.name;
    }
    EXPECT_EQ(query(*engine, {"ahead", "SELECT ensure_partitions(5)"})[0].integer(0), 4);
    EXPECT_EQ(query(*engine, {"again", "SELECT ensure_partitions(5)"})[0].integer(0), 0);
    EXPECT_EQ(state_of(*engine, {"far", "SELECT ensure_partitions(1000)"}), "22023");
    EXPECT_EQ(state_of(*app, {"ahead", "SELECT ensure_partitions(5)"}), "42501");
}

TEST_F(RowSecurity, OfHeldKeysTheGatewaySeesWhatIsPublic) {
    server.execute(name,
                   "INSERT INTO held_keys (key_id, purpose, algorithm, public_key, sealed_key) "
                   "VALUES ('key_" +
                       std::string(32, 'a') + "', 'receipt', 'ed25519', '" + std::string(64, 'a') +
                       "', 'nil:v1:AAAA')");
    EXPECT_EQ(query(*app, {"public", "SELECT key_id, public_key FROM held_keys"}).size(), 1);
    EXPECT_EQ(query(*engine, {"sealed", "SELECT sealed_key FROM held_keys"}).size(), 1);
    EXPECT_EQ(state_of(*app, {"sealed", "SELECT sealed_key FROM held_keys"}), "42501");
    EXPECT_EQ(state_of(*app, {"retire", "UPDATE held_keys SET retired_at = now()"}), "42501");
    EXPECT_EQ(state_of(*engine, {"drop", "DELETE FROM held_keys"}), "42501");
    EXPECT_EQ(state_of(*app, {"sign", "UPDATE receipts SET signature = NULL"}), "42501");
}

TEST_F(RowSecurity, OfHeldKeysTheGatewayKeepsThoseOfAccessTokensAlone) {
    auto const insert = [](char letter, std::string const& purpose) {
        return "INSERT INTO held_keys (key_id, purpose, algorithm, public_key, sealed_key) VALUES "
               "('key_" +
               std::string(32, letter) + "', '" + purpose + "', 'ed25519', '" +
               std::string(64, letter) + "', 'nil:v1:AAAA')";
    };
    auto const own = insert('b', "access_token");
    EXPECT_EQ(state_of(*app, {"insert", own.c_str()}), "42501") << "through its function alone";
    server.execute(name, insert('a', "receipt"));
    EXPECT_TRUE(query(*app, {"none", "SELECT * FROM token_key()"}).empty()) << "not a receipts'";
    PgTokenKeyStore keys(*app);
    EXPECT_FALSE(test::run(io, keys.current()));
    ports::HeldKey const made{.id = "key_" + std::string(32, 'b'),
                              .purpose = ports::KeyPurpose::access_token,
                              .public_key = std::string(64, 'b'),
                              .address = {},
                              .sealed = "nil:v1:AAAB"};
    EXPECT_EQ(test::run(io, keys.keep(made)).id, made.id);
    auto second = made;
    second.id = "key_" + std::string(32, 'c');
    second.public_key = std::string(64, 'c');
    EXPECT_EQ(test::run(io, keys.keep(second)).id, made.id) << "the first one signs";
    EXPECT_EQ(test::run(io, keys.current())->sealed, "nil:v1:AAAB");
    EXPECT_EQ(test::run(io, keys.verifying(base::Timestamp{})).size(), 1U);
    EXPECT_EQ(state_of(*engine, {"engine", "SELECT * FROM token_key()"}), "42501");
    server.execute(name,
                   "UPDATE held_keys SET retired_at = '2026-01-01' WHERE purpose = "
                   "'access_token'");
    EXPECT_EQ(test::run(io, keys.keep(second)).id, second.id);
    auto const day = base::parse_rfc3339("2026-01-01T00:00:00Z").value();
    EXPECT_EQ(test::run(io, keys.verifying(day - std::chrono::seconds(1))).size(), 2U);
    EXPECT_EQ(test::run(io, keys.verifying(day)).size(), 1U);
}

TEST_F(RowSecurity, CuratedPoolsAreSeenByAllAndOthersNot) {
    for (auto const& [id, kind] : {std::pair('1', "curated"), std::pair('2', "partner")}) {
        server.execute(name, "INSERT INTO pools (id, tenant_id, kind, name) VALUES ('" +
                                 uuid(id).to_string() + "', '" + b.to_string() + "', '" + kind +
                                 "', '" + kind + "')");
    }
    static constexpr Statement pools{"pools", "SELECT name FROM pools"};
    auto const result = query(*app, pools, {}, in_a);
    ASSERT_EQ(result.size(), 1);
    EXPECT_EQ(result[0].text(0), "curated");
    EXPECT_EQ(query(*app, {"edit", "UPDATE pools SET name = 'mine'"}, {}, in_a).affected(), 0);
}

TEST_F(RowSecurity, TheLookUpsReturnTheIdAndNothingElse) {
    static constexpr Statement by_slug{"by_slug", "SELECT * FROM tenant_by_slug($1)"};
    auto const found = query(*app, by_slug, Params().add("beta"));
    ASSERT_EQ(found.size(), 1);
    EXPECT_EQ(found[0].uuid(0), b);
    EXPECT_THROW(static_cast<void>(found[0].text(1)), std::runtime_error);
    EXPECT_TRUE(query(*app, by_slug, Params().add("gamma"))[0].is_null(0));
    server.execute(name, "UPDATE tenants SET status = 'suspended' WHERE slug = 'beta'");
    EXPECT_TRUE(query(*app, by_slug, Params().add("beta"))[0].is_null(0));
    // The tables behind them stay closed.
    EXPECT_EQ(query(*app, {"slugs", "SELECT slug FROM tenants"}).size(), 0);
}

TEST_F(RowSecurity, ALookUpIsNotFooledByATemporaryTable) {
    transact(*app, [this](PgTransaction& t) -> net::Task<void> {
        co_await t.execute_script(
            "CREATE TEMP TABLE tenants (tenant_id uuid, slug text, status text);"
            "GRANT SELECT ON pg_temp.tenants TO PUBLIC;"
            "INSERT INTO pg_temp.tenants VALUES (gen_random_uuid(), 'alpha', 'active');");
        auto const found = co_await t.run({"look_up", "SELECT tenant_by_slug('alpha')"}, {});
        EXPECT_EQ(found[0].uuid(0), a);
    });
}

TEST_F(RowSecurity, EveryTableOfTenantsIsForced) {
    auto const missing = server.execute(
        name,
        "SELECT string_agg(c.relname, ' ') FROM pg_class c "
        "JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' "
        "WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') "
        "AND NOT c.relispartition AND NOT (c.relrowsecurity AND c.relforcerowsecurity)");
    EXPECT_EQ(missing, "");
    // The policies are the parent's, so nobody may reach a partition by its own name.
    auto const reachable =
        server.execute(name,
                       "SELECT string_agg(c.relname, ' ') FROM pg_class c, "
                       "unnest(ARRAY['obscura_app', 'obscura_engine', 'public']) AS role "
                       "WHERE c.relnamespace = 'public'::regnamespace AND c.relispartition "
                       "AND has_table_privilege(role, c.oid, 'SELECT, INSERT, UPDATE, DELETE')");
    EXPECT_EQ(reachable, "");
    EXPECT_NE(server.execute(name, "SELECT count(*) FROM pg_class WHERE relispartition"), "0");
}

TEST_F(RowSecurity, TheServicesRolesCannotChangeTheSchemaOrThemselves) {
    for (auto const& pool : {app.get(), engine.get()}) {
        for (Statement const statement :
             {Statement{"create", "CREATE TABLE mine (id int)"},
              Statement{"unforce", "ALTER TABLE users NO FORCE ROW LEVEL SECURITY"},
              Statement{"become", "SET ROLE obscura_definer"},
              Statement{"drop", "DROP TABLE users"}}) {
            EXPECT_EQ(state_of(*pool, statement), "42501") << statement.name;
        }
    }
    EXPECT_EQ(server.execute(name,
                             "SELECT string_agg(rolname, ' ') FROM pg_roles "
                             "WHERE rolname IN ('obscura_app', 'obscura_engine') "
                             "AND (rolsuper OR rolbypassrls OR NOT rolcanlogin)"),
              "");
    EXPECT_EQ(server.execute(name,
                             "SELECT rolbypassrls AND NOT rolcanlogin FROM pg_roles "
                             "WHERE rolname = 'obscura_definer'"),
              "t");
}

}  // namespace
}  // namespace obscura::store::test
