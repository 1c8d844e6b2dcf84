#include "sentinel/trade_identity.hpp"

#include "crypto/hash.hpp"

#include <algorithm>

namespace obscura::sentinel {

model::TradeId trade_id_of(std::string_view venue_identity) {
    auto const digest = crypto::sha256(venue_identity);
    base::Uuid id;
    std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0f) | 0x80);  // version 8
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3f) | 0x80);  // variant of RFC 9562
    return model::TradeId{id};
}

}  // namespace obscura::sentinel
