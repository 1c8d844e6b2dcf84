#include "app/receipt_check.hpp"

#include "base/decode.hpp"
#include "crypto/ed25519.hpp"
#include "crypto/hex.hpp"
#include "model/receipt.hpp"

#include <algorithm>

namespace obscura::app {
namespace {

using base::Json;
using base::Result;

std::unexpected<base::Error> failed(char const* check, std::string detail) {
    return base::fail(base::Errc::invalid_argument, check, std::move(detail));
}

/// As the check that failed, with what is wrong where.
std::unexpected<base::Error> failed(char const* check, base::Error error) {
    error.reason = check;
    return std::unexpected(std::move(error));
}

struct Signature {
    std::string key_id;
    std::vector<std::uint8_t> bytes;
};

/// The receipt without its signature, and that.
Result<std::pair<Json, Signature>> parts_of(std::string_view text) {
    auto document = base::parse_json(text);
    if (!document) return failed("document", std::move(document.error()));
    if (!document->is_object()) return failed("document", "Must be an object.");
    auto const given = (*document)["signature"];
    if (given.is_null()) return failed("unsigned", "The receipt has no signature.");
    std::erase_if(document->as_object(), [](auto const& m) { return m.first == "signature"; });
    base::ObjectReader in(given, "/signature");
    Signature signature{.key_id = in.text("key_id"), .bytes = {}};
    if (in.text("algorithm") != "ed25519")
        in.add_error("algorithm", "unknown_algorithm", "Must be ed25519.");
    auto const bytes = crypto::hex_decode(in.text("value"));
    if (!bytes) in.add_error("value", "not_hex", "Must be 128 hex digits.");
    (void)in.text("keys");
    if (auto good = in.finish(); !good) return failed("document", std::move(good.error()));
    signature.bytes = *bytes;
    return std::pair(std::move(*document), std::move(signature));
}

struct ListedKey {
    crypto::Ed25519PublicKey key;
    std::optional<base::Timestamp> retired_at;
};

Result<ListedKey> find_key(std::string_view text, std::string const& id) {
    auto const list = base::parse_json(text);
    if (!list) return failed("keys", list.error());
    if (!(*list)["keys"].is_array()) return failed("keys", "Must have an array of keys.");
    for (auto const& listed : (*list)["keys"].as_array()) {
        if (listed["key_id"].to_text() != id || listed["algorithm"].to_text() != "ed25519")
            continue;
        auto const raw =
            crypto::hex_decode(listed["public_key"].to_text().value_or(std::string_view()));
        auto key =
            crypto::Ed25519PublicKey::from_bytes(raw ? crypto::Bytes(*raw) : crypto::Bytes());
        if (!key) return failed("keys", std::move(key.error()));
        auto const retired = listed["retired_at"].to_text();
        auto const at = retired ? base::parse_rfc3339(*retired) : std::nullopt;
        if (retired && !at) return failed("keys", "retired_at is no time.");
        return ListedKey{.key = std::move(*key), .retired_at = at};
    }
    return failed("key", "The key " + id + " is not among those given.");
}

}  // namespace

Result<CheckedReceipt> check_receipt(std::string_view receipt, std::string_view keys) {
    auto parts = parts_of(receipt);
    if (!parts) return std::unexpected(std::move(parts.error()));
    auto const& [document, signature] = *parts;
    auto text = model::receipt_text(document);
    if (!text) return failed("document", std::move(text.error()));
    auto const listed = find_key(keys, signature.key_id);
    if (!listed) return std::unexpected(listed.error());
    if (!listed->key.verify(*text, signature.bytes))
        return failed("signature", "The signature is not of this receipt by this key.");
    auto const created_at = base::parse_rfc3339(document["created_at"].as_string());
    if (listed->retired_at && *created_at > *listed->retired_at)
        return failed("key_validity", "The receipt is younger than the end of its key.");
    return CheckedReceipt{.id = document["id"].as_string(),
                          .key_id = signature.key_id,
                          .key_retired_at = listed->retired_at};
}

}  // namespace obscura::app
