#pragma once

#include "ports/connection_store.hpp"
#include "ports/held_key.hpp"
#include "store/pg.hpp"

namespace obscura::store {

/// Credentials and held keys by the version of the master key that sealed them, over all tenants:
/// as obscura_engine. Removed connections have none.
class CredentialRotation {
public:
    explicit CredentialRotation(PgPool& pool) : pool_(pool) {}

    /// Connections with a field that is not sealed under `version`; 0: all.
    [[nodiscard]] net::Task<std::int64_t> count(int version);
    /// At most `limit` of them with their credentials, in the order of their ids, after `after`.
    [[nodiscard]] net::Task<std::vector<ports::ConnectionRecord>> next(int version,
                                                                       model::ConnectionId after,
                                                                       std::size_t limit);
    /// False when the credentials are no longer `before`: somebody else has changed them.
    [[nodiscard]] net::Task<bool> replace(model::ConnectionId id,
                                          ports::SealedCredentials const& before,
                                          ports::SealedCredentials const& after);

    /// Held keys that are not sealed under `version`; 0: all. There are a handful.
    [[nodiscard]] net::Task<std::vector<ports::HeldKey>> held_keys(int version);
    [[nodiscard]] net::Task<bool> replace(ports::HeldKey const& before, std::string sealed);

private:
    PgPool& pool_;
};

}  // namespace obscura::store
