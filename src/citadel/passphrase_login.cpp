#include "citadel/passphrase_login.hpp"

#include "citadel/operation_rules.hpp"

namespace obscura::citadel {

using base::Json;

base::Result<ports::SignedRequest> passphrase_login(SigningTask const& task,
                                                    model::StreamLogin const& login,
                                                    std::string_view path,
                                                    std::chrono::seconds stamp_age) {
    if (!fits(request_id_spelling, login.request_id))
        return not_allowed("request_id", std::string(request_id_spelling.says));
    auto const seconds = task.window.timestamp_ms / 1000;
    auto const timestamp = std::to_string(seconds);
    auto const signature =
        task.credentials.sign(timestamp + "GET" + std::string(path), SignatureForm::sha256_base64);
    auto const argument = Json::object({{"apiKey", std::string(task.credentials.api_key())},
                                        {"passphrase", std::string(task.credentials.passphrase())},
                                        {"timestamp", timestamp},
                                        {"sign", signature}});
    return ports::SignedRequest{
        .method = "WS",
        .url = task.endpoints.websocket,
        .headers = {},
        .body = Json::object({{"op", "login"}, {"args", Json::array({argument})}}).dump(),
        .expires_at = base::from_unix_ms(seconds * 1000) + stamp_age};
}

}  // namespace obscura::citadel
