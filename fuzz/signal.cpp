// Bodies of requests: a signal, and what our services send each other. What is accepted is written
// and read again as itself; what is refused names its fields.
#include "model/signal.hpp"
#include "base/json.hpp"
#include "citadel/sign_batch.hpp"
#include "fuzz/problem.hpp"
#include "fuzz/target.hpp"
#include "model/trade.hpp"
#include "model/venue_operation.hpp"
#include "paper/faults.hpp"
#include "ports/caller.hpp"

#include <array>
#include <tuple>

namespace obscura::fuzz {
namespace {

constexpr std::array<model::ServedMarkets, 3> served_markets{
    {{}, {.futures = true}, {.futures = true, .protections = true}}};

auto members_of(model::SignalRequest const& r) {
    return std::tie(r.symbol, r.side, r.quantity, r.order_type, r.price, r.venue, r.market,
                    r.reduce_only, r.priority, r.expires_at, r.max_age_ms, r.external_trade_id,
                    r.external_trader_ref, r.body, r.leverage, r.margin_mode, r.stop_loss_pct,
                    r.take_profit_pct);
}

void try_signal(base::Json const& json, model::ServedMarkets served) {
    auto const request = model::signal_request_from_json(json, served);
    if (!request) return must_be_told(request.error());
    must(request->quantity.is_positive(), "a signal trades something");
    must(!request->price || request->price->is_positive(), "a price is above 0");
    must(request->price.has_value() == (request->order_type == model::OrderType::limit),
         "limit signals have a price, and only they");
    must(request->market == model::Market::spot || served.futures, "the market is served");
    auto const kept = base::parse_json(request->body.dump());
    must(kept.has_value(), "the body that is kept is JSON");
    auto const again = model::signal_request_from_json(*kept, served);
    must(again && members_of(*again) == members_of(*request), "a signal reads as what it was");
}

/// Of a type with `to_json`: writes and reads it once more.
template <class Read>
void try_own(base::Json const& json, Read const& read) {
    auto const value = read(json);
    if (!value) return must_be_told(value.error());
    auto const text = to_json(*value).dump();
    auto const parsed = base::parse_json(text);
    must(parsed.has_value(), "our own form is JSON");
    auto const again = read(*parsed);
    must(again && to_json(*again).dump() == text, "our own form reads as what it was");
}

void try_batch(base::Json const& json) {
    auto const batch = citadel::batch_from_json(json, {});
    if (!batch) return must_be_told(batch.error());
    citadel::BatchAnswer answer(batch->size());
    for (auto const& [id, item] : *batch) {
        if (!item) must_be_told(item.error());
        must(!item || item->id == id, "an item has the id of its answer");
        auto const refused = base::fail(base::Errc::not_found, "refused", id).error();
        answer.add(id, item ? refused : item.error());
    }
    auto const told = base::parse_json(answer.finish());
    must(told && (*told)["items"].as_array().size() == batch->size(),
         "a batch has an answer for every item");
}

void try_json(base::Json const& json) {
    auto const text = json.dump();
    must(base::parse_json(text) == json, "JSON reads as what was written");
    auto const sorted = base::parse_json(json.dump_canonical());
    must(sorted && sorted->dump_canonical() == json.dump_canonical(), "canonical JSON is final");
}

}  // namespace

/// A byte that chooses the reader, and a body.
void try_input(std::string_view input) {
    auto const [choice, body] = choice_and_rest(input);
    auto const json = base::parse_json(body);
    if (!json) return must(!json.error().detail.empty(), "what is not JSON is told so");
    try_json(*json);
    switch (choice % 8) {
        case 0:
        case 1:
        case 2:
            return try_signal(*json, served_markets[choice % 8]);
        case 3:
            return try_own(*json, model::trade_from_json);
        case 4:
            return try_own(*json, [](base::Json const& operation) {
                return model::operation_from_json(operation, "/operation");
            });
        case 5:
            return try_own(*json, ports::caller_from_json);
        case 6:
            return try_batch(*json);
        default:
            if (auto const faults = paper::decode_faults(*json); !faults)
                must_be_told(faults.error());
    }
}

}  // namespace obscura::fuzz
