#include "citadel/credential_limits.hpp"

#include "crypto/base64.hpp"
#include "crypto/hash.hpp"
#include "ports/key_vault.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

/// Of what changes something at the venue; "" of what only looks.
std::string_view traded_symbol(model::VenueOperation const& operation) {
    if (!model::is_trading(operation)) return {};
    return std::visit(
        [](auto const& one) -> std::string_view {
            if constexpr (requires { one.symbol; }) return one.symbol;
            return {};
        },
        operation);
}

}  // namespace

std::string limited_context(std::string_view context, std::string_view limits) {
    return std::string(context) + "|" + crypto::base64url_encode(crypto::sha256(limits));
}

bool is_limited_context(std::string_view context) {
    auto const digest = context.rfind('|');
    return digest != std::string_view::npos && ports::scope_of_context(context.substr(0, digest));
}

base::Result<void> check_limits(ports::CredentialLimits const& limits,
                                model::VenueOperation const& operation) {
    auto const symbol = traded_symbol(operation);
    if (symbol.empty() || limits.symbols.empty()) return {};
    if (std::ranges::find(limits.symbols, symbol) != limits.symbols.end()) return {};
    return base::fail(base::Errc::invalid_argument, "limit_symbol",
                      "The owner of the account has not allowed this symbol.");
}

}  // namespace obscura::citadel
