#include "paper/protocol/futures_request.hpp"
#include "paper/protocol/json_text.hpp"
#include "paper/protocol/render_futures_orders.hpp"
#include "paper/rest/endpoint.hpp"
#include "paper/rest/history.hpp"

#include <algorithm>
#include <array>

namespace obscura::paper {
namespace {

FuturesEngine const& market_of(Call const& call) { return call.exchange.engine().futures(); }

Outcome<std::string> place_algo_order(Call& call) {
    auto& limits = call.exchange.limits(Market::futures);
    auto const wanted = read_algo_order(call.params, market_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto const account = call.account->id;
    auto const within = limits.check_order(account, call.now);
    if (!within) return std::unexpected(within.error());
    auto const placed =
        call.exchange.change_futures([&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.place_algo(account, wanted, now, batch);
        });
    if (!placed) return std::unexpected(placed.error());
    call.order_counts = limits.count_order(account, call.now);
    return render_algo(**placed, market_of(call).state());
}

/// `algoId` or `clientAlgoId`, of any symbol; nullptr when the account has no such order. With the
/// client's own id an open order goes before one that is over.
AlgoOrder const* read_algo(Call& call) {
    auto const id = call.params.optional_integer("algoId", 0, INT64_MAX);
    auto const client_id = read_client_id(call.params, "clientAlgoId");
    call.params.ignore("symbol");  // clients send it; the ids say enough
    if (!id && client_id.empty()) {
        call.params.add_error(
            -1102, "Param 'algoId' or 'clientAlgoId' must be sent, but both were empty/null!");
        return nullptr;
    }
    auto const& state = market_of(call).state();
    AlgoOrder const* found = nullptr;
    for (auto const own : state.account(call.account->id).algos) {
        auto const* algo = state.find_algo(own);
        bool const same =
            id ? own.value == static_cast<std::uint64_t>(*id) : algo->terms.client_id == client_id;
        if (same && (found == nullptr || algo->is_open())) found = algo;
    }
    return found;
}

Outcome<std::string> query_algo_order(Call& call) {
    auto const* algo = read_algo(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    if (algo == nullptr) return refuse(-2013, "Order does not exist.");
    return render_algo(*algo, market_of(call).state());
}

Outcome<AlgoOrder const*> cancel_algo_of(Call& call, AlgoId id) {
    return call.exchange.change_futures(
        [&](FuturesEngine& market, base::Timestamp now, Batch& batch) {
            return market.cancel_algo(call.account->id, id, now, batch);
        });
}

Outcome<std::string> cancel_algo_order(Call& call) {
    auto const* algo = read_algo(call);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    if (algo == nullptr) return refuse(-2011, "Unknown order sent.");
    auto const canceled = cancel_algo_of(call, algo->id);
    if (!canceled) return std::unexpected(canceled.error());
    JsonText json;
    json.begin_object()
        .number("algoId", static_cast<std::int64_t>((*canceled)->id.value))
        .text("clientAlgoId", (*canceled)->terms.client_id)
        .text("code", "200")
        .text("msg", "success")
        .end_object();
    return json.take();
}

std::vector<AlgoOrder const*> algos_of(Call const& call, std::optional<SymbolId> symbol,
                                       bool open_only) {
    auto const& state = market_of(call).state();
    std::vector<AlgoOrder const*> algos;
    for (auto const id : state.account(call.account->id).algos) {
        auto const* algo = state.find_algo(id);
        if (symbol && algo->terms.symbol != *symbol) continue;
        if (!open_only || algo->is_open()) algos.push_back(algo);
    }
    return algos;
}

Outcome<std::string> list_open_algos(Call& call) {
    std::optional<SymbolId> symbol;
    if (call.params.optional_text("symbol"))
        symbol = read_symbol(call.params, market_of(call).catalogue());
    for (auto const* name : {"algoType", "algoId"}) call.params.ignore(name);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    return render_algos(algos_of(call, symbol, true), market_of(call).state());
}

Outcome<std::string> list_all_algos(Call& call) {
    constexpr std::int64_t usual = 500;
    auto const symbol = read_symbol(call.params, market_of(call).catalogue());
    auto const from = call.params.optional_integer("algoId", 0, INT64_MAX);
    auto const page = call.params.optional_integer("page", 1, 1'000'000).value_or(1);
    auto const range = read_range(call.params, usual);
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    auto found = algos_of(call, symbol, false);
    std::erase_if(found, [&](AlgoOrder const* algo) {
        return (from && algo->id.value < static_cast<std::uint64_t>(*from)) ||
               algo->created_at < range.start || algo->created_at > range.end;
    });
    auto const skipped = std::min(found.size(), static_cast<std::size_t>(page - 1) * range.limit);
    auto const shown = std::min(range.limit, found.size() - skipped);
    return render_algos(std::span(found).subspan(skipped, shown), market_of(call).state());
}

Outcome<std::string> cancel_open_algos(Call& call) {
    auto const symbol = read_symbol(call.params, market_of(call).catalogue());
    auto const read = call.params.finish();
    if (!read) return std::unexpected(read.error());
    for (auto const* algo : algos_of(call, symbol, true)) (void)cancel_algo_of(call, algo->id);
    return R"({"code":200,"msg":"The operation of cancel all open order is done."})";
}

std::uint64_t open_algos_weight(Params const& params) { return params.find("symbol") ? 1 : 40; }

constexpr auto algo_signs = Security::signature;
constexpr std::array algo_table{
    Endpoint{"POST", "/fapi/v1/algoOrder", algo_signs, "", weighs<0>, place_algo_order},
    Endpoint{"GET", "/fapi/v1/algoOrder", algo_signs, "", weighs<1>, query_algo_order},
    Endpoint{"DELETE", "/fapi/v1/algoOrder", algo_signs, "", weighs<1>, cancel_algo_order},
    Endpoint{"GET", "/fapi/v1/openAlgoOrders", algo_signs, "", open_algos_weight, list_open_algos},
    Endpoint{"GET", "/fapi/v1/allAlgoOrders", algo_signs, "", weighs<5>, list_all_algos},
    Endpoint{"DELETE", "/fapi/v1/algoOpenOrders", algo_signs, "", weighs<1>, cancel_open_algos},
};

}  // namespace

std::span<Endpoint const> futures_algo_endpoints() { return algo_table; }

}  // namespace obscura::paper
