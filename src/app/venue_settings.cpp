#include "app/venue_settings.hpp"

#include "net/http.hpp"

namespace obscura::app {
namespace {

std::optional<std::string> is_origin_or_empty(std::string const& text) {
    if (text.empty()) return std::nullopt;
    auto const url = net::parse_url(text);
    bool const is_http = url && (url->scheme == "https" || url->scheme == "http");
    if (is_http && url->target == "/") return std::nullopt;
    return "must be an origin like http://127.0.0.1:8010, or empty";
}

}  // namespace

void bind_venues(base::ConfigTable& table, VenueSettings& settings) {
    table.bind("venues.paper_url", settings.paper_url,
               "The paper venue, as citadel's venues.binance.paper.rest has it; empty: none",
               is_origin_or_empty);
    table.bind("venues.authority", settings.authority,
               "PEM file of the CAs that may vouch for a venue; empty: the system's");
}

}  // namespace obscura::app
