#include "citadel/secret_json.hpp"

#include "base/decode.hpp"
#include "base/secret.hpp"

namespace obscura::citadel {
namespace {

using base::FieldError;
using base::Json;

constexpr std::size_t max_text = 64 * 1024;
constexpr std::size_t max_name = 128;
constexpr std::size_t max_errors = 50;

void wipe(Json& json) {
    if (json.is_string()) {
        // Json shows its texts read-only; this one is ours and not const.
        base::cleanse(const_cast<std::string&>(json.as_string()));
    } else if (json.is_array()) {
        for (auto& item : json.as_array()) wipe(item);
    } else if (json.is_object()) {
        for (auto& [name, value] : json.as_object()) wipe(value);
    }
}

/// `value` as text of 1 to `max_text` bytes, or what is wrong with it.
std::string_view read_text(Json const* value, std::string const& pointer,
                           std::vector<FieldError>& errors) {
    if (value == nullptr || value->is_null()) {
        errors.push_back({pointer, "required", "Must be given."});
    } else if (!value->is_string()) {
        errors.push_back({pointer, "wrong_type", "Must be a string."});
    } else if (value->as_string().empty() || value->as_string().size() > max_text) {
        errors.push_back({pointer, "out_of_range", "Must have 1 to 65536 bytes."});
    } else {
        return value->as_string();
    }
    return {};
}

std::unexpected<base::Error> refuse(std::vector<FieldError> errors) {
    auto error = base::field_error("", "", "");
    error.fields = std::move(errors);
    return std::unexpected(std::move(error));
}

}  // namespace

SecretJson::~SecretJson() { wipe(json_); }

base::Result<TextInContext> text_in_context(Json const& body, std::string_view name,
                                            ContextUse use) {
    base::ObjectReader in(body);
    TextInContext out;
    out.context = read_caller_context(in, use);
    out.field = in.optional_text("field", {.max = max_name}).value_or("");
    auto const pointer = in.pointer_to(name);
    // The reader would refuse the line breaks of a PEM key: the text is read here, past it.
    auto errors = in.errors();
    std::erase_if(errors, [&](FieldError const& e) { return e.pointer == pointer; });
    if (body.is_object()) out.text = read_text(body.find(name), pointer, errors);
    if (!errors.empty()) return refuse(std::move(errors));
    return out;
}

base::Result<FieldsInContext> fields_in_context(Json const& body, ContextUse use) {
    base::ObjectReader in(body);
    FieldsInContext out;
    out.context = read_caller_context(in, use);
    auto const* data = in.object("data");
    auto errors = in.errors();
    if (data != nullptr) {
        auto const& members = data->as_object();
        if (members.empty() || members.size() > max_bulk_fields) {
            errors.push_back({"/data", "out_of_range", "Must have 1 to 10000 fields."});
            return refuse(std::move(errors));
        }
        out.fields.reserve(members.size());
        base::ObjectReader const names(*data, "/data");
        for (auto const& [name, value] : members) {
            if (errors.size() >= max_errors) break;
            if (name.empty() || name.size() > max_name) {
                errors.push_back({"/data", "invalid_name", "Names must have 1 to 128 bytes."});
                continue;
            }
            // Pointers are built for names with an error only.
            std::vector<FieldError> wrong;
            auto const text = read_text(&value, {}, wrong);
            if (wrong.empty()) {
                out.fields.emplace_back(name, text);
            } else {
                wrong.front().pointer = names.pointer_to(name);
                errors.push_back(std::move(wrong.front()));
            }
        }
    }
    if (!errors.empty()) return refuse(std::move(errors));
    return out;
}

}  // namespace obscura::citadel
