#include "store/refresh_token_store.hpp"

#include "store/audit_log.hpp"
#include "store/columns.hpp"

namespace obscura::store {
namespace {

constexpr Statement token_tenant{"refresh_token_tenant", "SELECT tenant_of_refresh_token($1)"};
constexpr Statement insert_token{"refresh_token_insert", R"(
    INSERT INTO refresh_tokens (id, tenant_id, user_id, family_id, token_hash, issued_at, expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7))"};
// Whoever makes or ends a family of a user holds this lock: a family must not end, or the user's
// families be counted, while a token of it is being made.
constexpr Statement lock_owner{"refresh_token_lock_owner",
                               "SELECT 1 FROM users WHERE id = $1 FOR NO KEY UPDATE"};
constexpr Statement lock_owner_by_hash{"refresh_token_lock_owner_by_hash", R"(
    SELECT 1 FROM users WHERE id = (SELECT user_id FROM refresh_tokens WHERE token_hash = $1)
       FOR NO KEY UPDATE)"};
constexpr Statement forget_own_tokens{"refresh_token_forget_own", R"(
    DELETE FROM refresh_tokens
     WHERE user_id = $1 AND (expires_at < $2 OR revoked_at IS NOT NULL))"};
// Those of users who never come back: a few with each login.
constexpr Statement forget_tokens{"refresh_token_forget", R"(
    DELETE FROM refresh_tokens WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM refresh_tokens WHERE tenant_id = $1 AND expires_at < $2
         ORDER BY expires_at LIMIT 8 FOR UPDATE SKIP LOCKED)))"};
// A living family has one token that is not used, its newest.
constexpr Statement end_idle_families{"refresh_token_end_idle", R"(
    DELETE FROM refresh_tokens WHERE user_id = $1 AND family_id IN
        (SELECT family_id FROM refresh_tokens
          WHERE user_id = $1 AND used_at IS NULL AND revoked_at IS NULL
          ORDER BY issued_at DESC, id DESC OFFSET $2))"};
constexpr Statement token_owner{"refresh_token_owner", R"(
    SELECT r.user_id FROM refresh_tokens r JOIN users u ON u.id = r.user_id
     WHERE r.token_hash = $1 AND u.erased_at IS NULL)"};
constexpr Statement lock_token{"refresh_token_lock", R"(
    SELECT r.id, r.user_id, r.family_id, r.expires_at, r.used_at, r.revoked_at
      FROM refresh_tokens r JOIN users u ON u.id = r.user_id
     WHERE r.token_hash = $1 AND u.erased_at IS NULL FOR UPDATE OF r)"};
constexpr Statement use_token{"refresh_token_use",
                              "UPDATE refresh_tokens SET used_at = $2 WHERE id = $1"};
constexpr Statement revoke_tokens{"refresh_token_revoke", R"(
    UPDATE refresh_tokens SET revoked_at = $2 WHERE family_id = $1 AND revoked_at IS NULL)"};
constexpr Statement revoke_by_hash{"refresh_token_revoke_by_hash", R"(
    UPDATE refresh_tokens SET revoked_at = $2 WHERE revoked_at IS NULL AND family_id =
        (SELECT family_id FROM refresh_tokens WHERE token_hash = $1) RETURNING user_id)"};

Params params_of(ports::RefreshToken const& token) {
    return Params()
        .add(token.id)
        .add(token.tenant)
        .add(token.user)
        .add(token.family)
        .add_bytes(token.hash)
        .add(token.issued_at)
        .add(token.expires_at);
}

std::string subject_of(model::UserId id) { return "user:" + id.to_string(); }

std::unexpected<base::Error> invalid_token() {
    return base::fail(base::Errc::unauthenticated, "invalid_refresh_token",
                      "The refresh token is not valid; log in again.");
}

}  // namespace

ports::Task<std::optional<model::TenantId>> PgRefreshTokenStore::tenant_of(std::string hash) {
    auto params = Params().add_bytes(hash);
    auto const rows = co_await pool_.query(TenantScope{}, token_tenant, std::move(params));
    co_return optional_id<model::TenantId>(rows[0], 0);
}

ports::Task<void> PgRefreshTokenStore::issue(ports::RefreshToken token, int max_families,
                                             ports::AuditStamp by) {
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        tx.send(lock_owner, Params().add(token.user));
        tx.send(forget_own_tokens, Params().add(token.user).add(token.issued_at));
        tx.send(forget_tokens, Params().add(token.tenant).add(token.issued_at));
        tx.send(end_idle_families, Params().add(token.user).add(max_families - 1));
        auto params = params_of(token);
        (void)co_await tx.run(insert_token, std::move(params));
        send_audit(tx, token.tenant, by, "session.start", subject_of(token.user));
    };
    co_await pool_.transaction(TenantScope::of(token.tenant), body);
}

ports::Task<std::optional<ports::RefreshTokenStore::Owner>> PgRefreshTokenStore::owner(
    std::string hash) {
    auto const tenant = co_await tenant_of(hash);
    if (!tenant) co_return std::nullopt;
    auto which = Params().add_bytes(hash);
    auto const rows = co_await pool_.query(TenantScope::of(*tenant), token_owner, std::move(which));
    if (rows.empty()) co_return std::nullopt;
    co_return Owner{.tenant = *tenant, .user = rows[0].id<model::UserId>(0)};
}

ports::Task<base::Result<ports::RefreshToken>> PgRefreshTokenStore::rotate(std::string hash,
                                                                           ports::RefreshToken next,
                                                                           ports::AuditStamp by) {
    auto const now = by.at;
    auto const tenant = co_await tenant_of(hash);
    if (!tenant) co_return invalid_token();
    next.tenant = *tenant;
    base::Result<ports::RefreshToken> answer = invalid_token();
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        tx.send(lock_owner_by_hash, Params().add_bytes(hash));
        auto which = Params().add_bytes(hash);
        auto const rows = co_await tx.run(lock_token, std::move(which));
        if (rows.empty()) co_return;
        auto const row = rows[0];
        next.user = row.id<model::UserId>(1);
        next.family = row.uuid(2);
        if (!row.is_null(5) || row.timestamp(3) <= now) co_return;
        if (!row.is_null(4)) {
            // Two hold the same token: one of them is a thief, so neither keeps the session.
            tx.send(revoke_tokens, Params().add(next.family).add(now));
            send_audit(tx, *tenant, by, "session.reuse", subject_of(next.user));
            answer = base::fail(base::Errc::unauthenticated, "refresh_token_reused",
                                "The refresh token was used before; the session is over.");
            co_return;
        }
        auto used = Params().add(row.uuid(0)).add(now);
        (void)co_await tx.run(use_token, std::move(used));
        auto successor = params_of(next);
        (void)co_await tx.run(insert_token, std::move(successor));
        answer = next;
    };
    co_await pool_.transaction(TenantScope::of(*tenant), body);
    co_return answer;
}

ports::Task<void> PgRefreshTokenStore::revoke_family(std::string hash, ports::AuditStamp by) {
    auto const tenant = co_await tenant_of(hash);
    if (!tenant) co_return;
    auto const body = [&](PgTransaction& tx) -> net::Task<void> {
        tx.send(lock_owner_by_hash, Params().add_bytes(hash));
        auto params = Params().add_bytes(hash).add(by.at);
        auto const ended = co_await tx.run(revoke_by_hash, std::move(params));
        if (ended.empty()) co_return;
        send_audit(tx, *tenant, by, "session.end", subject_of(ended[0].id<model::UserId>(0)));
    };
    co_await pool_.transaction(TenantScope::of(*tenant), body);
}

}  // namespace obscura::store
