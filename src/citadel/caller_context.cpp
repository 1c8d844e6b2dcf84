#include "citadel/caller_context.hpp"

#include "citadel/credential_limits.hpp"
#include "ports/held_key.hpp"

namespace obscura::citadel {
namespace {

constexpr std::size_t max_context = 512;
constexpr std::string_view reserved_prefix = "obscura/";

}  // namespace

std::string read_caller_context(base::ObjectReader& in, ContextUse use) {
    auto context = in.optional_text("context", {.min = 0, .max = max_context}).value_or("");
    bool const is_renewed = use == ContextUse::rewrap && ports::held_key_purpose(context);
    if (context.starts_with(reserved_prefix) && !is_renewed)
        in.add_error("context", "reserved", "Contexts that begin with obscura/ are citadel's own.");
    if (is_limited_context(context))
        in.add_error("context", "reserved", "Give the connection's own, and its limits beside it.");
    return context;
}

}  // namespace obscura::citadel
