#include "store/migrate.hpp"

#include "base/log.hpp"
#include "crypto/hash.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace obscura::store {
namespace {

// The lock ends with the transaction. Whoever waits for it waits for somebody else's migration,
// which may take longer than any statement of a service.
constexpr std::string_view take_lock = R"(
SET LOCAL statement_timeout = 0;
SET LOCAL idle_in_transaction_session_timeout = 0;
SET LOCAL client_min_messages = warning;
SELECT pg_advisory_xact_lock(7310868735421);
CREATE TABLE IF NOT EXISTS schema_migrations (
    number      int PRIMARY KEY,
    name        text NOT NULL,
    checksum    text NOT NULL,  -- SHA-256 of the file
    applied_at  timestamptz NOT NULL DEFAULT now()
);
)";

constexpr Statement read_applied{
    "migrations_applied", "SELECT number, name, checksum FROM schema_migrations ORDER BY number"};
constexpr Statement record_applied{
    "migrations_record",
    "INSERT INTO schema_migrations (number, name, checksum) VALUES ($1, $2, $3)"};

std::string read_file(std::filesystem::path const& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    if (!in.good() && !in.eof()) throw std::runtime_error("cannot read " + path.string());
    return text;
}

/// "0001_first" -> 1
int number_of(std::string const& name) {
    int number = 0;
    bool const shaped =
        name.size() > 5 && name[4] == '_' &&
        std::from_chars(name.data(), name.data() + 4, number).ptr == name.data() + 4;
    if (!shaped) throw std::runtime_error("a migration must be named NNNN_name.sql: " + name);
    return number;
}

/// How many of `migrations` are applied; throws when what is applied is something else.
std::size_t count_applied(PgResult const& rows, std::vector<Migration> const& migrations) {
    auto const applied = static_cast<std::size_t>(rows.size());
    if (applied > migrations.size()) {
        throw std::runtime_error("the database is newer than this program: it has migration " +
                                 rows[rows.size() - 1].string(1));
    }
    for (int i = 0; i < rows.size(); ++i) {
        auto const& ours = migrations[static_cast<std::size_t>(i)];
        auto const row = rows[i];
        if (row.integer(0) != ours.number || row.text(2) != ours.checksum) {
            throw std::runtime_error("migration " + ours.name + " is not the one applied as " +
                                     row.string(1) + ": applied files must not change");
        }
    }
    return applied;
}

net::Task<void> apply_next(PgTransaction& transaction, std::vector<Migration> const& migrations,
                           std::string& applied_now) {
    co_await transaction.execute_script(std::string(take_lock));
    auto const rows = co_await transaction.run(read_applied, {});
    auto const applied = count_applied(rows, migrations);
    if (applied == migrations.size()) co_return;
    auto const& next = migrations[applied];
    co_await transaction.execute_script(next.sql);
    transaction.send(record_applied, Params().add(next.number).add(next.name).add(next.checksum));
    applied_now = next.name;
}

}  // namespace

std::vector<Migration> read_migrations(std::string const& folder) {
    std::vector<Migration> out;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) {
        if (entry.path().extension() != ".sql") continue;
        Migration migration;
        migration.name = entry.path().stem().string();
        migration.number = number_of(migration.name);
        migration.sql = read_file(entry.path());
        migration.checksum = crypto::sha256_hex(migration.sql);
        out.push_back(std::move(migration));
    }
    std::ranges::sort(out, {}, &Migration::number);
    for (std::size_t i = 0; i < out.size(); ++i) {
        if (out[i].number != static_cast<int>(i) + 1) {
            throw std::runtime_error("migrations must be numbered without gap or repetition: " +
                                     out[i].name);
        }
    }
    return out;
}

net::Task<std::vector<std::string>> migrate(PgPool& pool, std::vector<Migration> migrations) {
    std::vector<std::string> names;
    for (;;) {
        std::string applied_now;
        co_await pool.transaction(TenantScope::engine(), [&](PgTransaction& transaction) {
            return apply_next(transaction, migrations, applied_now);
        });
        if (applied_now.empty()) co_return names;
        base::log::info("migrate.applied", {{"name", applied_now}});
        names.push_back(std::move(applied_now));
    }
}

}  // namespace obscura::store
