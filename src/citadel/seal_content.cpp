#include "citadel/seal_content.hpp"

#include "base/decode.hpp"
#include "citadel/secret_json.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_credential = 4096;
/// Of all venues together; which of them one wants, its row of the table of venues says.
constexpr std::array<std::string_view, 5> names{"api_key", "secret", "private_key", "passphrase",
                                                "key_type"};
constexpr char const* pointer = "/sealed/plaintext";

/// Printable, or the line breaks of a PEM text. The reader would refuse those.
bool is_credential(Json const& value) {
    if (!value.is_string()) return false;
    auto const& text = value.as_string();
    return !text.empty() && text.size() <= max_credential && std::ranges::none_of(text, [](char c) {
        return (static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\r') || c == 0x7f;
    });
}

void read_credentials(ObjectReader& in, std::map<std::string, base::Secret>& into) {
    auto const* given = in.object("credentials");
    if (given == nullptr) return;
    auto const where = in.pointer_to("credentials");
    for (auto const& [name, value] : given->as_object()) {
        if (std::ranges::find(names, name) == names.end()) {
            in.absorb({{where, "unknown_field", ""}});
        } else if (!is_credential(value)) {
            in.absorb({{where + "/" + name, "invalid_text",
                        "Must be 1 to 4096 bytes of text without control characters."}});
        } else {
            into.emplace(name, base::Secret(value.as_string()));
        }
    }
    if (into.empty()) in.add_error("credentials", "out_of_range", "Must have fields.");
}

void read_owner(ObjectReader& in, ports::SealBinding& binding) {
    auto const* owner = in.object("owner");
    if (owner == nullptr) return;
    ObjectReader inner(*owner, in.pointer_to("owner"));
    binding.tenant = model::TenantId{inner.uuid("tenant_id")};
    binding.user = model::UserId{inner.uuid("user_id")};
    in.absorb(inner.errors());
}

/// A name that is not known may be a secret in the wrong place: it is not shown.
void hide_names(std::vector<base::FieldError>& errors) {
    for (auto& error : errors) {
        if (error.code != "unknown_field") continue;
        error.pointer = pointer;
        error.detail = "Has a field that is not known here.";
    }
}

}  // namespace

base::Result<SealContent> SealContent::from_plaintext(base::Secret const& plaintext) {
    auto parsed = base::parse_json(plaintext.reveal(), {.max_depth = 4, .max_members = 1'000});
    if (!parsed)
        return std::unexpected(
            base::field_error(pointer, "not_json", "What is sealed must be a JSON object."));
    SecretJson const json(std::move(*parsed));
    ObjectReader in(json.json(), pointer);
    SealContent out;
    read_credentials(in, out.credentials);
    read_owner(in, out.binding);
    out.binding.venue = in.text("venue", {.max = 32});
    out.binding.environment = in.one_of("environment", model::environment_names);
    out.binding.purpose = in.one_of("purpose", ports::connection_purpose_names);
    out.binding.one_time_id = in.uuid("one_time_id");
    if (auto const* given = in.optional_object("limits")) {
        auto limits = ports::limits_from_json(*given, in.pointer_to("limits"));
        if (limits)
            out.limits = std::move(*limits);
        else
            in.absorb(std::move(limits.error().fields));
    }
    auto errors = in.errors();
    if (errors.empty()) return out;
    hide_names(errors);
    auto error = base::field_error("", "", "");
    error.fields = std::move(errors);
    return std::unexpected(std::move(error));
}

}  // namespace obscura::citadel
