#include "venue/binance_call.hpp"

#include <algorithm>

namespace obscura::venue {

std::expected<SignedCall, std::string> to_call(ports::SignedRequest signed_request,
                                               std::vector<std::string> const& rest_origins) {
    auto url = net::parse_url(signed_request.url);
    if (!url) return std::unexpected("its address cannot be read");
    auto origin = url->origin();
    if (std::ranges::find(rest_origins, origin) == rest_origins.end())
        return std::unexpected("its address is not one of this venue");
    SignedCall call;
    call.origin = std::move(origin);
    call.request.method = std::move(signed_request.method);
    call.request.target = std::move(url->target);
    for (auto& [name, value] : signed_request.headers)
        call.request.headers.add(std::move(name), std::move(value));
    call.request.body = std::move(signed_request.body);
    return call;
}

base::Error not_called(std::string const& why) {
    return base::Error{.code = base::Errc::unavailable,
                       .reason = "venue_not_called",
                       .detail = "The request was not sent: " + why + "."};
}

bool is_success(net::Response const& response) {
    return response.status >= 200 && response.status < 300;
}

}  // namespace obscura::venue
