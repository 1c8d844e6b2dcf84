#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/client.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <stdexcept>
#include <string>

namespace obscura::app {

/// An answer that the caller did not expect: the tour and the demo stop with it.
struct ApiFailure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

struct ApiAnswer {
    unsigned status = 0;
    base::Json body;
};

/// JSON over HTTP for the project's own programs: the demo data, the tour, `obscura admin`.
class ApiClient {
public:
    ApiClient(boost::asio::any_io_executor executor, base::Clock const& clock,
              std::vector<std::string> origins);

    /// `token`: "" for none, an access token, or an API key. Throws ApiFailure when there is no
    /// answer.
    [[nodiscard]] net::Task<ApiAnswer> call(std::string method, std::string origin,
                                            std::string path, std::string token,
                                            base::Json body = {});
    /// `call`, and ApiFailure with the problem's words unless the status is 2xx.
    [[nodiscard]] net::Task<base::Json> expect(std::string method, std::string origin,
                                               std::string path, std::string token,
                                               base::Json body = {});
    /// A Binance call with an HMAC key, as any client would sign it.
    [[nodiscard]] net::Task<ApiAnswer> signed_call(std::string method, std::string origin,
                                                   std::string path, std::string api_key,
                                                   std::string secret, std::string params);
    void close() { http_.close(); }

private:
    base::Clock const& clock_;
    net::HttpClient http_;
};

/// The member's text; ApiFailure when it is not there.
[[nodiscard]] std::string text_of(base::Json const& json, std::string_view key);

}  // namespace obscura::app
