// The parameters of an order to the paper venue, by REST and by WebSocket.
#include "base/json.hpp"
#include "fuzz/target.hpp"
#include "paper/protocol/futures_request.hpp"

namespace obscura::fuzz {
namespace {

using paper::ParamReader;
using paper::Params;

void must_leave_out_the_signature(std::string_view bytes) {
    must(!bytes.starts_with("signature=") && !bytes.contains("&signature="),
         "a signature does not cover itself");
}

void must_be_an_order(paper::NewOrder const& order, paper::Catalogue const& catalogue) {
    must(order.symbol.value < catalogue.instruments().size(), "an order is for a known symbol");
    must(!order.quantity.is_negative() && !order.quote_quantity.is_negative() &&
             !order.price.is_negative(),
         "no amount of an order is below 0");
    bool const is_market = order.kind == paper::OrderKind::market;
    must(!is_market || order.price.is_zero(), "a market order has no price");
    must(order.client_id.size() <= 36, "a client id is bounded");
}

void must_be_refused(paper::VenueError const& error) {
    must(error.code < -1000 && !error.message.empty(), "a refusal is one of the venue's");
}

void try_params(Params const& params) {
    static paper::Catalogue const spot(model::Market::spot);
    static paper::Catalogue const futures(model::Market::futures);
    for (auto const& [name, value] : params)
        must(params.find(name) == value, "no parameter is there twice");
    {
        ParamReader reader(params);
        auto const request = paper::read_order(reader, spot);
        if (auto const read = reader.finish())
            must_be_an_order(request.order, spot);
        else
            must_be_refused(read.error());
    }
    {
        ParamReader reader(params);
        auto const request = paper::read_futures_order(reader, futures);
        if (auto const read = reader.finish())
            must_be_an_order(request.order, futures);
        else
            must_be_refused(read.error());
    }
    ParamReader reader(params);
    auto const order = paper::read_algo_order(reader, futures);
    if (auto const read = reader.finish(); !read) return must_be_refused(read.error());
    must(order.symbol.value < futures.instruments().size(), "an order is for a known symbol");
    must(!order.trigger.is_negative() && !order.quantity.is_negative(), "no amount is below 0");
    must(!order.close_position || order.quantity.is_zero(), "the whole position has no quantity");
}

}  // namespace

/// Parameters as a WebSocket call has them where the input is JSON; otherwise a query, and below it
/// a form body.
void try_input(std::string_view input) {
    if (auto const json = base::parse_json(input)) {
        auto const params = Params::from_json(*json);
        return params ? try_params(*params) : must_be_refused(params.error());
    }
    auto const query = take_line(input);
    auto const params = Params::from_http(query, input);
    if (!params) return must_be_refused(params.error());
    // Joined without a mark, as the venue joins them, both may spell one that neither has.
    if (query.empty() || input.empty()) must_leave_out_the_signature(params->signed_bytes());
    try_params(*params);
}

}  // namespace obscura::fuzz
