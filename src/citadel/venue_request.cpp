#include "citadel/venue_request.hpp"

#include "net/http.hpp"

namespace obscura::citadel {

std::unexpected<base::Error> not_allowed(std::string_view member, std::string detail) {
    return std::unexpected(
        base::field_error("/operation/" + std::string(member), "not_allowed", std::move(detail)));
}

std::unexpected<base::Error> not_known_to(std::string_view market) {
    return not_supported(std::string(market) + " know no such operation.");
}

std::unexpected<base::Error> not_supported(std::string detail) {
    return base::fail(base::Errc::invalid_argument, "not_supported", std::move(detail));
}

std::string VenueDraft::target() const { return query.empty() ? path : path + '?' + query.text(); }

void FormParameters::add(std::string_view name, std::string_view value) {
    if (!text_.empty()) text_ += '&';
    text_ += name;
    text_ += '=';
    text_ += net::percent_encode(value);
}

base::Result<RequestWindow> RequestWindow::until(base::Timestamp not_after, base::Timestamp now,
                                                 std::chrono::seconds longest) {
    RequestWindow window{.timestamp_ms = base::to_unix_ms(now)};
    window.receive_ms = base::to_unix_ms(not_after) - window.timestamp_ms;
    if (window.receive_ms <= 0) {
        return base::fail(base::Errc::invalid_argument, "not_after_passed",
                          "not_after has passed: nothing was signed.");
    }
    if (window.receive_ms > std::chrono::milliseconds(longest).count()) {
        return base::fail(
            base::Errc::invalid_argument, "not_after_too_far",
            "not_after must be at most " + std::to_string(longest.count()) + " seconds ahead.");
    }
    return window;
}

}  // namespace obscura::citadel
