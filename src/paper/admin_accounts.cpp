#include "paper/admin.hpp"

#include "base/decode.hpp"
#include "crypto/ed25519.hpp"
#include "paper/protocol/names.hpp"

// Accounts and their money.

namespace obscura::paper {
namespace {

/// All that the futures market takes as margin.
constexpr char const* futures_asset = "USDT";

base::Json account_json(Account const& account) {
    auto const& credential = account.credential;
    return base::Json::object({{"account_id", std::to_string(account.id.value)},
                               {"label", account.label},
                               {"key_type", wire(credential.type)},
                               {"api_key", credential.api_key},
                               {"can_trade", credential.can_trade},
                               {"can_withdraw", credential.can_withdraw},
                               {"maker_fee", account.maker_fee},
                               {"taker_fee", account.taker_fee}});
}

/// Shown to whoever may open accounts: play money's keys, on loopback.
base::Json account_json_with_keys(Account const& account) {
    auto json = account_json(account);
    auto const& credential = account.credential;
    if (credential.type == KeyType::hmac)
        json.set("secret", credential.verifier);
    else if (!credential.private_key.empty())
        json.set("private_key", credential.private_key);
    return json;
}

bool is_label(std::string_view text) {
    return text.find_first_not_of(
               "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
               "._:@-") == std::string_view::npos;
}

Exchange::AccountTerms decode_terms(base::ObjectReader& reader, AdminSettings const& settings,
                                    Catalogue const& catalogue) {
    static base::DecimalRule const fee_rule{.min = base::Decimal(0),
                                            .max = base::Decimal::from_scaled(1, 1)};
    Exchange::AccountTerms terms;
    terms.label = reader.optional_text("label", {.max = 64}).value_or("");
    if (!is_label(terms.label)) {
        reader.add_error("label", "bad_characters", "Letters, digits and . _ : @ - only.");
    }
    terms.key_type = reader.optional_one_of("key_type", key_type_names).value_or(KeyType::hmac);
    terms.public_key = reader.optional_text("public_key", {.max = 1024}).value_or("");
    bool const bad_key =
        !terms.public_key.empty() && (terms.key_type != KeyType::ed25519 ||
                                      !crypto::Ed25519PublicKey::from_pem(terms.public_key));
    if (bad_key) reader.add_error("public_key", "bad_key", "Must be an Ed25519 public key in PEM.");
    terms.maker_fee = reader.optional_decimal("maker_fee", fee_rule).value_or(settings.maker_fee);
    terms.taker_fee = reader.optional_decimal("taker_fee", fee_rule).value_or(settings.taker_fee);
    terms.can_trade = reader.optional_boolean("can_trade").value_or(true);
    terms.can_withdraw = reader.optional_boolean("can_withdraw").value_or(false);
    terms.futures_deposit = settings.default_futures_balance;
    if (auto const* margin = reader.optional_object("futures_balances")) {
        base::ObjectReader inner(*margin, reader.pointer_to("futures_balances"));
        terms.futures_deposit = inner.optional_decimal(futures_asset, {.min = base::Decimal(0)})
                                    .value_or(base::Decimal{});
        reader.absorb(inner.errors());
    }
    auto const* balances = reader.optional_object("balances");
    if (balances == nullptr) {
        terms.deposits = settings.default_balances;
        return terms;
    }
    base::ObjectReader inner(*balances, reader.pointer_to("balances"));
    for (std::size_t i = 0; i < catalogue.assets().size(); ++i) {
        auto const amount =
            inner.optional_decimal(catalogue.assets()[i], {.min = base::Decimal(0)});
        if (amount) terms.deposits.emplace_back(AssetId(static_cast<std::uint16_t>(i)), *amount);
    }
    reader.absorb(inner.errors());
    return terms;
}

/// Venue amounts have eight places.
void check_places(base::ObjectReader& reader, std::string_view key, base::Decimal amount) {
    if (to_step(amount, base::Decimal::from_scaled(1, 8), base::Rounding::toward_zero) != amount) {
        reader.add_error(key, "too_precise", "Must have at most 8 places after the point.");
    }
}

}  // namespace

Admin::Answer Admin::open_account(net::Request const& request) {
    auto const body = json_body(request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const terms = decode_terms(reader, settings_, exchange_.catalogue());
    for (auto const& [asset, amount] : terms.deposits) check_places(reader, "balances", amount);
    check_places(reader, "futures_balances", terms.futures_deposit);
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    auto const* known = terms.label.empty() ? nullptr : exchange_.state().find_account(terms.label);
    if (known != nullptr) {
        if (known->credential.type != terms.key_type) {
            return base::fail(base::Errc::conflict, "label_taken",
                              "The label belongs to an account with another key type.");
        }
        return net::json_response(200, account_json_with_keys(*known));
    }
    auto const opened = exchange_.open_account(terms);
    if (!opened) return std::unexpected(opened.error());
    return net::json_response(201,
                              account_json_with_keys(*exchange_.state().find_account(*opened)));
}

Admin::Answer Admin::list_accounts(net::Request const&) {
    base::Json::Array list;
    for (auto const& account : exchange_.state().accounts()) list.push_back(account_json(account));
    return net::json_response(200, base::Json::object({{"data", std::move(list)}}));
}

Admin::Answer Admin::deposit(net::Request const& request) {
    auto const account = account_of(request.param("id"));
    if (!account) return std::unexpected(account.error());
    auto const body = json_body(request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const name = reader.text("asset");
    auto const amount = reader.decimal("amount");
    auto const asset = exchange_.catalogue().find_asset(name);
    if (!asset && !name.empty()) reader.add_error("asset", "unknown_asset", "Not traded here.");
    check_places(reader, "amount", amount);
    auto const market =
        reader.optional_one_of("market", model::market_names).value_or(Market::spot);
    if (market == Market::futures && asset && name != futures_asset) {
        reader.add_error("asset", "unknown_asset", "Futures take USDT as margin only.");
    }
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    if (market == Market::futures) return deposit_futures((*account)->id, name, amount);
    auto const done = exchange_.deposit((*account)->id, *asset, amount);
    if (!done) return std::unexpected(done.error());
    auto const& balance = (*account)->balance(*asset);
    return net::json_response(
        200, base::Json::object({{"account_id", std::to_string((*account)->id.value)},
                                 {"asset", name},
                                 {"free", balance.free},
                                 {"locked", balance.locked}}));
}

Admin::Answer Admin::deposit_futures(AccountId account, std::string const& asset,
                                     base::Decimal amount) {
    auto const done =
        exchange_.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.deposit(account, amount, now, batch);
        });
    if (!done) return std::unexpected(done.error());
    auto const& market = exchange_.engine().futures();
    auto const figures = margin_of(market.state(), market.state().account(account), market.marks());
    return net::json_response(200,
                              base::Json::object({{"account_id", std::to_string(account.value)},
                                                  {"asset", asset},
                                                  {"free", figures.available},
                                                  {"locked", figures.wallet - figures.available}}));
}

}  // namespace obscura::paper
