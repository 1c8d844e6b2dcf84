#pragma once

#include "net/http.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::gateway {

/// An address or a CIDR block, IPv4 or IPv6. IPv4 addresses mapped into IPv6 are IPv4.
class IpRange {
public:
    /// "192.0.2.1", "192.0.2.0/24", "2001:db8::/32"; nullopt for anything else, and for a block
    /// with bits set behind its prefix: it says something else than its writer meant.
    [[nodiscard]] static std::optional<IpRange> parse(std::string_view text);
    /// False for text that is no address.
    [[nodiscard]] bool contains(std::string_view address) const;
    [[nodiscard]] bool is_v4() const { return first_.is_v4; }
    /// The block of `bits` around the first address, as text.
    [[nodiscard]] std::string network(int bits) const;

private:
    struct Address {
        std::array<std::uint8_t, 16> bytes{};
        bool is_v4 = false;
    };
    [[nodiscard]] static std::optional<Address> parse_address(std::string_view text);
    [[nodiscard]] static Address masked(Address address, int bits);

    Address first_;
    int bits_ = 0;
};

[[nodiscard]] bool any_contains(std::vector<IpRange> const& ranges, std::string_view address);

/// Whom a limit by address counts: an IPv4 address, or the /64 of an IPv6 one, of which anybody has
/// all addresses. Text that is no address comes back as it is.
[[nodiscard]] std::string network_of(std::string_view address);

/// The client's address: the TCP peer's, or, as long as that is a proxy of ours, the nearest
/// address in X-Forwarded-For that is none.
[[nodiscard]] std::string client_address(net::Request const& request,
                                         std::vector<IpRange> const& trusted_proxies);

}  // namespace obscura::gateway
