#include "paper/admin.hpp"

#include "base/decode.hpp"
#include "paper/ledger.hpp"
#include "paper/protocol/names.hpp"

#include <charconv>

namespace obscura::paper {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

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

/// An answer that is there already, as a handler's.
net::Task<base::Result<net::Response>> ready(base::Result<net::Response> answer) {
    co_return answer;
}

/// Venue amounts have eight places.
void check_places(base::ObjectReader& reader, std::string_view key, base::Decimal amount) {
    if (to_step(amount, base::Decimal::from_scaled(1, 8), base::Rounding::toward_zero) != amount) {
        reader.add_error(key, "too_precise", "Must have at most 8 places after the point.");
    }
}

}  // namespace

void Admin::add_routes(net::Router& router) {
    auto const add = [&](char const* method, char const* pattern,
                         Answer (Admin::*handler)(net::Request const&)) {
        router.add({.method = method,
                    .pattern = pattern,
                    .access = access_admin,
                    .handler = [this, handler](net::Request& request) {
                        return ready((this->*handler)(request));
                    }});
    };
    add("POST", "/admin/accounts", &Admin::open_account);
    add("GET", "/admin/accounts", &Admin::list_accounts);
    add("POST", "/admin/accounts/{id}/deposit", &Admin::deposit);
    add("GET", "/admin/ledger", &Admin::ledger);
    add("POST", "/admin/price", &Admin::set_price);
    add("POST", "/admin/faults", &Admin::add_faults);
    add("GET", "/admin/faults", &Admin::list_faults);
    add("DELETE", "/admin/faults", &Admin::clear_faults);
    add("DELETE", "/admin/faults/{id}", &Admin::remove_fault);
}

base::Result<Account const*> Admin::account_of(std::string_view text) const {
    auto const id = number(text);
    auto const* account =
        id && *id <= UINT32_MAX
            ? exchange_.state().find_account(AccountId(static_cast<std::uint32_t>(*id)))
            : nullptr;
    if (account == nullptr) {
        return base::fail(base::Errc::not_found, "account_not_found", "There is no such account.");
    }
    return account;
}

Admin::Answer Admin::open_account(net::Request const& request) {
    auto const body = json_body(request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const terms = decode_terms(reader, settings_, exchange_.catalogue());
    for (auto const& [asset, amount] : terms.deposits) check_places(reader, "balances", amount);
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
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    auto const done = exchange_.deposit((*account)->id, *asset, amount);
    if (!done) return std::unexpected(done.error());
    auto const& balance = (*account)->balance(*asset);
    return net::json_response(
        200, base::Json::object({{"account_id", std::to_string((*account)->id.value)},
                                 {"asset", name},
                                 {"free", balance.free},
                                 {"locked", balance.locked}}));
}

Admin::Answer Admin::ledger(net::Request const& request) {
    constexpr std::uint64_t most = 100'000;
    LedgerQuery query{.limit = most};
    if (auto const text = request.query_param("account")) {
        auto const account = account_of(*text);
        if (!account) return std::unexpected(account.error());
        query.account = (*account)->id;
    }
    for (auto const* name : {"after", "limit"}) {
        auto const text = request.query_param(name);
        if (!text) continue;
        auto const value = number(*text);
        bool const is_limit = std::string_view(name) == "limit";
        if (!value || (is_limit && (*value == 0 || *value > most))) {
            return std::unexpected(base::field_error(std::string("/") + name, "bad_number",
                                                     "Must be a whole number; limit 1 to 100000."));
        }
        if (is_limit)
            query.limit = static_cast<std::size_t>(*value);
        else
            query.after = OrderId(*value);
    }
    return net::Response{.status = 200,
                         .headers = {{"Content-Type", "application/json"}},
                         .body = render_ledger(exchange_.state(), query)};
}

Admin::Answer Admin::set_price(net::Request const& request) {
    auto const body = json_body(request);
    if (!body) return std::unexpected(body.error());
    base::ObjectReader reader(*body);
    auto const name = reader.text("symbol");
    auto const price = reader.optional_decimal("price", {.positive = true});
    bool const frozen = reader.optional_boolean("freeze").value_or(true);
    auto const& catalogue = exchange_.catalogue();
    auto const symbol = catalogue.find_symbol(name);
    if (!symbol && !name.empty()) reader.add_error("symbol", "unknown_symbol", "Not traded here.");
    if (symbol && price) {
        auto const& instrument = catalogue.instrument(*symbol);
        auto const wanted = base::Price{*price};
        if (wanted > instrument.max_price ||
            to_step(wanted, instrument.tick, base::Rounding::toward_zero) != wanted) {
            reader.add_error("price", "bad_price",
                             "Must be a multiple of " + instrument.tick.to_string() +
                                 " and at most " + instrument.max_price.to_string() + ".");
        }
    }
    auto const read = reader.finish();
    if (!read) return std::unexpected(read.error());
    std::optional<base::Price> wanted;
    if (price) wanted = base::Price{*price};
    exchange_.freeze_price(*symbol, wanted, frozen);
    auto const& market = exchange_.state().symbol(*symbol);
    return net::json_response(
        200,
        base::Json::object({{"symbol", name}, {"price", market.price}, {"frozen", market.frozen}}));
}

Admin::Answer Admin::add_faults(net::Request const& request) {
    auto const body = json_body(request);
    if (!body) return std::unexpected(body.error());
    auto specs = decode_faults(*body);
    if (!specs) return std::unexpected(specs.error());
    auto const ids = faults_.add(std::move(*specs));
    if (!ids) return std::unexpected(ids.error());
    streams_.mute_matching();
    base::Json::Array list;
    for (auto const& id : *ids) list.emplace_back(id);
    return net::json_response(201, base::Json::object({{"ids", std::move(list)}}));
}

Admin::Answer Admin::list_faults(net::Request const&) {
    return net::json_response(200, base::Json::object({{"data", faults_.list()}}));
}

Admin::Answer Admin::clear_faults(net::Request const&) {
    faults_.clear();
    return net::Response{.status = 204};
}

Admin::Answer Admin::remove_fault(net::Request const& request) {
    if (!faults_.remove(request.param("id"))) {
        return base::fail(base::Errc::not_found, "fault_not_found", "There is no such fault.");
    }
    return net::Response{.status = 204};
}

net::Guard loopback_guard() {
    return [](net::Route const& route, net::Request& request) -> net::Task<base::Result<void>> {
        if (route.access != access_admin) co_return base::Result<void>{};
        auto const& peer = request.remote_address;
        // A web page in a browser on this machine is on loopback too, but says where it is from.
        bool const is_local = peer.starts_with("127.") || peer == "::1";
        if (is_local && !request.headers.find("Origin")) co_return base::Result<void>{};
        co_return base::fail(base::Errc::forbidden, "loopback_only",
                             "The admin routes answer to programs on this machine only.");
    };
}

}  // namespace obscura::paper
