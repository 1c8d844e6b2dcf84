#pragma once

#include "net/http.hpp"

#include <string>
#include <vector>

namespace obscura::gateway {

/// Which web pages may call us (Fetch standard, CORS). Credentials travel in headers that a page
/// sets itself, never in cookies, so no answer allows "credentials".
class Cors {
public:
    /// Origins as browsers write them, "https://app.example.org"; "*" allows every page.
    explicit Cors(std::vector<std::string> origins) : origins_(std::move(origins)) {}

    /// Adds what a page needs to read the answer, where its origin is allowed.
    void decorate(net::Request const& request, net::Response& response) const;
    /// The answer to OPTIONS on a path that takes `methods`.
    [[nodiscard]] net::Response preflight(net::Request const& request,
                                          std::string const& methods) const;

private:
    [[nodiscard]] bool allows(std::string_view origin) const;

    std::vector<std::string> origins_;
};

}  // namespace obscura::gateway
