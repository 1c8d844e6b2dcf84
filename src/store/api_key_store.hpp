#pragma once

#include "ports/api_key_store.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// API keys, as obscura_app.
class PgApiKeyStore final : public ports::ApiKeyStore {
public:
    explicit PgApiKeyStore(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] ports::Task<base::Result<Created>> create(ports::ApiKeyRecord key,
                                                            ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<std::optional<ports::ApiKeyRecord>> find_by_public_id(
        std::string public_id) override;
    [[nodiscard]] ports::Task<std::optional<ports::ApiKeyRecord>> find(model::TenantId tenant,
                                                                       model::ApiKeyId id) override;
    [[nodiscard]] ports::Task<std::vector<ports::ApiKeyRecord>> list(model::TenantId tenant,
                                                                     ports::Page page) override;
    [[nodiscard]] ports::Task<base::Result<Created>> rotate(model::ApiKeyId old,
                                                            base::Timestamp old_ends,
                                                            ports::ApiKeyRecord next,
                                                            ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<base::Result<ports::ApiKeyRecord>> revoke(
        model::TenantId tenant, model::ApiKeyId id, base::Timestamp at,
        ports::AuditStamp by) override;
    [[nodiscard]] ports::Task<void> touch(model::TenantId tenant, model::ApiKeyId id,
                                          base::Timestamp at) override;

private:
    PgPool& pool_;
};

}  // namespace obscura::store
