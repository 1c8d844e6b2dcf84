#include "app/database_setup.hpp"

#include "app/files.hpp"
#include "base/metrics.hpp"
#include "base/random.hpp"
#include "crypto/password.hpp"
#include "store/tenant_store.hpp"
#include "store/user_store.hpp"

#include <chrono>
#include <filesystem>
#include <stdexcept>

namespace obscura::app {
namespace {

using namespace std::chrono_literals;

/// One connection for a few statements.
struct Session {
    base::Metrics metrics;
    store::PgPool pool;

    Session(boost::asio::any_io_executor executor, std::string url)
        : pool(std::move(executor),
               {.url = std::move(url), .connections = 1, .statement_timeout = 60s}, metrics) {}
    ~Session() { pool.close(); }
};

template <class T>
T value_or_throw(base::Result<T> result, char const* what) {
    if (!result) throw std::runtime_error(std::string(what) + ": " + result.error().detail);
    return std::move(*result);
}

ports::AuditStamp by_setup(base::Timestamp now, base::Random& random) {
    return {.id = base::make_uuid_v7(now, random), .actor = "system", .at = now};
}

net::Task<model::TenantId> platform_tenant(store::PgPool& pool, base::Random& random) {
    store::PgTenantStore tenants(pool);
    if (auto const known = co_await tenants.by_slug(std::string(ports::platform_slug)))
        co_return *known;
    auto const now = base::SystemClock{}.now();
    ports::TenantRecord tenant{.id = model::TenantId::make(now, random),
                               .slug = std::string(ports::platform_slug),
                               .name = "Obscura",
                               .kind = ports::TenantKind::platform,
                               .created_at = now};
    auto made = co_await tenants.create(std::move(tenant), by_setup(now, random));
    co_return value_or_throw(std::move(made), "the platform's tenant").id;
}

}  // namespace

std::string migrations_folder() {
    auto installed = executable_folder() + "/../share/obscura/migrations";
    if (std::filesystem::is_directory(installed)) return installed;
    return OBSCURA_SOURCE_DIR "/db/migrations";
}

net::Task<std::vector<std::string>> migrate_database(boost::asio::any_io_executor executor,
                                                     std::string url, std::string folder,
                                                     store::RolePasswords passwords) {
    auto migrations = store::read_migrations(folder);
    Session session(std::move(executor), std::move(url));
    co_await store::ensure_roles(session.pool, std::move(passwords));
    co_return co_await store::migrate(session.pool, std::move(migrations));
}

net::Task<void> ensure_administrator(boost::asio::any_io_executor executor,
                                     StackInfo const& stack) {
    Session session(std::move(executor), stack.app_database_url);
    base::SystemRandom random;
    auto const tenant = co_await platform_tenant(session.pool, random);
    store::PgUserStore users(session.pool);
    if (co_await users.find_by_email(tenant, stack.admin_email)) co_return;
    auto const now = base::SystemClock{}.now();
    ports::UserRecord admin{.id = model::UserId::make(now, random),
                            .tenant = tenant,
                            .email = stack.admin_email,
                            .password_hash = crypto::hash_password(stack.admin_password.reveal()),
                            .is_admin = true,
                            .created_at = now};
    auto made = co_await users.create(std::move(admin), by_setup(now, random));
    (void)value_or_throw(std::move(made), "the first administrator");
}

}  // namespace obscura::app
