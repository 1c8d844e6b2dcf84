#pragma once

#include "crypto/ed25519.hpp"
#include "crypto/hex.hpp"
#include "crypto/jws.hpp"
#include "model/access_token.hpp"
#include "ports/token_key_store.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace obscura::test {

/// Keys of access tokens as the record has them, the newest last.
class MemoryTokenKeys final : public ports::TokenKeyStore {
public:
    struct Row {
        ports::HeldKey key;
        std::optional<base::Timestamp> retired_at;
    };
    base::Task<std::optional<ports::HeldKey>> current() override {
        for (auto const& row : rows)
            if (!row.retired_at) co_return row.key;
        co_return std::nullopt;
    }
    base::Task<ports::HeldKey> keep(ports::HeldKey key) override {
        if (auto const known = co_await current()) co_return *known;
        rows.push_back({.key = key, .retired_at = {}});
        co_return key;
    }
    base::Task<std::vector<ports::PublicKeyRecord>> verifying(base::Timestamp since) override {
        ++looks;
        std::vector<ports::PublicKeyRecord> out;
        for (auto row = rows.rbegin(); row != rows.rend(); ++row)
            if (!row->retired_at || *row->retired_at > since)
                out.push_back({.id = row->key.id,
                               .public_key = row->key.public_key,
                               .created_at = {},
                               .retired_at = row->retired_at});
        co_return out;
    }
    void retire(base::Timestamp at) {
        for (auto& row : rows)
            if (!row.retired_at) row.retired_at = at;
    }

    std::vector<Row> rows;
    int looks = 0;
};

/// Signs access tokens as citadel does, with keys that it keeps by name. Insecure, of course.
class FakeTokenSigner final : public ports::StatementSigner {
public:
    base::Task<base::Result<ports::HeldKey>> make_key(ports::KeyPurpose purpose) override {
        if (error) co_return std::unexpected(*error);
        auto const name = "nil:v1:" + std::to_string(keys.size() + 1);
        std::vector<std::uint8_t> const seed(32, static_cast<std::uint8_t>(keys.size() + 1));
        auto key = crypto::Ed25519PrivateKey::from_seed(seed).value();
        auto public_key = crypto::hex_encode(key.public_key().bytes());
        keys.emplace(name, std::move(key));
        co_return ports::HeldKey{.id = "key_" + std::to_string(keys.size()),
                                 .purpose = purpose,
                                 .public_key = std::move(public_key),
                                 .address = {},
                                 .sealed = name};
    }
    base::Task<base::Result<std::vector<base::Result<ports::StatementSignature>>>> sign_statements(
        std::vector<ports::StatementItem> items) override {
        if (error) co_return std::unexpected(*error);
        std::vector<base::Result<ports::StatementSignature>> out;
        for (auto const& item : items) {
            auto const token = model::access_token_from_json(item.statement);
            auto const key = keys.find(item.sealed_key);
            if (!token || key == keys.end()) {
                out.push_back(base::fail(base::Errc::invalid_argument, "refused", "No."));
                continue;
            }
            auto const id = crypto::jwk_thumbprint(key->second.public_key());
            auto const text = crypto::jwt_signing_input(id, model::payload_of(*token));
            out.push_back(ports::StatementSignature{
                .key_id = "key",
                .signature = crypto::hex_encode(key->second.sign(text + spoilt)),
                .raw_transaction = {}});
        }
        co_return out;
    }

    std::map<std::string, crypto::Ed25519PrivateKey> keys;
    std::optional<base::Error> error;
    std::string spoilt;  ///< what it signs beside what it should
};

}  // namespace obscura::test
