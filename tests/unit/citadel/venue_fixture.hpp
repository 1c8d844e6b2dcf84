#pragma once

#include "citadel/venue_signer.hpp"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>

/// For tests of the venues' signers: one operation signed with a made-up key.
namespace obscura::citadel::test {

/// Of venues where an agent trades: an account, and the key of its agent.
constexpr std::string_view agent_account = "0x1719884eb866cb12b2287399b15f7db5e7d775ea";
constexpr std::string_view agent_key =
    "0x0123456789012345678901234567890123456789012345678901234567890123";

struct Signing {
    std::string_view venue;
    model::Market market = model::Market::spot;
    model::Environment environment = model::Environment::live;
    RequestWindow window{.timestamp_ms = 1'764'000'000'000, .receive_ms = 5000};
    std::string_view api_key = "aK3yOf0bscura";
    std::string_view secret = "a5ecretOf0bscuraThatSignsNothingElse";
    std::string_view passphrase = "aPassphrase";
    std::string_view private_key{};  ///< instead of the secret, or of `agent_key`
    std::string_view account = agent_account;
};

inline base::Result<ports::SignedRequest> sign_at(Signing const& how,
                                                  model::VenueOperation const& operation) {
    auto const* signer = find_signer(how.venue);
    if (signer == nullptr) throw std::invalid_argument(std::string(how.venue));
    std::map<std::string, base::Secret> fields;
    bool const is_agent = signer->credentials.is_agent;
    fields.emplace("api_key", base::Secret(is_agent ? how.account : how.api_key));
    if (is_agent && how.private_key.empty())
        fields.emplace("private_key", base::Secret(agent_key));
    else if (how.private_key.empty())
        fields.emplace("secret", base::Secret(how.secret));
    else
        fields.emplace("private_key", base::Secret(how.private_key));
    if (signer->credentials.has_passphrase)
        fields.emplace("passphrase", base::Secret(how.passphrase));
    auto const credentials = ApiCredentials::from_fields(signer->credentials, std::move(fields));
    if (!credentials) return std::unexpected(credentials.error());
    auto const addresses = signer->addresses();
    base::SeededRandom random(1);
    return signer->sign({.endpoints = addresses[static_cast<std::size_t>(how.environment)],
                         .credentials = *credentials,
                         .environment = how.environment,
                         .market = how.market,
                         .operation = operation,
                         .window = how.window,
                         .nonce = static_cast<std::uint64_t>(how.window.timestamp_ms),
                         .random = random});
}

/// A request that must be signed.
inline ports::SignedRequest signed_at(Signing const& how, model::VenueOperation const& operation) {
    auto request = sign_at(how, operation);
    EXPECT_TRUE(request) << to_json(operation).dump() << request.error().detail;
    return request.value_or(ports::SignedRequest{});
}

/// Why it is refused: the pointer of the field to blame, or else the reason. "" for what is signed.
inline std::string refusal_at(Signing const& how, model::VenueOperation const& operation) {
    auto const request = sign_at(how, operation);
    if (request) return "";
    EXPECT_EQ(request.error().code, base::Errc::invalid_argument);
    return request.error().fields.empty() ? request.error().reason
                                          : request.error().fields[0].pointer;
}

inline std::string header_of(ports::SignedRequest const& request, std::string_view name) {
    for (auto const& [key, value] : request.headers)
        if (key == name) return value;
    return "(none)";
}

inline model::PlaceOrder order_of(std::string_view symbol, std::string_view client_order_id,
                                  model::OrderType type = model::OrderType::limit) {
    model::PlaceOrder order{.symbol = std::string(symbol),
                            .side = model::Side::buy,
                            .type = type,
                            .quantity = base::Quantity(2),
                            .client_order_id = std::string(client_order_id)};
    if (type == model::OrderType::limit) order.limit_price = base::Price::parse("60000.5");
    return order;
}

}  // namespace obscura::citadel::test
