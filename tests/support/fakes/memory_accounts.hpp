#pragma once

#include "base/random.hpp"
#include "support/fakes/memory_record.hpp"

#include <tuple>

namespace obscura::test {

using ports::Task;

class MemoryTenantStore final : public ports::TenantStore {
public:
    explicit MemoryTenantStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<ports::TenantRecord>> create(ports::TenantRecord tenant,
                                                   ports::AuditStamp by) override {
        record_.reach();
        if (auto const known = record_.tenants.find(tenant.id); known != record_.tenants.end())
            co_return known->second;
        for (auto const& [id, other] : record_.tenants)
            if (other.slug == tenant.slug)
                co_return base::fail(base::Errc::conflict, "slug_taken", "The slug is taken.");
        ++record_.writes;
        record_.note(tenant.id, by, "tenant.create", "tenant:" + tenant.id.to_string());
        co_return record_.tenants.emplace(tenant.id, tenant).first->second;
    }
    Task<std::optional<ports::TenantRecord>> find(model::TenantId id) override {
        record_.reach();
        auto const found = record_.tenants.find(id);
        if (found == record_.tenants.end()) co_return std::nullopt;
        co_return found->second;
    }
    Task<std::optional<model::TenantId>> by_slug(std::string slug) override {
        record_.reach();
        for (auto const& [id, tenant] : record_.tenants)
            if (tenant.slug == slug && tenant.is_active) co_return id;
        co_return std::nullopt;
    }
    Task<std::vector<ports::TenantRecord>> list(ports::Page page) override {
        record_.reach();
        co_return page_of(record_.tenants, page, [](auto const&) { return true; });
    }

private:
    MemoryRecord& record_;
};

class MemoryApiKeyStore final : public ports::ApiKeyStore {
public:
    explicit MemoryApiKeyStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<Created>> create(ports::ApiKeyRecord key, ports::AuditStamp by) override {
        record_.reach();
        if (!record_.tenants.contains(key.tenant))
            co_return base::fail(base::Errc::not_found, "tenant_not_found", "No such tenant.");
        auto const tenant = key.tenant;
        auto const subject = subject_of(key.id);
        auto const created = insert(std::move(key));
        if (created == Created::made) record_.note(tenant, by, "api_key.create", subject);
        co_return created;
    }
    Task<std::optional<ports::ApiKeyRecord>> find_by_public_id(std::string public_id) override {
        record_.reach();
        for (auto const& [id, key] : record_.api_keys)
            if (key.public_id == public_id && record_.tenants.at(key.tenant).is_active)
                co_return key;
        co_return std::nullopt;
    }
    Task<std::optional<ports::ApiKeyRecord>> find(model::TenantId tenant,
                                                  model::ApiKeyId id) override {
        record_.reach();
        auto* key = row(tenant, id);
        if (key == nullptr) co_return std::nullopt;
        co_return *key;
    }
    Task<std::vector<ports::ApiKeyRecord>> list(model::TenantId tenant, ports::Page page) override {
        record_.reach();
        co_return page_of(record_.api_keys, page,
                          [&](auto const& key) { return key.tenant == tenant; });
    }
    Task<base::Result<Created>> rotate(model::ApiKeyId old, base::Timestamp old_ends,
                                       ports::ApiKeyRecord next, ports::AuditStamp by) override {
        record_.reach();
        auto* key = row(next.tenant, old);
        if (key == nullptr)
            co_return base::fail(base::Errc::not_found, "api_key_not_found", "No such key.");
        if (record_.api_keys.contains(next.id)) co_return Created::already_made;
        if (!key->is_usable(next.created_at))
            co_return base::fail(base::Errc::conflict, "key_not_active", "The key is over.");
        key->expires_at = std::min(key->expires_at.value_or(old_ends), old_ends);
        record_.note(next.tenant, by, "api_key.rotate", subject_of(old));
        co_return insert(std::move(next));
    }
    Task<base::Result<ports::ApiKeyRecord>> revoke(model::TenantId tenant, model::ApiKeyId id,
                                                   base::Timestamp at,
                                                   ports::AuditStamp by) override {
        record_.reach();
        auto* key = row(tenant, id);
        if (key == nullptr)
            co_return base::fail(base::Errc::not_found, "api_key_not_found", "No such key.");
        if (!key->revoked_at) {
            key->revoked_at = at;
            record_.note(tenant, by, "api_key.revoke", subject_of(id));
        }
        co_return *key;
    }
    Task<void> touch(model::TenantId tenant, model::ApiKeyId id, base::Timestamp at) override {
        record_.reach();
        if (auto* key = row(tenant, id)) key->last_used_at = at;
        co_return;
    }

private:
    static std::string subject_of(model::ApiKeyId id) { return "api_key:" + id.to_string(); }
    ports::ApiKeyRecord* row(model::TenantId tenant, model::ApiKeyId id) {
        auto const found = record_.api_keys.find(id);
        return found == record_.api_keys.end() || found->second.tenant != tenant ? nullptr
                                                                                 : &found->second;
    }
    Created insert(ports::ApiKeyRecord key) {
        auto const id = key.id;
        if (!record_.api_keys.emplace(id, std::move(key)).second) return Created::already_made;
        ++record_.writes;
        return Created::made;
    }

    MemoryRecord& record_;
};

class MemoryUserStore final : public ports::UserStore {
public:
    explicit MemoryUserStore(MemoryRecord& record) : record_(record) {}
    Task<base::Result<ports::UserRecord>> create(ports::UserRecord user,
                                                 ports::AuditStamp by) override {
        record_.reach();
        if (auto const known = record_.users.find(user.id); known != record_.users.end())
            co_return known->second;
        for (auto const& [id, other] : record_.users)
            if (other.tenant == user.tenant && other.email == user.email)
                co_return base::fail(base::Errc::conflict, "email_taken", "Taken.");
        ++record_.writes;
        record_.note(user.tenant, by, "user.register", "user:" + user.id.to_string());
        co_return record_.users.emplace(user.id, user).first->second;
    }
    Task<std::optional<ports::UserRecord>> find(model::TenantId tenant, model::UserId id) override {
        record_.reach();
        auto const found = record_.users.find(id);
        if (found == record_.users.end() || found->second.tenant != tenant) co_return std::nullopt;
        co_return found->second;
    }
    Task<std::optional<ports::UserRecord>> find_by_email(model::TenantId tenant,
                                                         std::string email) override {
        record_.reach();
        for (auto const& [id, user] : record_.users)
            if (user.tenant == tenant && user.email == email) co_return user;
        co_return std::nullopt;
    }
    Task<void> remember_origin(model::TenantId, model::UserId id, std::string origin_mac,
                               base::Timestamp at) override {
        record_.reach();
        record_.origins[{id, origin_mac}] = at;
        auto const of_user = [&](auto const& entry) { return entry.first.first == id; };
        while (std::ranges::count_if(record_.origins, of_user) > max_origins) {
            auto oldest = record_.origins.end();
            for (auto entry = record_.origins.begin(); entry != record_.origins.end(); ++entry)
                if (of_user(*entry) &&
                    (oldest == record_.origins.end() || entry->second < oldest->second))
                    oldest = entry;
            record_.origins.erase(oldest);
        }
        co_return;
    }
    Task<bool> knows_origin(model::TenantId tenant, model::UserId id, std::string origin_mac,
                            base::Timestamp since) override {
        record_.reach();
        auto const user = record_.users.find(id);
        auto const found = record_.origins.find({id, origin_mac});
        co_return user != record_.users.end() &&
            user->second.tenant == tenant&& found != record_.origins.end() &&
            found->second >= since;
    }
    Task<base::Result<void>> erase(model::TenantId tenant, model::UserId id,
                                   ports::HeldPositions held, base::Timestamp at,
                                   ports::AuditStamp by) override {
        record_.reach();
        auto const found = record_.users.find(id);
        if (found == record_.users.end() || found->second.tenant != tenant)
            co_return base::fail(base::Errc::not_found, "user_not_found", "No such user.");
        for (auto const& [key, subscription] : record_.subscriptions)
            if (held == ports::HeldPositions::refuse && subscription.user == id &&
                record_.has_exposure(key))
                co_return base::fail(base::Errc::conflict, "open_positions", "Held.");
        drop_belongings(id, at);
        record_.note(tenant, by, "user.erase", "user:" + id.to_string());
        record_.users.erase(found);
        ++record_.writes;
        co_return base::Result<void>{};
    }

private:
    void drop_belongings(model::UserId id, base::Timestamp at) {
        for (auto& [key, subscription] : record_.subscriptions) {
            if (subscription.user != id || subscription.status == ports::SubscriptionStatus::closed)
                continue;
            subscription.status = ports::SubscriptionStatus::closed;
            subscription.closed_at = at;
        }
        for (auto& [key, connection] : record_.connections) {
            if (connection.user != id) continue;
            connection.status = ports::ConnectionStatus::removed;
            connection.credentials.clear();
        }
        for (auto& [key, trader] : record_.traders) {
            if (trader.user != id) continue;
            trader.is_active = false;
            trader.display_name = "erased";
        }
        for (auto& [key, pool] : record_.pools)
            if (pool.owner == id && pool.kind == ports::PoolKind::custom)
                pool.status = ports::PoolStatus::archived;
        std::erase_if(record_.sessions,
                      [&](auto const& entry) { return entry.second.token.user == id; });
        std::erase_if(record_.origins, [&](auto const& entry) { return entry.first.first == id; });
    }

    MemoryRecord& record_;
};

class MemoryRefreshTokenStore final : public ports::RefreshTokenStore {
public:
    explicit MemoryRefreshTokenStore(MemoryRecord& record) : record_(record) {}
    Task<void> issue(ports::RefreshToken token, int max_families, ports::AuditStamp by) override {
        record_.reach();
        std::erase_if(record_.sessions, [&](auto const& entry) {
            auto const& known = entry.second;
            return known.token.expires_at < token.issued_at ||
                   (known.token.user == token.user && known.revoked);
        });
        end_idle(token.user, max_families - 1);
        record_.sessions[token.hash] = {.token = token};
        record_.note(token.tenant, by, "session.start", "user:" + token.user.to_string());
        co_return;
    }
    Task<std::optional<Owner>> owner(std::string hash) override {
        record_.reach();
        auto const found = record_.sessions.find(hash);
        if (found == record_.sessions.end()) co_return std::nullopt;
        auto const& token = found->second.token;
        co_return Owner{.tenant = token.tenant, .user = token.user};
    }
    Task<base::Result<ports::RefreshToken>> rotate(std::string hash, ports::RefreshToken next,
                                                   ports::AuditStamp by) override {
        record_.reach();
        auto const now = by.at;
        auto const found = record_.sessions.find(hash);
        if (found == record_.sessions.end() || found->second.revoked ||
            found->second.token.expires_at <= now)
            co_return base::fail(base::Errc::unauthenticated, "invalid_refresh_token", "No.");
        auto& old = found->second;
        if (old.used) {
            revoke(old.token.family);
            record_.note(old.token.tenant, by, "session.reuse",
                         "user:" + old.token.user.to_string());
            co_return base::fail(base::Errc::unauthenticated, "refresh_token_reused", "No.");
        }
        old.used = true;
        next.tenant = old.token.tenant;
        next.user = old.token.user;
        next.family = old.token.family;
        record_.sessions[next.hash] = {.token = next};
        co_return next;
    }
    Task<void> revoke_family(std::string hash, ports::AuditStamp by) override {
        record_.reach();
        auto const found = record_.sessions.find(hash);
        if (found == record_.sessions.end() || found->second.revoked) co_return;
        auto const token = found->second.token;
        revoke(token.family);
        record_.note(token.tenant, by, "session.end", "user:" + token.user.to_string());
        co_return;
    }

private:
    void end_idle(model::UserId user, int left) {
        std::vector<ports::RefreshToken> alive;
        for (auto const& [hash, session] : record_.sessions)
            if (session.token.user == user && !session.used) alive.push_back(session.token);
        std::ranges::sort(alive, std::greater{},
                          [](auto const& token) { return std::pair(token.issued_at, token.id); });
        for (auto i = static_cast<std::size_t>(left); i < alive.size(); ++i)
            std::erase_if(record_.sessions, [&](auto const& entry) {
                return entry.second.token.family == alive[i].family;
            });
    }
    void revoke(base::Uuid family) {
        for (auto& [hash, session] : record_.sessions)
            if (session.token.family == family) session.revoked = true;
    }

    MemoryRecord& record_;
};

class MemoryAuditLog final : public ports::AuditLog {
public:
    explicit MemoryAuditLog(MemoryRecord& record) : record_(record) {}
    Task<void> failed_login(model::TenantId tenant, std::string subject, std::string network,
                            base::Timestamp at) override {
        record_.reach();
        auto const quarter = at - at.time_since_epoch() % std::chrono::minutes(15);
        auto& id = failures_[{tenant, subject, quarter}];
        if (id.is_nil()) id = base::make_uuid_v7(quarter, random_);
        auto& entry = record_.audit[id];
        auto const count = entry.detail["count"].to_int64().value_or(0) + 1;
        entry = {
            .id = id,
            .tenant = tenant,
            .actor = "anonymous",
            .action = "login.failed",
            .subject = subject,
            .detail = base::Json::object(
                {{"count", count}, {"last_at", base::to_rfc3339(at)}, {"last_network", network}}),
            .at = quarter};
        co_return;
    }
    Task<std::vector<ports::AuditEntry>> list(ports::AuditFilter filter,
                                              ports::Page page) override {
        record_.reach();
        std::vector<ports::AuditEntry> entries;
        for (auto row = record_.audit.rbegin(); row != record_.audit.rend(); ++row) {
            auto const& entry = row->second;
            if (entries.size() == static_cast<std::size_t>(page.limit)) break;
            bool const wanted = (!page.before || entry.id < *page.before) &&
                                (!filter.tenant || entry.tenant == *filter.tenant) &&
                                (!filter.actor || entry.actor == *filter.actor) &&
                                (!filter.action || entry.action == *filter.action);
            if (wanted) entries.push_back(entry);
        }
        co_return entries;
    }

private:
    MemoryRecord& record_;
    std::map<std::tuple<model::TenantId, std::string, base::Timestamp>, base::Uuid> failures_;
    base::SeededRandom random_{17};
};

}  // namespace obscura::test
