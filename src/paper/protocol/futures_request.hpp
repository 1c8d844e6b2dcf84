#pragma once

#include "paper/engine/futures/types.hpp"
#include "paper/protocol/order_request.hpp"

namespace obscura::paper {

/// The parameters of POST /fapi/v1/order; complaints are left in `reader`.
[[nodiscard]] OrderRequest read_futures_order(ParamReader& reader, Catalogue const& catalogue);
/// The parameters of POST /fapi/v1/algoOrder.
[[nodiscard]] NewAlgoOrder read_algo_order(ParamReader& reader, Catalogue const& catalogue);

}  // namespace obscura::paper
