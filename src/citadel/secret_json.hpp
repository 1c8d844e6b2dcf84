#pragma once

#include "base/json.hpp"
#include "citadel/caller_context.hpp"

#include <map>
#include <string>
#include <string_view>

namespace obscura::citadel {

/// A parsed body that has secrets in it: every text is wiped with it.
class SecretJson {
public:
    explicit SecretJson(base::Json json) : json_(std::move(json)) {}
    ~SecretJson();
    SecretJson(SecretJson&&) noexcept = default;
    SecretJson& operator=(SecretJson&&) = delete;

    [[nodiscard]] base::Json const& json() const { return json_; }

private:
    base::Json json_;
};

/// `{<name>: text, context?: text, field?: text}`. The text may have line breaks, as PEM keys do.
/// The views live as long as `body`.
struct TextInContext {
    std::string_view text;
    std::string context;
    std::string field;  ///< what the text is called in the record of the context; "" for no name
};
[[nodiscard]] base::Result<TextInContext> text_in_context(
    base::Json const& body, std::string_view name, ContextUse use = ContextUse::seal_or_open);

/// `{data: {name: text, ...}, context?: text}`, 1 to `max_bulk_fields` names, each the field that
/// its text is sealed as.
struct FieldsInContext {
    std::vector<std::pair<std::string_view, std::string_view>> fields;
    std::string context;
};
inline constexpr std::size_t max_bulk_fields = 10'000;
[[nodiscard]] base::Result<FieldsInContext> fields_in_context(
    base::Json const& body, ContextUse use = ContextUse::seal_or_open);

}  // namespace obscura::citadel
