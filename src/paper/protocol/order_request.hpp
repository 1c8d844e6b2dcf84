#pragma once

#include "paper/engine/engine.hpp"
#include "paper/protocol/params.hpp"

#include <array>

namespace obscura::paper {

enum class ResponseType { ack, result, full };

struct OrderRequest {
    NewOrder order;
    ResponseType response = ResponseType::full;
};

/// The parameters of POST /api/v3/order; complaints are left in `reader`.
[[nodiscard]] OrderRequest read_order(ParamReader& reader, Catalogue const& catalogue);

/// `symbol`: -1102 when absent, -1121 when unknown.
[[nodiscard]] SymbolId read_symbol(ParamReader& reader, Catalogue const& catalogue);

/// `orderId` or `origClientOrderId`: -1102 when neither is there.
[[nodiscard]] OrderName read_order_name(ParamReader& reader);

/// An enumerator by its name; `code` and `message` when it is none.
template <class E, std::size_t N>
E read_enum(ParamReader& reader, std::string_view name,
            std::array<base::EnumName<E>, N> const& names, int code, char const* message) {
    auto const value = model::value_of(reader.text(name), names);
    if (!value) reader.add_error(code, message);
    return value.value_or(names[0].value);
}

/// `name`, 1 to 36 of the characters that client ids may have (-1100), or "".
[[nodiscard]] std::string read_client_id(ParamReader& reader, std::string_view name);

}  // namespace obscura::paper
