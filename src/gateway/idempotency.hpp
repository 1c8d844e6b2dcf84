#pragma once

#include "base/random.hpp"
#include "base/secret.hpp"
#include "gateway/call.hpp"
#include "ports/idempotency_store.hpp"
#include "ports/tenant_store.hpp"

#include <string>

namespace obscura::gateway {

/// Idempotency-Key (interfaces.md §2). The first answer is kept for a day and given again. After a
/// failure, or a refusal that body and record had no part in, the request may be made again and
/// creates the same id, so that a first try whose commit went unanswered is found and not doubled.
class IdempotencyGate {
public:
    /// `pepper` keys the fingerprints of bodies: some hold passwords.
    IdempotencyGate(ports::IdempotencyStore& store, ports::TenantStore& tenants,
                    base::Secret const& pepper, base::Random& random)
        : store_(store), tenants_(tenants), pepper_(pepper), random_(random) {}

    /// Runs the handler, or answers from the record.
    [[nodiscard]] Task<base::Result<net::Response>> run(Endpoint const& endpoint, Call& call);

private:
    /// The right to answer the request: while it is ours, nobody else does.
    struct Claim {
        ports::IdempotencyKey key;
        base::Timestamp started_at;
    };
    [[nodiscard]] Task<base::Result<net::Response>> run_under(Endpoint const& endpoint, Call& call,
                                                              std::string key);
    [[nodiscard]] Task<base::Result<net::Response>> run_first(Endpoint const& endpoint, Call& call,
                                                              Claim claim);
    [[nodiscard]] Task<void> keep(Claim claim, net::Response const& response);
    [[nodiscard]] Task<void> let_go(Claim claim);
    [[nodiscard]] Task<base::Result<model::TenantId>> tenant_of(ports::Caller const& caller);
    [[nodiscard]] base::Uuid id_for(ports::IdempotencyKey const& key, base::Timestamp first) const;

    ports::IdempotencyStore& store_;
    ports::TenantStore& tenants_;
    base::Secret const& pepper_;
    base::Random& random_;
    std::optional<model::TenantId> platform_;
};

}  // namespace obscura::gateway
