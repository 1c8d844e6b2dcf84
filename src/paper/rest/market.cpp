#include "base/json.hpp"
#include "paper/protocol/order_request.hpp"
#include "paper/protocol/render_exchange.hpp"
#include "paper/protocol/render_market.hpp"
#include "paper/rest/endpoint.hpp"

#include <algorithm>
#include <array>

namespace obscura::paper {
namespace {

constexpr std::int64_t max_rows = 1000;

std::vector<SymbolId> all_symbols(Catalogue const& catalogue) {
    std::vector<SymbolId> ids;
    for (std::size_t i = 0; i < catalogue.instruments().size(); ++i) {
        ids.emplace_back(static_cast<std::uint16_t>(i));
    }
    return ids;
}

struct Selection {
    std::vector<SymbolId> symbols;
    Form form = Form::list;
};

void read_symbol_list(Call& call, std::string_view text, Selection& selection) {
    auto const json = base::parse_json(text);
    if (!json || !json->is_array() || json->as_array().empty()) {
        call.params.add_error(-1100,
                              "Illegal characters found in parameter 'symbols'; legal range is "
                              "'^\\[\"[A-Z0-9-_.]{1,20}\"(,\"[A-Z0-9-_.]{1,20}\"){0,}\\]$'.");
        return;
    }
    for (auto const& item : json->as_array()) {
        auto const symbol = call.exchange.catalogue().find_symbol(item.to_text().value_or(""));
        if (!symbol) {
            call.params.add_error(-1121, "Invalid symbol.");
            return;
        }
        selection.symbols.push_back(*symbol);
    }
}

/// `symbol` (one object), `symbols` (a list), or neither (all).
Selection read_selection(Call& call) {
    Selection selection;
    auto const one = call.params.optional_text("symbol");
    auto const several = call.params.optional_text("symbols");
    auto const& catalogue = call.exchange.catalogue();
    if (one && several) {
        call.params.add_error(-1128, "Combination of optional parameters invalid.");
    } else if (one) {
        selection.form = Form::object;
        selection.symbols.push_back(read_symbol(call.params, catalogue));
    } else if (several) {
        read_symbol_list(call, *several, selection);
    } else {
        selection.symbols = all_symbols(catalogue);
    }
    call.params.ignore("type");
    return selection;
}

Outcome<std::string> ping(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return "{}";
}

Outcome<std::string> time(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return "{\"serverTime\":" + std::to_string(base::to_unix_ms(call.now)) + "}";
}

Outcome<std::string> exchange_info(Call& call) {
    auto const selection = read_selection(call);
    for (auto const* name : {"permissions", "showPermissionSets", "symbolStatus"})
        call.params.ignore(name);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const& settings = call.exchange.settings();
    return render_exchange_info(call.exchange.catalogue(), selection.symbols, settings.limits,
                                settings.engine.max_open_orders, call.now);
}

Outcome<std::string> no_symbols(Call& call) { return render_no_symbols(call.now); }

template <std::string (*Render)(Engine const&, std::span<SymbolId const>, Form)>
Outcome<std::string> ticker(Call& call) {
    auto const selection = read_selection(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return Render(call.exchange.engine(), selection.symbols, selection.form);
}

Outcome<std::string> ticker_24hr(Call& call) {
    auto const selection = read_selection(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_day_tickers(call.exchange.engine(), selection.symbols, selection.form, call.now);
}

Outcome<std::string> depth(Call& call) {
    constexpr std::int64_t most = 5000;
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const limit = call.params.optional_integer("limit", 1, most).value_or(100);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_depth(call.exchange.engine(), symbol, static_cast<std::size_t>(limit));
}

Outcome<std::string> trades(Call& call) {
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const limit = call.params.optional_integer("limit", 1, max_rows).value_or(500);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_trades(call.exchange.engine(), symbol, static_cast<std::size_t>(limit));
}

Outcome<std::string> klines(Call& call) {
    using std::chrono::minutes;
    static constexpr std::array<base::EnumName<int>, 9> intervals{{{"1m", 1},
                                                                   {"3m", 3},
                                                                   {"5m", 5},
                                                                   {"15m", 15},
                                                                   {"30m", 30},
                                                                   {"1h", 60},
                                                                   {"4h", 240},
                                                                   {"12h", 720},
                                                                   {"1d", 1440}}};
    auto const symbol = read_symbol(call.params, call.exchange.catalogue());
    auto const interval = model::value_of(call.params.text("interval"), intervals);
    if (!interval) call.params.add_error(-1120, "Invalid interval.");
    auto const limit = call.params.optional_integer("limit", 1, max_rows).value_or(500);
    // A day is all there is: the range asked for does not matter.
    for (auto const* name : {"startTime", "endTime", "timeZone"}) call.params.ignore(name);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_klines(call.exchange.engine(), symbol, minutes(*interval),
                         static_cast<std::size_t>(limit));
}

std::uint64_t ticker_weight(Params const& params) { return params.find("symbol") ? 2 : 4; }
std::uint64_t day_ticker_weight(Params const& params) { return params.find("symbol") ? 2 : 80; }
std::uint64_t depth_weight(Params const& params) {
    auto const limit = params.find("limit").value_or("100");
    if (limit.size() <= 2 || limit == "100") return 5;
    if (limit.size() == 3) return limit <= "500" ? 25 : 50;
    return limit == "1000" ? 50 : 250;
}

constexpr std::array table{
    Endpoint{"GET", "/api/v3/ping", Security::none, "ping", weighs<1>, ping},
    Endpoint{"GET", "/api/v3/time", Security::none, "time", weighs<1>, time},
    Endpoint{"GET", "/api/v3/exchangeInfo", Security::none, "exchangeInfo", weighs<20>,
             exchange_info},
    Endpoint{"GET", "/dapi/v1/exchangeInfo", Security::none, "", weighs<1>, no_symbols},
    Endpoint{"GET", "/api/v3/depth", Security::none, "depth", depth_weight, depth},
    Endpoint{"GET", "/api/v3/trades", Security::none, "trades.recent", weighs<25>, trades},
    Endpoint{"GET", "/api/v3/klines", Security::none, "klines", weighs<2>, klines},
    Endpoint{"GET", "/api/v3/ticker/price", Security::none, "ticker.price", ticker_weight,
             ticker<render_prices>},
    Endpoint{"GET", "/api/v3/ticker/bookTicker", Security::none, "ticker.book", ticker_weight,
             ticker<render_book_tickers>},
    Endpoint{"GET", "/api/v3/ticker/24hr", Security::none, "ticker.24hr", day_ticker_weight,
             ticker_24hr},
    // One price feed for both markets: the futures' history is the spot market's.
    Endpoint{"GET", "/fapi/v1/ping", Security::none, "", weighs<1>, ping},
    Endpoint{"GET", "/fapi/v1/time", Security::none, "", weighs<1>, time},
    Endpoint{"GET", "/fapi/v1/trades", Security::none, "", weighs<5>, trades},
    Endpoint{"GET", "/fapi/v1/klines", Security::none, "", weighs<5>, klines},
};

}  // namespace

std::span<Endpoint const> market_endpoints() { return table; }

std::vector<Endpoint> all_endpoints() {
    std::vector<Endpoint> all;
    for (auto const part :
         {market_endpoints(), trading_endpoints(), account_endpoints(), futures_market_endpoints(),
          futures_trading_endpoints(), futures_algo_endpoints(), futures_account_endpoints()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace obscura::paper
