// hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api: /exchange does what an agent of the
// account has signed, /info answers whoever names an account. An agent may trade and not withdraw;
// the account's own key may everything, and is not taken.
#include "citadel/hyperliquid.hpp"

#include "citadel/hyperliquid_action.hpp"
#include "citadel/hyperliquid_signature.hpp"
#include "citadel/operation_rules.hpp"
#include "crypto/hex.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using crypto::Secp256k1PrivateKey;
using model::Market;
using ports::SignedRequest;

/// The list of trades is asked for with the symbol of the market, and comes with those of all.
constexpr OperationRules trades_rules{.symbol = {.max = 8, .says = "Must be the asset's number."}};

Json question(SigningTask const& task, std::string_view type) {
    return Json::object({{"type", type}, {"user", task.credentials.api_key()}});
}

Result<Json> ask(SigningTask const& task, model::QueryOrder const& query) {
    if (auto const asset = hyperliquid_asset(task.market, query.symbol); !asset)
        return std::unexpected(asset.error());
    if (auto const good = check_hyperliquid_order_id(query.client_order_id); !good)
        return std::unexpected(good.error());
    auto out = question(task, "orderStatus");
    out.set("oid", query.client_order_id);
    return out;
}

Result<Json> ask(SigningTask const& task, model::ListTrades const& list) {
    if (auto const asset = hyperliquid_asset(task.market, list.symbol); !asset)
        return std::unexpected(asset.error());
    if (auto const good = check_trades(trades_rules, list); !good)
        return std::unexpected(good.error());
    if (list.venue_order_id)
        return not_allowed("venue_order_id", "The venue tells trades by time alone.");
    if (!list.start_time) return question(task, "userFills");
    auto out = question(task, "userFillsByTime");
    out.set("startTime", base::to_unix_ms(*list.start_time));
    return out;
}

Result<Json> ask(SigningTask const& task, model::ReadAccount const&) {
    return question(task,
                    task.market == Market::spot ? "spotClearinghouseState" : "clearinghouseState");
}

Result<Json> ask(SigningTask const& task, model::ReadPositions const& read) {
    if (task.market == Market::spot) return not_known_to("Spot markets");
    if (!read.symbol.empty()) {
        auto const asset = hyperliquid_asset(task.market, read.symbol);
        if (!asset) return std::unexpected(asset.error());
        if (is_of_hyperliquids_builders(*asset))
            return not_supported("Positions at a builder's exchange are told by its name alone.");
    }
    return question(task, "clearinghouseState");
}

template <class Other>
Result<Json> ask(SigningTask const&, Other const&) {
    return not_known_to("Hyperliquid's markets");
}

/// What the venue knows the key as: an agent of somebody, or an account of its own.
Json ask_rights(Secp256k1PrivateKey const& key) {
    auto const address = key.public_key().address();
    return Json::object({{"type", "userRole"}, {"user", "0x" + crypto::hex_encode(address.bytes)}});
}

SignedRequest to_info(SigningTask const& task, Json const& asked) {
    return {.method = "POST",
            .url = task.endpoints.rest + "/info",
            .headers = {{"Content-Type", "application/json"}},
            .body = asked.dump(),
            .expires_at = task.window.end()};
}

Result<Secp256k1PrivateKey> agent_of(SigningTask const& task) {
    auto const* bytes = task.credentials.agent_key();
    auto key = bytes ? Secp256k1PrivateKey::from_bytes(bytes->bytes(), task.random)
                     : base::fail(base::Errc::internal, "no_agent", "");
    if (!key)
        return base::fail(base::Errc::invalid_argument, "invalid_credentials",
                          "private_key is no key of secp256k1.");
    auto const own = crypto::EthereumAddress::parse(task.credentials.api_key());
    if (key->public_key().address() == own)
        return base::fail(base::Errc::invalid_argument, "invalid_credentials",
                          "private_key is the account's own, which may withdraw: make an agent "
                          "(API wallet) at the venue and give its key.");
    return key;
}

bool is_action(model::VenueOperation const& operation) {
    return std::holds_alternative<model::PlaceOrder>(operation) ||
           std::holds_alternative<model::CancelOrder>(operation) ||
           std::holds_alternative<model::SetLeverage>(operation);
}

/// What is said of some operations that the venue has no words for.
char const* word_for(model::VenueOperation const& operation) {
    if (std::holds_alternative<model::SetMarginMode>(operation))
        return "The margin mode is set with the leverage: set_leverage makes it isolated.";
    if (std::holds_alternative<model::ReadPositionMode>(operation))
        return "Hyperliquid has no hedge mode.";
    if (std::holds_alternative<model::StreamLogin>(operation))
        return "Nothing logs into Hyperliquid's streams: they answer whoever names an account.";
    return nullptr;
}

}  // namespace

// Its streams need no login, so that nothing is signed for them.
VenueAddresses hyperliquid_addresses() {
    VenueAddresses out;
    out[static_cast<std::size_t>(model::Environment::live)].rest =
        "https://api.hyperliquid.xyz:443";
    out[static_cast<std::size_t>(model::Environment::testnet)].rest =
        "https://api.hyperliquid-testnet.xyz:443";
    return out;
}

Result<SignedRequest> sign_hyperliquid(SigningTask const& task) {
    if (auto const* word = word_for(task.operation)) return not_supported(word);
    auto const key = agent_of(task);
    if (!key) return std::unexpected(key.error());
    if (std::holds_alternative<model::ReadKeyRights>(task.operation))
        return to_info(task, ask_rights(*key));
    if (!is_action(task.operation)) {
        auto const asked =
            std::visit([&](auto const& typed) { return ask(task, typed); }, task.operation);
        if (!asked) return std::unexpected(asked.error());
        return to_info(task, *asked);
    }
    auto action = hyperliquid_action(task.market, task.operation);
    if (!action) return std::unexpected(std::move(action.error()));
    bool const is_live = task.environment == model::Environment::live;
    HyperliquidEndpoint const endpoint{
        .origin = task.endpoints.rest,
        .chain = is_live ? HyperliquidChain::mainnet : HyperliquidChain::testnet};
    return hyperliquid_request(endpoint, *key, std::move(*action),
                               {.nonce = task.nonce, .not_after = task.window.end(), .vault = {}});
}

}  // namespace obscura::citadel
