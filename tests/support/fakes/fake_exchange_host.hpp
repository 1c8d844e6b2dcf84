#pragma once

#include "crypto/hmac.hpp"
#include "net/runtime.hpp"
#include "ports/exchange_host.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <utility>
#include <variant>

namespace obscura::test {

/// The exchange host of one made-up venue, which signs its requests as most venues do. There is no
/// real host yet: this one keeps what the port promises, so that citadel's side can be tried.
class FakeExchangeHost final : public ports::ExchangeHost {
public:
    static constexpr std::string_view venue = "fakex";
    static constexpr std::string_view origin = "https://api.fakex.test:443";

    bool has_ended = false;
    std::chrono::milliseconds takes{0};
    std::size_t asked = 0;
    std::chrono::milliseconds given{};  ///< the time that the last task had
    /// What a host gone bad makes of its answer.
    std::function<void(ports::HostTask const&, base::Result<ports::SignedRequest>&)> spoil;

    [[nodiscard]] bool serves(std::string_view name) const override { return name == venue; }
    [[nodiscard]] ports::Task<base::Result<ports::SignedRequest>> sign(
        ports::HostTask task, std::chrono::milliseconds within) override {
        ++asked;
        given = within;
        struct Slot {
            std::size_t& taken;
            explicit Slot(std::size_t& t) : taken(t) { ++taken; }
            ~Slot() { --taken; }
        } const slot(under_way_);
        if (has_ended) co_return refuse(base::Errc::unavailable, "exchange_host_unavailable");
        if (under_way_ > max_under_way)
            co_return refuse(base::Errc::unavailable, "exchange_host_busy");
        co_await net::sleep_for(std::min(takes, within));
        if (takes >= within)
            co_return refuse(base::Errc::upstream_timeout, "exchange_host_timeout");
        auto made = make(task);
        if (spoil) spoil(task, made);
        co_return made;
    }

private:
    static std::unexpected<base::Error> refuse(base::Errc code, std::string reason) {
        return base::fail(code, std::move(reason), "");
    }

    /// The words of the venue: the operation as we write it ourselves.
    [[nodiscard]] static base::Result<ports::SignedRequest> make(ports::HostTask const& task) {
        bool const has_words = ports::may_ask_host(task.operation) &&
                               !std::holds_alternative<model::SetMarginMode>(task.operation);
        if (task.venue != venue || !has_words)
            return refuse(base::Errc::invalid_argument, "not_supported");
        auto const key = task.credentials.find("api_key");
        auto const secret = task.credentials.find("secret");
        if (task.credentials.size() != 2 || key == task.credentials.end() ||
            secret == task.credentials.end())
            return refuse(base::Errc::invalid_argument, "invalid_credentials");
        if (task.not_after <= task.venue_now)
            return refuse(base::Errc::invalid_argument, "not_after_passed");
        auto body = to_json(task.operation);
        body.set("expires", base::to_unix_ms(task.not_after));
        ports::SignedRequest out{.method = "POST",
                                 .url = task.origin + "/v1/do",
                                 .headers = {{"Content-Type", "application/json"}},
                                 .body = body.dump(),
                                 .expires_at = task.not_after};
        out.headers.emplace_back("X-Fakex-Key", std::string(key->second.reveal()));
        out.headers.emplace_back("X-Fakex-Sign",
                                 crypto::hmac_sha256_hex(secret->second.reveal(), out.body));
        return out;
    }

    std::size_t under_way_ = 0;
};

}  // namespace obscura::test
