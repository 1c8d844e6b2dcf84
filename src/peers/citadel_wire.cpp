#include "peers/citadel_wire.hpp"

#include "crypto/hex.hpp"
namespace obscura::peers::citadel_wire {
namespace {

using base::Errc;
using base::Error;
using base::Json;
using base::Result;
using ports::SignedRequest;
using ports::SignItem;

std::unexpected<Error> nonsense(std::string what) {
    auto error = Error{.code = Errc::bad_gateway,
                       .reason = "citadel_bad_answer",
                       .detail = "The signing service gave an answer that makes no sense."};
    error.internal = std::move(what);
    return std::unexpected(std::move(error));
}

void append_member(std::string& out, std::string_view before, std::string_view text) {
    out += before;
    base::append_json_string(out, text);
}

std::string text_of(Json const& object, std::string_view key) {
    return std::string(object[key].to_text().value_or(""));
}

Result<SignedRequest> request_from(Json const& item) {
    if (auto const* problem = item.find("error")) return std::unexpected(error_from(*problem));
    auto const expires_at = base::parse_rfc3339(text_of(item, "expires_at"));
    auto const& headers = item["headers"];
    SignedRequest request{.method = text_of(item, "method"),
                          .url = text_of(item, "url"),
                          .body = text_of(item, "body"),
                          .expires_at = expires_at.value_or(base::Timestamp{})};
    if (request.method.empty() || request.url.empty() || !expires_at || !headers.is_object()) {
        return nonsense("an item of /sign lacks method, url, headers or expires_at");
    }
    for (auto const& [name, value] : headers.as_object()) {
        if (!value.is_string()) return nonsense("a header of /sign is no text");
        request.headers.emplace_back(name, value.as_string());
    }
    return request;
}

/// A ciphertext under each name of `asked`.
template <class Asked>
Result<std::map<std::string, std::string>> read_ciphertexts(Json const& answer, Asked const& asked,
                                                            std::string const& route) {
    auto const& sealed = answer["encrypted_data"];
    std::map<std::string, std::string> out;
    for (auto const& [name, _] : asked) {
        auto const text = sealed[name].to_text();
        if (!text || text->empty()) return nonsense(route + " left a field out");
        out.emplace(name, *text);
    }
    return out;
}

}  // namespace

void append_item(std::string& out, SignItem const& item) {
    append_member(out, R"({"id":)", item.id);
    append_member(out, R"(,"venue":)", item.venue);
    append_member(out, R"(,"environment":)", to_string(item.environment));
    append_member(out, R"(,"market":)", to_string(item.market));
    append_member(out, R"(,"context":)", item.context);
    out += R"(,"credentials":{)";
    for (bool first = true; auto const& [name, sealed] : item.credentials) {
        if (!std::exchange(first, false)) out += ',';
        base::append_json_string(out, name);
        append_member(out, ":", sealed);
    }
    out += R"(},"not_after_ms":)";
    out += std::to_string(base::to_unix_ms(item.not_after));
    if (item.venue_now) {
        out += R"(,"venue_now_ms":)";
        out += std::to_string(base::to_unix_ms(*item.venue_now));
    }
    out += R"(,"operation":)";
    out += to_json(item.operation).dump();
    out += '}';
}

std::string sign_body(std::span<SignItem const> items) {
    std::string out = R"({"items":[)";
    out.reserve(items.size() * 700 + 16);
    for (bool first = true; auto const& item : items) {
        if (!std::exchange(first, false)) out += ',';
        append_item(out, item);
    }
    out += "]}";
    return out;
}

Error error_from(Json const& problem) {
    auto const status = problem["status"].to_int64().value_or(500);
    Error error{.reason = text_of(problem, "code"), .detail = text_of(problem, "detail")};
    error.code = status == 400                    ? Errc::invalid_argument
                 : status == 403                  ? Errc::forbidden
                 : status == 429 || status == 503 ? Errc::unavailable
                                                  : Errc::internal;
    if (auto const& fields = problem["errors"]; fields.is_array()) {
        for (auto const& field : fields.as_array()) {
            error.fields.push_back(
                {text_of(field, "pointer"), text_of(field, "code"), text_of(field, "detail")});
        }
    }
    if (error.code == Errc::internal) error.internal = "citadel: " + error.reason;
    return error;
}

std::string encrypt_body(std::string_view context,
                         std::map<std::string, base::Secret> const& fields) {
    std::string out;
    std::size_t size = context.size() + 64;
    // An escaped character takes six bytes: no reallocation may leave a copy behind.
    for (auto const& [name, secret] : fields) size += 6 * (name.size() + secret.size()) + 8;
    out.reserve(size);
    append_member(out, R"({"context":)", context);
    out += R"(,"data":{)";
    for (bool first = true; auto const& [name, secret] : fields) {
        if (!std::exchange(first, false)) out += ',';
        base::append_json_string(out, name);
        append_member(out, ":", secret.reveal());
    }
    out += "}}";
    return out;
}

std::string open_sealed_body(ports::ConnectionRecord const& connection,
                             ports::SealedCredential const& sealed) {
    auto const purpose = model::name_of(connection.purpose, ports::connection_purpose_names);
    return Json::object({{"connection_id", connection.id.to_string()},
                         {"tenant_id", connection.tenant.to_string()},
                         {"user_id", connection.user.to_string()},
                         {"venue", connection.venue},
                         {"environment", to_string(connection.environment)},
                         {"purpose", purpose},
                         {"sealed", to_json(sealed)}})
        .dump();
}

Error unavailable(std::string internal) {
    return {.code = Errc::unavailable,
            .reason = "citadel_unavailable",
            .detail = "The signing service did not answer.",
            .internal = std::move(internal)};
}

Result<Json> answer_body(unsigned status, std::string_view body) {
    auto parsed = base::parse_json(body);
    if (status == 200 || status == 201) {
        if (!parsed) return nonsense("not JSON: " + parsed.error().detail);
        return parsed;
    }
    // 400 is the caller's to mend. Anything else is between citadel and this process: a wrong key
    // is not the end user's 403.
    if (status == 400 && parsed) return std::unexpected(error_from(*parsed));
    if (status == 429 || status == 502 || status == 503 || status == 504) {
        return base::fail(Errc::unavailable, "citadel_unavailable",
                          "The signing service is busy or stopping.");
    }
    auto const code = parsed ? text_of(*parsed, "code") : std::string();
    return std::unexpected(base::internal_error("citadel answered " + std::to_string(status) + " " +
                                                code.substr(0, 64)));
}

Result<std::vector<Result<SignedRequest>>> read_signed(Json const& answer,
                                                       std::span<SignItem const> asked) {
    auto const& items = answer["items"];
    if (!items.is_array() || items.as_array().size() != asked.size()) {
        return nonsense("/sign answered another number of items");
    }
    std::vector<Result<SignedRequest>> out;
    out.reserve(asked.size());
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto const& item = items.as_array()[i];
        if (item["id"].to_text() != asked[i].id) return nonsense("/sign answered other ids");
        out.push_back(request_from(item));
    }
    return out;
}

Result<std::map<std::string, std::string>> read_encrypted(
    Json const& answer, std::map<std::string, base::Secret> const& asked) {
    return read_ciphertexts(answer, asked, "/encrypt-bulk");
}

Result<std::map<std::string, std::string>> read_rewrapped(
    Json const& answer, std::map<std::string, std::string> const& asked) {
    return read_ciphertexts(answer, asked, "/rewrap-bulk");
}

Result<ports::SealingKey> read_sealing_key(Json const& answer) {
    auto key = ports::sealing_key_from_json(answer);
    if (!key) return nonsense("/sealing-key answered no sealing key");
    return key;
}

Result<ports::AuditHead> read_audit_head(Json const& answer) {
    auto const is_hex = [&](std::string_view field, auto& out) {
        return crypto::hex_decode_into(text_of(answer, field), out);
    };
    auto const log = base::parse_uuid(text_of(answer, "log"));
    auto const at = base::parse_rfc3339(text_of(answer, "at"));
    auto const sequence = answer["sequence"].to_int64().value_or(0);
    ports::AuditHead head{.sequence = sequence};
    bool const is_head = log && at && sequence > 0 && is_hex("link", head.link) &&
                         is_hex("signature", head.signature) && is_hex("key", head.key);
    if (!is_head) return nonsense("/audit-head answered no head");
    head.log = *log;
    head.at = *at;
    return head;
}

Result<ports::SealedCredentials> read_opened(Json const& answer) {
    auto const& fields = answer["encrypted_data"];
    if (!fields.is_object() || fields.as_object().empty())
        return nonsense("/open-sealed answered no fields");
    ports::SealedCredentials out;
    for (auto const& [name, value] : fields.as_object()) {
        auto const text = value.to_text();
        if (!text || !text->starts_with("nil:"))
            return nonsense("/open-sealed answered a field that is no ciphertext");
        out.emplace(name, *text);
    }
    return out;
}

std::string make_key_body(ports::KeyPurpose purpose) {
    return Json::object({{"purpose", model::name_of(purpose, ports::key_purpose_names)}}).dump();
}

Result<ports::HeldKey> read_held_key(Json const& answer, ports::KeyPurpose purpose) {
    ports::HeldKey key{.id = text_of(answer, "key_id"),
                       .purpose = purpose,
                       .public_key = text_of(answer, "public_key"),
                       .address = text_of(answer, "address"),
                       .sealed = text_of(answer, "sealed_key")};
    bool const is_whole =
        !key.id.empty() && !key.public_key.empty() && key.sealed.starts_with("nil:") &&
        text_of(answer, "purpose") == model::name_of(purpose, ports::key_purpose_names);
    if (!is_whole) return nonsense("/keys answered no key");
    return key;
}

std::string statements_body(std::span<ports::StatementItem const> items) {
    auto list = Json::array();
    for (auto const& item : items)
        list.push_back(
            Json::object({{"id", item.id},
                          {"key", item.sealed_key},
                          {"purpose", model::name_of(item.purpose, ports::key_purpose_names)},
                          {"statement", item.statement}}));
    return Json::object({{"items", std::move(list)}}).dump();
}

Result<std::vector<Result<ports::StatementSignature>>> read_statement_signatures(
    Json const& answer, std::span<ports::StatementItem const> asked) {
    auto const& items = answer["items"];
    if (!items.is_array() || items.as_array().size() != asked.size())
        return nonsense("/sign-statement answered another number of items");
    std::vector<Result<ports::StatementSignature>> out;
    for (std::size_t i = 0; i < asked.size(); ++i) {
        auto const& item = items.as_array()[i];
        if (item["id"].to_text() != asked[i].id)
            return nonsense("/sign-statement answered other ids");
        auto const* problem = item.find("error");
        out.push_back(
            problem != nullptr
                ? Result<ports::StatementSignature>(std::unexpected(error_from(*problem)))
                : ports::StatementSignature{.key_id = text_of(item, "key_id"),
                                            .signature = text_of(item, "signature"),
                                            .raw_transaction = text_of(item, "raw_transaction")});
    }
    return out;
}

}  // namespace obscura::peers::citadel_wire
