#pragma once

#include "ports/held_key.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace obscura::citadel {

/// `{purpose, algorithm?}`. The algorithm is the purpose's own: another one is refused.
[[nodiscard]] base::Result<ports::KeyPurpose> key_request_from_json(base::Json const& body);
/// `{key_id, purpose, algorithm, public_key, address?, sealed_key}`
[[nodiscard]] base::Json to_json(ports::HeldKey const& key);

/// One item of `POST /sign-statement` as it was sent: its id, and what it asks for or what is wrong
/// with it.
struct StatementBatchItem {
    std::string id;
    base::Result<ports::StatementItem> item;
};
/// `{items: [{id, key, purpose, statement}]}`. Refused whole where answers could not be told apart.
[[nodiscard]] base::Result<std::vector<StatementBatchItem>> statements_from_json(
    base::Json const& body);
/// `{id, key_id, signature, raw_transaction?}`, or `{id, error}`.
[[nodiscard]] base::Json to_json(std::string_view id,
                                 base::Result<ports::StatementSignature> const& made);

}  // namespace obscura::citadel
