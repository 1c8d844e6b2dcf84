#include "gateway/ip_range.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <span>

namespace obscura::gateway {
namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
    return text;
}

}  // namespace

std::optional<IpRange::Address> IpRange::parse_address(std::string_view text) {
    if (text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
    std::string const terminated(text);
    Address address;
    if (inet_pton(AF_INET, terminated.c_str(), address.bytes.data()) == 1) {
        address.is_v4 = true;
        return address;
    }
    if (inet_pton(AF_INET6, terminated.c_str(), address.bytes.data()) != 1) return std::nullopt;
    constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
    if (!std::ranges::equal(mapped, std::span(address.bytes).first<12>())) return address;
    Address v4{.is_v4 = true};
    std::ranges::copy(std::span(address.bytes).last<4>(), v4.bytes.begin());
    return v4;
}

IpRange::Address IpRange::masked(Address address, int bits) {
    for (int i = 0; i < 16; ++i) {
        auto const kept = std::clamp(bits - 8 * i, 0, 8);
        address.bytes[static_cast<std::size_t>(i)] &= static_cast<std::uint8_t>(0xff00 >> kept);
    }
    return address;
}

std::optional<IpRange> IpRange::parse(std::string_view text) {
    auto const slash = text.find('/');
    auto const address = parse_address(text.substr(0, slash));
    if (!address) return std::nullopt;
    IpRange range;
    range.first_ = *address;
    range.bits_ = address->is_v4 ? 32 : 128;
    if (slash == std::string_view::npos) return range;
    auto const digits = text.substr(slash + 1);
    int bits = -1;
    auto const [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
    if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (bits < 0 || bits > range.bits_) return std::nullopt;
    range.bits_ = bits;
    if (masked(*address, bits).bytes != address->bytes) return std::nullopt;
    return range;
}

std::string IpRange::network(int bits) const {
    auto const first = masked(first_, bits);
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(first.is_v4 ? AF_INET : AF_INET6, first.bytes.data(), text.data(), text.size());
    return std::string(text.data()) + "/" + std::to_string(bits);
}

bool IpRange::contains(std::string_view address) const {
    auto const parsed = parse_address(address);
    return parsed && parsed->is_v4 == first_.is_v4 && masked(*parsed, bits_).bytes == first_.bytes;
}

bool any_contains(std::vector<IpRange> const& ranges, std::string_view address) {
    return std::ranges::any_of(ranges, [&](auto const& range) { return range.contains(address); });
}

std::string network_of(std::string_view address) {
    auto const range = IpRange::parse(address);
    if (!range || range->is_v4()) return std::string(address);
    return range->network(64);
}

std::string client_address(net::Request const& request,
                           std::vector<IpRange> const& trusted_proxies) {
    auto address = std::string_view(request.remote_address);
    if (!any_contains(trusted_proxies, address)) return std::string(address);
    std::vector<std::string_view> hops;
    for (auto const& [name, value] : request.headers) {
        if (!std::ranges::equal(name, std::string_view("x-forwarded-for"), {},
                                [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; }))
            continue;
        // All of them, as many as fit into a header: the one that counts comes last.
        for (std::string_view rest = value;;) {
            auto const comma = rest.find(',');
            hops.push_back(trim(rest.substr(0, comma)));
            if (comma == std::string_view::npos) break;
            rest.remove_prefix(comma + 1);
        }
    }
    // From the nearest: everything left of the first stranger is that stranger's word.
    for (auto hop = hops.rbegin(); hop != hops.rend(); ++hop) {
        if (!IpRange::parse(*hop) || hop->contains('/')) break;
        address = *hop;
        if (!any_contains(trusted_proxies, address)) break;
    }
    return std::string(address);
}

}  // namespace obscura::gateway
