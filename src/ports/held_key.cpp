#include "ports/held_key.hpp"

#include "model/types.hpp"

namespace obscura::ports {
namespace {

constexpr std::string_view context_prefix = "obscura/held-key/v1|";

}  // namespace

std::string held_key_context(KeyPurpose purpose) {
    return std::string(context_prefix)
        .append(model::name_of(purpose, key_purpose_names))
        .append("|")
        .append(model::name_of(algorithm_of(purpose), key_algorithm_names));
}

std::optional<KeyPurpose> held_key_purpose(std::string_view context) {
    for (auto const& [name, purpose] : key_purpose_names)
        if (context == held_key_context(purpose)) return purpose;
    return std::nullopt;
}

}  // namespace obscura::ports
