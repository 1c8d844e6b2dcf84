#include "app/api_client.hpp"

#include "crypto/hmac.hpp"

namespace obscura::app {
namespace {

constexpr std::chrono::seconds deadline{30};

base::Json parsed(std::string const& body) {
    if (body.empty()) return {};
    auto json = base::parse_json(body);
    return json ? std::move(*json) : base::Json(body);
}

}  // namespace

ApiClient::ApiClient(boost::asio::any_io_executor executor, base::Clock const& clock,
                     std::vector<std::string> origins)
    : clock_(clock),
      http_(executor, {.allowed_origins = std::move(origins), .max_response_bytes = 256 << 20},
            clock) {}

net::Task<ApiAnswer> ApiClient::call(std::string method, std::string origin, std::string path,
                                     std::string token, base::Json body) {
    net::Request request;
    request.method = std::move(method);
    request.target = std::move(path);
    if (!token.empty()) request.headers.add("Authorization", "Bearer " + token);
    if (!body.is_null()) {
        request.headers.add("Content-Type", "application/json");
        request.body = body.dump();
    }
    auto const what = request.method + " " + request.target;
    auto const answer = co_await http_.fetch(std::move(origin), std::move(request), deadline);
    if (!answer) throw ApiFailure(what + ": " + answer.error().detail);
    co_return ApiAnswer{.status = answer->status, .body = parsed(answer->body)};
}

net::Task<base::Json> ApiClient::expect(std::string method, std::string origin, std::string path,
                                        std::string token, base::Json body) {
    auto const what = method + " " + path;
    auto answer = co_await call(std::move(method), std::move(origin), std::move(path),
                                std::move(token), std::move(body));
    if (answer.status < 200 || answer.status > 299)
        throw ApiFailure(what + " answered " + std::to_string(answer.status) + ": " +
                         answer.body.dump());
    co_return std::move(answer.body);
}

net::Task<ApiAnswer> ApiClient::signed_call(std::string method, std::string origin,
                                            std::string path, std::string api_key,
                                            std::string secret, std::string params) {
    if (!params.empty()) params += "&";
    params += "recvWindow=5000&timestamp=" + std::to_string(base::to_unix_ms(clock_.now()));
    params += "&signature=" + crypto::hmac_sha256_hex(secret, params);
    net::Request request;
    request.method = std::move(method);
    request.headers.add("X-MBX-APIKEY", std::move(api_key));
    request.target = std::move(path);
    if (request.method == "POST") {
        request.headers.add("Content-Type", "application/x-www-form-urlencoded");
        request.body = std::move(params);
    } else {
        request.target += "?" + params;
    }
    auto const what = request.method + " " + request.target;
    auto const answer = co_await http_.fetch(std::move(origin), std::move(request), deadline);
    if (!answer) throw ApiFailure(what + ": " + answer.error().detail);
    co_return ApiAnswer{.status = answer->status, .body = parsed(answer->body)};
}

std::string text_of(base::Json const& json, std::string_view key) {
    auto const text = json[key].to_text();
    if (!text) throw ApiFailure("no " + std::string(key) + " in " + json.dump().substr(0, 300));
    return std::string(*text);
}

}  // namespace obscura::app
