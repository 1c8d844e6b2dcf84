#include "base/random.hpp"
#include "store/detail/scram.hpp"
#include "store/migrate.hpp"

#include <array>
#include <span>

namespace obscura::store {
namespace {

constexpr std::string_view make_roles = R"(
SELECT pg_advisory_xact_lock(7310868735422);
DO $$
DECLARE wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY['obscura_app', 'obscura_engine', 'obscura_definer'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
            BEGIN
                EXECUTE format('CREATE ROLE %I', wanted);
            EXCEPTION WHEN duplicate_object OR unique_violation THEN
                NULL;  -- made meanwhile, from another database of this cluster
            END;
        END IF;
    END LOOP;
END $$;
ALTER ROLE obscura_app LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
ALTER ROLE obscura_engine LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
ALTER ROLE obscura_definer NOLOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOINHERIT;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO obscura_app, obscura_engine, obscura_definer;
)";

/// A verifier is base64 and punctuation; quoting it all the same costs nothing.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (char const c : text) {
        if (c == '\\' || c == '\0') throw std::invalid_argument("not a plain literal");
        if (c == '\'') out += '\'';
        out += c;
    }
    return out + "'";
}

std::string set_password(std::string_view role, base::Secret const& password) {
    if (password.empty()) return "";
    base::SystemRandom random;
    std::array<std::uint8_t, 16> salt{};
    random.fill(std::as_writable_bytes(std::span(salt)));
    return "ALTER ROLE " + std::string(role) + " PASSWORD " +
           quoted(scram_verifier(password, salt)) + ";\n";
}

net::Task<void> run_script(PgTransaction& transaction, std::string const& sql) {
    co_await transaction.execute_script(sql);
}

}  // namespace

net::Task<void> ensure_roles(PgPool& pool, RolePasswords passwords) {
    auto const sql = std::string(make_roles) + set_password("obscura_app", passwords.app) +
                     set_password("obscura_engine", passwords.engine);
    co_await pool.transaction(TenantScope::engine(), [&sql](PgTransaction& transaction) {
        return run_script(transaction, sql);
    });
}

}  // namespace obscura::store
