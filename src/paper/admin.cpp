#include "paper/admin.hpp"

#include "base/decode.hpp"
#include "paper/ledger.hpp"

#include <charconv>

namespace obscura::paper {
namespace {

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

/// An answer that is there already, as a handler's.
net::Task<base::Result<net::Response>> ready(base::Result<net::Response> answer) {
    co_return answer;
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

Admin::Answer Admin::ledger(net::Request const& request) {
    constexpr std::uint64_t most = 100'000;
    LedgerQuery query{.limit = most};
    if (auto const text = request.query_param("account")) {
        auto const account = account_of(*text);
        if (!account) return std::unexpected(account.error());
        query.account = (*account)->id;
    }
    if (auto const text = request.query_param("market")) {
        auto const market = model::value_of(*text, model::market_names);
        if (!market) {
            return std::unexpected(
                base::field_error("/market", "not_allowed", "Must be spot or futures."));
        }
        query.market = *market;
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
    for (auto* streams : streams_) streams->mute_matching();
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
