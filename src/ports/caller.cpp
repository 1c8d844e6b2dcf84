#include "ports/caller.hpp"

#include "base/decode.hpp"

namespace obscura::ports {
namespace {

constexpr std::size_t max_scopes = 32;

/// An id of ours in text, or an error at `key`.
template <class Id>
std::optional<Id> read_id(base::ObjectReader& reader, std::string_view key) {
    auto const text = reader.optional_text(key, {.max = 64});
    if (!text) return std::nullopt;
    auto const id = Id::parse(*text);
    if (!id) reader.add_error(key, "not_an_id", "Must be an id.");
    return id;
}

std::vector<std::string> read_scopes(base::ObjectReader& reader) {
    std::vector<std::string> scopes;
    auto const* list = reader.optional_array("scopes", 0, max_scopes);
    if (list == nullptr) return scopes;
    for (auto const& item : list->as_array()) {
        if (auto const scope = item.to_text())
            scopes.emplace_back(*scope);
        else
            reader.add_error("scopes", "wrong_type", "Must be an array of strings.");
    }
    return scopes;
}

}  // namespace

base::Json to_json(Caller const& caller) {
    auto json = base::Json::object({{"tenant", caller.tenant.to_string()}});
    if (caller.user) json.set("user", caller.user->to_string());
    if (caller.api_key) json.set("api_key", caller.api_key->to_string());
    auto scopes = base::Json::array();
    for (auto const& scope : caller.scopes) scopes.push_back(scope);
    json.set("scopes", std::move(scopes));
    json.set("is_admin", caller.is_admin);
    json.set("is_test_key", caller.is_test_key);
    return json;
}

base::Result<Caller> caller_from_json(base::Json const& json) {
    base::ObjectReader reader(json);
    Caller caller;
    caller.tenant = model::TenantId{reader.uuid("tenant")};
    caller.user = read_id<model::UserId>(reader, "user");
    caller.api_key = read_id<model::ApiKeyId>(reader, "api_key");
    caller.scopes = read_scopes(reader);
    // A flag that is missing must not read as "no": what it limits would be lost.
    caller.is_admin = reader.boolean("is_admin");
    caller.is_test_key = reader.boolean("is_test_key");
    if (auto const done = reader.finish(); !done) return std::unexpected(done.error());
    return caller;
}

}  // namespace obscura::ports
