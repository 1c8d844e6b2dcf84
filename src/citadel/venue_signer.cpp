#include "citadel/venue_signer.hpp"

#include "citadel/binance.hpp"
#include "citadel/bingx.hpp"
#include "citadel/bitget.hpp"
#include "citadel/bybit.hpp"
#include "citadel/gate.hpp"
#include "citadel/htx.hpp"
#include "citadel/hyperliquid.hpp"
#include "citadel/kucoin.hpp"
#include "citadel/mexc.hpp"
#include "citadel/okx.hpp"

#include <algorithm>

namespace obscura::citadel {

std::span<VenueSigner const> venue_signers() {
    static constexpr VenueSigner table[] = {binance, bybit, okx,   gate, bitget,
                                            kucoin,  mexc,  bingx, htx,  hyperliquid};
    return table;
}

VenueSigner const* find_signer(std::string_view venue) {
    auto const found = std::ranges::find(venue_signers(), venue, &VenueSigner::venue);
    return found == venue_signers().end() ? nullptr : &*found;
}

std::vector<std::string> venues_that_must_relay() {
    std::vector<std::string> out;
    for (auto const& signer : venue_signers())
        if (signer.relay != RelayReason::none) out.emplace_back(signer.venue);
    return out;
}

VenueBook public_venue_book() {
    VenueBook out;
    for (auto const& signer : venue_signers()) {
        out.emplace(std::string(signer.venue), signer.addresses());
    }
    return out;
}

}  // namespace obscura::citadel
