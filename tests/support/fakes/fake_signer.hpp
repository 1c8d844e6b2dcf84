#pragma once

#include "net/http.hpp"
#include "ports/signer.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>
#include <vector>

namespace obscura::test {

/// Builds Binance's requests without signing anything: good for servers that check nothing.
class FakeSigner final : public ports::Signer {
public:
    explicit FakeSigner(std::string rest) : rest_(std::move(rest)) {}

    bool is_down = false;
    std::size_t calls = 0;
    std::vector<ports::SignItem> asked;  ///< every item of them

    [[nodiscard]] ports::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override {
        ++calls;
        if (is_down)
            co_return base::fail(base::Errc::unavailable, "citadel_down", "citadel is down");
        std::vector<base::Result<ports::SignedRequest>> out;
        for (auto const& item : items) out.emplace_back(make(item));
        std::ranges::move(items, std::back_inserter(asked));
        co_return out;
    }

private:
    [[nodiscard]] ports::SignedRequest make(ports::SignItem const& item) const {
        bool const is_futures = item.market == model::Market::futures;
        ports::SignedRequest out{.method = "GET", .expires_at = item.not_after};
        if (auto const* login = std::get_if<model::StreamLogin>(&item.operation)) {
            out.method = "WS";
            out.body = base::Json::object({{"id", login->request_id},
                                           {"method", "userDataStream.subscribe.signature"}})
                           .dump();
        } else if (auto const* list = std::get_if<model::ListTrades>(&item.operation)) {
            out.url = rest_ + (is_futures ? "/fapi/v1/userTrades" : "/api/v3/myTrades") +
                      "?symbol=" + list->symbol;
            if (list->from_id) out.url += "&fromId=" + std::to_string(*list->from_id);
            if (list->start_time)
                out.url += "&startTime=" + std::to_string(base::to_unix_ms(*list->start_time));
            out.url += "&limit=" + std::to_string(list->limit);
        } else if (auto const* key = std::get_if<model::ListenKey>(&item.operation)) {
            out.method = key->action == model::ListenKey::Action::create ? "POST" : "PUT";
            out.url = rest_ + "/fapi/v1/listenKey";
        }
        return out;
    }

    std::string rest_;
};

}  // namespace obscura::test
