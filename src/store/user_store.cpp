#include "store/user_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"
#include "store/exposure.hpp"

namespace obscura::store {
namespace {

constexpr Statement insert_user{"user_insert", R"(
    INSERT INTO users (id, tenant_id, email, password_hash, role, created_at)
    VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (id) DO NOTHING)"};
constexpr Statement user_by_id{"user_by_id", R"(
    SELECT id, tenant_id, email, password_hash, role, created_at
      FROM users WHERE id = $1 AND erased_at IS NULL)"};
constexpr Statement user_by_email{"user_by_email", R"(
    SELECT id, tenant_id, email, password_hash, role, created_at
      FROM users WHERE email = $1 AND erased_at IS NULL)"};
constexpr Statement lock_user{"user_lock", R"(
    SELECT 1 FROM users WHERE id = $1 AND erased_at IS NULL FOR UPDATE)"};
constexpr Statement lock_subscriptions{"user_lock_subscriptions", R"(
    SELECT id FROM subscriptions WHERE user_id = $1 AND status <> 'closed' ORDER BY id FOR UPDATE)"};
// First, as the planning of a contract does it.
constexpr Statement lock_connections{"user_lock_connections", R"(
    SELECT id FROM exchange_connections WHERE user_id = $1 ORDER BY id FOR NO KEY UPDATE)"};
constexpr Statement close_subscriptions{"user_close_subscriptions", R"(
    UPDATE subscriptions SET status = 'closed', closed_at = $2
     WHERE user_id = $1 AND status <> 'closed')"};
constexpr Statement remove_connections{"user_remove_connections", R"(
    UPDATE exchange_connections
       SET credentials = '{}', label = 'erased', venue_account = NULL, status = 'removed',
           removed_at = coalesce(removed_at, $2)
     WHERE user_id = $1)"};
constexpr Statement retire_traders{"user_retire_traders", R"(
    UPDATE traders SET status = 'dead', display_name = 'erased' WHERE user_id = $1)"};
constexpr Statement archive_pools{"user_archive_pools", R"(
    UPDATE pools SET status = 'archived', name = 'erased', description = ''
     WHERE owner_user_id = $1 AND kind = 'custom')"};
constexpr Statement remember_origin_of{"user_remember_origin", R"(
    INSERT INTO login_origins (user_id, origin_mac, tenant_id, last_login_at)
    VALUES ($1, $2, $3, $4) ON CONFLICT (user_id, origin_mac)
    DO UPDATE SET last_login_at = greatest(login_origins.last_login_at, $4))"};
constexpr Statement trim_origins{"user_trim_origins", R"(
    DELETE FROM login_origins WHERE user_id = $1 AND origin_mac IN
        (SELECT origin_mac FROM login_origins WHERE user_id = $1
          ORDER BY last_login_at DESC, origin_mac OFFSET $2))"};
constexpr Statement known_origin{"user_knows_origin", R"(
    SELECT EXISTS (SELECT FROM login_origins
                    WHERE user_id = $1 AND origin_mac = $2 AND last_login_at >= $3))"};
constexpr Statement drop_origins{"user_drop_origins",
                                 "DELETE FROM login_origins WHERE user_id = $1"};
constexpr Statement drop_sessions{"user_drop_sessions",
                                  "DELETE FROM refresh_tokens WHERE user_id = $1"};
// Their own, and that to their registration, which was made in nobody's name or the tenant's.
constexpr Statement drop_answers{"user_drop_answers", R"(
    DELETE FROM idempotency_keys WHERE caller = $1 OR response LIKE '%' || $1 || '%')"};
// The address is unique in the tenant: the id takes its place and frees it.
constexpr Statement erase_user{"user_erase", R"(
    UPDATE users SET email = 'erased-' || id, password_hash = '', role = 'user', erased_at = $2
     WHERE id = $1)"};

std::string subject_of(model::UserId id) { return "user:" + id.to_string(); }

ports::UserRecord user_of(Row const& row) {
    return {.id = row.id<model::UserId>(0),
            .tenant = row.id<model::TenantId>(1),
            .email = row.string(2),
            .password_hash = row.string(3),
            .is_admin = row.text(4) == "admin",
            .created_at = row.timestamp(5)};
}

/// Writes of an erasure; their errors come out of the commit.
void send_erasure(PgTransaction& tx, model::UserId id, base::Timestamp at) {
    for (auto const& statement : {close_subscriptions, remove_connections, erase_user})
        tx.send(statement, Params().add(id).add(at));
    for (auto const& statement : {retire_traders, archive_pools, drop_sessions, drop_origins})
        tx.send(statement, Params().add(id));
    tx.send(drop_answers, Params().add(id.to_string()));
}

}  // namespace

ports::Task<base::Result<ports::UserRecord>> PgUserStore::create(ports::UserRecord user,
                                                                 ports::AuditStamp by) {
    auto const params = Params()
                            .add(user.id)
                            .add(user.tenant)
                            .add(user.email)
                            .add(user.password_hash)
                            .add(user.is_admin ? "admin" : "user")
                            .add(user.created_at);
    bool taken = false;
    try {
        auto const body = [&](PgTransaction& tx) -> net::Task<void> {
            auto const made = co_await tx.run(insert_user, params);
            if (made.affected() == 1)
                send_audit(tx, user.tenant, by, "user.register", subject_of(user.id),
                           base::Json::object({{"role", user.is_admin ? "admin" : "user"}}));
        };
        co_await pool_.transaction(TenantScope::of(user.tenant), body);
    } catch (PgError const& e) {
        if (!e.is_unique_violation()) throw;
        taken = true;
    }
    if (taken)
        co_return base::fail(base::Errc::conflict, "email_taken",
                             "There is a user with this e-mail address.");
    auto stored = co_await find(user.tenant, user.id);
    if (!stored) throw std::runtime_error("a user vanished while it was made");
    co_return std::move(*stored);
}

ports::Task<std::optional<ports::UserRecord>> PgUserStore::find(model::TenantId tenant,
                                                                model::UserId id) {
    auto params = Params().add(id);
    auto const rows = co_await pool_.query(TenantScope::of(tenant), user_by_id, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return user_of(rows[0]);
}

ports::Task<std::optional<ports::UserRecord>> PgUserStore::find_by_email(model::TenantId tenant,
                                                                         std::string email) {
    auto params = Params().add(email);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), user_by_email, std::move(params));
    if (rows.empty()) co_return std::nullopt;
    co_return user_of(rows[0]);
}

ports::Task<void> PgUserStore::remember_origin(model::TenantId tenant, model::UserId id,
                                               std::string origin_mac, base::Timestamp at) {
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        tx.send(remember_origin_of, Params().add(id).add_bytes(origin_mac).add(tenant).add(at));
        auto params = Params().add(id).add(max_origins);
        (void)co_await tx.run(trim_origins, std::move(params));
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
}

ports::Task<bool> PgUserStore::knows_origin(model::TenantId tenant, model::UserId id,
                                            std::string origin_mac, base::Timestamp since) {
    auto params = Params().add(id).add_bytes(origin_mac).add(since);
    auto const rows =
        co_await pool_.query(TenantScope::of(tenant), known_origin, std::move(params));
    co_return rows[0].boolean(0);
}

ports::Task<base::Result<void>> PgUserStore::erase(model::TenantId tenant, model::UserId id,
                                                   ports::HeldPositions held, base::Timestamp at,
                                                   ports::AuditStamp by) {
    base::Result<void> answer;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        auto which = Params().add(id);
        auto const user = co_await tx.run(lock_user, std::move(which));
        if (user.empty()) {
            answer = base::fail(base::Errc::not_found, "user_not_found", "There is no such user.");
            co_return;
        }
        tx.send(lock_connections, Params().add(id));
        auto whose = Params().add(id);
        auto const open = co_await tx.run(lock_subscriptions, std::move(whose));
        for (int i = 0; held == ports::HeldPositions::refuse && i < open.size(); ++i) {
            auto const subscription = open[i].id<model::SubscriptionId>(0);
            if (!co_await has_exposure(tx, subscription)) continue;
            answer = base::fail(base::Errc::conflict, "open_positions",
                                "A subscription still holds a position. Close it first, or erase "
                                "with positions=abandon to manage it yourself at the exchange.");
            co_return;
        }
        send_erasure(tx, id, at);
        send_audit(tx, tenant, by, "user.erase", subject_of(id));
    };
    co_await pool_.transaction(TenantScope::of(tenant), body);
    co_return answer;
}

}  // namespace obscura::store
