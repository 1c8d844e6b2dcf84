#include "ports/credential_seal.hpp"

#include <algorithm>
#include <set>

namespace obscura::ports {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::string_view info_label = "obscura/sealed-credential/v1";
constexpr std::string_view suite = "DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, AES-256-GCM";
constexpr std::size_t digest_text = 43;  ///< 32 bytes in base64url
constexpr std::size_t tag_size = 16;
constexpr std::size_t max_symbol = 32;
constexpr std::size_t max_statement_members = 16;

void append_part(std::string& out, std::string_view part) {
    auto const size = static_cast<std::uint32_t>(part.size());
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(size >> shift & 0xff);
    out += part;
}

bool is_symbol(std::string_view text) {
    return !text.empty() && text.size() <= max_symbol && std::ranges::all_of(text, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_' || c == '.' || c == '/';
    });
}

std::vector<std::string> read_symbols(ObjectReader& in) {
    std::vector<std::string> out;
    auto const* given = in.optional_array("symbols", 1, CredentialLimits::max_symbols);
    if (given == nullptr) return out;
    std::set<std::string_view> seen;
    for (std::size_t i = 0; i < given->as_array().size(); ++i) {
        auto const& item = given->as_array()[i];
        auto const pointer = in.pointer_to("symbols") + "/" + std::to_string(i);
        if (!item.is_string() || !is_symbol(item.as_string())) {
            in.absorb({{pointer, "invalid_symbol", "Must be a symbol as the venue spells it."}});
        } else if (!seen.insert(item.as_string()).second) {
            in.absorb({{pointer, "duplicate", "Is in the list already."}});
        } else {
            out.push_back(item.as_string());
        }
    }
    return out;
}

/// Software that calls itself attested, or hardware without a report, is refused here already.
SealingKey::Evidence evidence_in(ObjectReader& in, Json const& json) {
    ObjectReader inner(json, in.pointer_to("evidence"));
    SealingKey::Evidence out{.format = inner.text("format", {.max = 64}),
                             .attested = inner.boolean("attested"),
                             .binding = inner.text("binding", {.max = 256}),
                             .report = inner.optional_text("report", {.max = 2400}).value_or(""),
                             .certificates = {},
                             .statements = {}};
    auto const* list = inner.optional_array("certificates", 0, out.max_certificates);
    for (auto const& item : list != nullptr ? list->as_array() : Json::Array()) {
        auto const text = item.to_text();
        if (!text || text->size() > 8192)
            inner.add_error("certificates", "not_certificates", "Must be DER in base64, each.");
        else
            out.certificates.emplace_back(*text);
    }
    auto const* statements = inner.optional_array("statements", 0, out.max_statements);
    for (auto const& item : statements != nullptr ? statements->as_array() : Json::Array()) {
        if (!item.is_object() || item.as_object().size() > max_statement_members)
            inner.add_error("statements", "not_statements", "Must be auditors' statements, each.");
        else
            out.statements.push_back(item);
    }
    if (out.attested && (out.format == out.software || out.report.empty()))
        inner.add_error("attested", "not_attested", "There is no report that could attest it.");
    in.absorb(inner.errors());
    return out;
}

}  // namespace

std::string seal_info(SealBinding const& binding) {
    std::string out(info_label);
    append_part(out, binding.key_id);
    append_part(out, binding.tenant.to_string());
    append_part(out, binding.user.to_string());
    append_part(out, binding.venue);
    append_part(out, model::to_string(binding.environment));
    append_part(out, model::name_of(binding.purpose, connection_purpose_names));
    append_part(out, binding.one_time_id.to_string());
    return out;
}

Json to_json(SealedCredential const& sealed) {
    auto const& binding = sealed.binding;
    return Json::object({{"v", SealedCredential::version},
                         {"key_id", binding.key_id},
                         {"tenant_id", binding.tenant.to_string()},
                         {"user_id", binding.user.to_string()},
                         {"venue", binding.venue},
                         {"environment", model::to_string(binding.environment)},
                         {"purpose", model::name_of(binding.purpose, connection_purpose_names)},
                         {"one_time_id", binding.one_time_id.to_string()},
                         {"enc", sealed.enc},
                         {"ciphertext", sealed.ciphertext}});
}

base::Result<SealedCredential> sealed_credential_from_json(Json const& json,
                                                           std::string const& pointer) {
    constexpr auto max_ciphertext = (SealedCredential::max_plaintext + tag_size) * 4 / 3 + 3;
    ObjectReader in(json, pointer);
    SealedCredential out;
    if (in.integer("v") != SealedCredential::version && json["v"].is_number())
        in.add_error("v", "not_supported", "Must be 1.");
    out.binding.key_id = in.text("key_id", {.min = digest_text, .max = digest_text});
    out.binding.tenant = model::TenantId{in.uuid("tenant_id")};
    out.binding.user = model::UserId{in.uuid("user_id")};
    out.binding.venue = in.text("venue", {.max = 32});
    out.binding.environment = in.one_of("environment", model::environment_names);
    out.binding.purpose = in.one_of("purpose", connection_purpose_names);
    out.binding.one_time_id = in.uuid("one_time_id");
    out.enc = in.text("enc", {.min = digest_text, .max = digest_text});
    out.ciphertext = in.text("ciphertext", {.max = max_ciphertext});
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return out;
}

Json to_json(CredentialLimits const& limits) {
    auto out = Json::object();
    if (!limits.symbols.empty()) {
        auto symbols = Json::array();
        for (auto const& symbol : limits.symbols) symbols.push_back(symbol);
        out.set("symbols", std::move(symbols));
    }
    if (limits.max_order_notional) out.set("max_order_notional", *limits.max_order_notional);
    if (limits.max_daily_notional) out.set("max_daily_notional", *limits.max_daily_notional);
    return out;
}

base::Result<CredentialLimits> limits_from_json(Json const& json, std::string const& pointer) {
    ObjectReader in(json, pointer);
    CredentialLimits out;
    out.symbols = read_symbols(in);
    out.max_order_notional = in.optional_decimal("max_order_notional", {.positive = true});
    out.max_daily_notional = in.optional_decimal("max_daily_notional", {.positive = true});
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return out;
}

Json to_json(SealingKey const& key) {
    auto evidence = Json::object({{"format", key.evidence.format},
                                  {"attested", key.evidence.attested},
                                  {"binding", key.evidence.binding}});
    if (!key.evidence.report.empty()) {
        auto certificates = Json::array();
        for (auto const& certificate : key.evidence.certificates)
            certificates.push_back(certificate);
        evidence.set("report", key.evidence.report);
        evidence.set("certificates", std::move(certificates));
    }
    if (!key.evidence.statements.empty()) {
        auto statements = Json::array();
        for (auto const& statement : key.evidence.statements) statements.push_back(statement);
        evidence.set("statements", std::move(statements));
    }
    return Json::object({{"v", SealedCredential::version},
                         {"key_id", key.id},
                         {"suite", suite},
                         {"public_key", key.public_key},
                         {"created_at", base::to_rfc3339(key.created_at)},
                         {"expires_at", base::to_rfc3339(key.expires_at)},
                         {"evidence", std::move(evidence)}});
}

base::Result<SealingKey> sealing_key_from_json(Json const& json) {
    ObjectReader in(json);
    SealingKey out;
    if (in.integer("v") != SealedCredential::version && json["v"].is_number())
        in.add_error("v", "not_supported", "Must be 1.");
    if (in.text("suite") != suite && json["suite"].is_string())
        in.add_error("suite", "not_supported", "Must be " + std::string(suite) + ".");
    out.id = in.text("key_id", {.min = digest_text, .max = digest_text});
    out.public_key = in.text("public_key", {.min = digest_text, .max = digest_text});
    out.created_at = in.optional_timestamp("created_at").value_or(base::Timestamp{});
    out.expires_at = in.optional_timestamp("expires_at").value_or(base::Timestamp{});
    if (auto const* evidence = in.object("evidence")) {
        out.evidence = evidence_in(in, *evidence);
    }
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return out;
}

}  // namespace obscura::ports
