#include "paper/protocol/order_request.hpp"
#include "paper/protocol/render_futures_market.hpp"
#include "paper/rest/endpoint.hpp"

#include <array>

namespace obscura::paper {
namespace {

struct FuturesSelection {
    std::vector<SymbolId> symbols;
    Form form = Form::list;
};

/// `symbol` (one object) or all of them (a list).
FuturesSelection read_contracts(Call& call) {
    auto const& catalogue = call.exchange.engine().futures().catalogue();
    if (call.params.optional_text("symbol")) {
        return {.symbols = {read_symbol(call.params, catalogue)}, .form = Form::object};
    }
    FuturesSelection all;
    for (std::size_t i = 0; i < catalogue.instruments().size(); ++i) {
        all.symbols.emplace_back(static_cast<std::uint16_t>(i));
    }
    return all;
}

Outcome<std::string> futures_exchange_info(Call& call) {
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const& settings = call.exchange.settings();
    return render_futures_exchange_info(call.exchange.engine(), settings.futures_limits,
                                        settings.engine.max_open_orders, call.now);
}

Outcome<std::string> futures_depth(Call& call) {
    constexpr std::int64_t most = 1000;
    auto const symbol = read_symbol(call.params, call.exchange.engine().futures().catalogue());
    auto const limit = call.params.optional_integer("limit", 1, most).value_or(500);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_futures_depth(call.exchange.engine(), symbol, static_cast<std::size_t>(limit),
                                call.now);
}

template <std::string (*Render)(Engine const&, std::span<SymbolId const>, Form, base::Timestamp)>
Outcome<std::string> futures_ticker(Call& call) {
    auto const selection = read_contracts(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return Render(call.exchange.engine(), selection.symbols, selection.form, call.now);
}

std::uint64_t futures_depth_weight(Params const& params) {
    auto const limit = params.find("limit").value_or("500");
    if (limit.size() <= 2) return 2;
    if (limit.size() > 3) return 20;
    return limit == "100" ? 5 : 10;
}
template <std::uint64_t One, std::uint64_t All>
std::uint64_t by_symbol(Params const& params) {
    return params.find("symbol") ? One : All;
}

constexpr auto open = Security::none;
constexpr std::array futures_market_table{
    Endpoint{"GET", "/fapi/v1/exchangeInfo", open, "", weighs<1>, futures_exchange_info},
    Endpoint{"GET", "/fapi/v1/depth", open, "", futures_depth_weight, futures_depth},
    Endpoint{"GET", "/fapi/v1/ticker/price", open, "", by_symbol<1, 2>,
             futures_ticker<render_futures_prices>},
    Endpoint{"GET", "/fapi/v2/ticker/price", open, "", by_symbol<1, 2>,
             futures_ticker<render_futures_prices>},
    Endpoint{"GET", "/fapi/v1/ticker/bookTicker", open, "", by_symbol<2, 5>,
             futures_ticker<render_futures_book_tickers>},
    Endpoint{"GET", "/fapi/v1/ticker/24hr", open, "", by_symbol<1, 40>,
             futures_ticker<render_futures_day_tickers>},
    Endpoint{"GET", "/fapi/v1/premiumIndex", open, "", by_symbol<1, 10>,
             futures_ticker<render_mark_prices>},
};

}  // namespace

std::span<Endpoint const> futures_market_endpoints() { return futures_market_table; }

}  // namespace obscura::paper
