#include "ports/venue.hpp"

namespace obscura::ports {
namespace {

std::unexpected<base::Error> no_futures() {
    return base::fail(base::Errc::invalid_argument, "not_supported",
                      "This venue has no futures here.");
}

}  // namespace

Task<base::Result<void>> OrderVenue::configure(VenueRequest) { co_return no_futures(); }

Task<base::Result<std::vector<VenuePosition>>> OrderVenue::positions(VenueRequest) {
    co_return no_futures();
}

Task<base::Result<model::PositionMode>> OrderVenue::position_mode(VenueRequest) {
    co_return no_futures();
}

}  // namespace obscura::ports
