#pragma once

#include "citadel/venue_request.hpp"

#include <string>
#include <string_view>

/// What the requests of Binance's markets have in common: parameters, checks, the signature.
namespace obscura::citadel {

/// A REST operation before it is signed.
struct BinanceDraft {
    std::string_view method;
    std::string_view path;
    FormParameters parameters{};
    bool is_stamped_in_us = false;  ///< else in milliseconds
};

[[nodiscard]] base::Result<void> check_symbol(std::string_view symbol);
[[nodiscard]] base::Result<void> check_order_name(std::string_view symbol,
                                                  std::string_view client_order_id);
[[nodiscard]] std::string_view binance_side(model::Side side);

/// A limit or market order without what one market alone knows of it.
[[nodiscard]] base::Result<BinanceDraft> draft_order(std::string_view path,
                                                     model::PlaceOrder const& order);
/// An order to be asked for or cancelled by its client id.
[[nodiscard]] base::Result<BinanceDraft> draft_named(std::string_view method, std::string_view path,
                                                     std::string_view symbol,
                                                     std::string_view client_order_id);
[[nodiscard]] base::Result<BinanceDraft> draft_trades(std::string_view path,
                                                      model::ListTrades const& list);

/// The request of `draft` at `origin`; the signature covers the exact bytes that are sent.
[[nodiscard]] ports::SignedRequest sign_rest(std::string const& origin,
                                             ApiCredentials const& credentials, BinanceDraft draft,
                                             RequestWindow window);

}  // namespace obscura::citadel
