#pragma once

#include "base/clock.hpp"
#include "ports/signer.hpp"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

namespace obscura::test {

/// citadel for FakeVenue: the signed request is the typed operation itself.
class FakeCitadel final : public ports::Signer {
public:
    /// The headers are the account and, as recvWindow and timestamp have it, from when it is valid.
    [[nodiscard]] static ports::SignedRequest sign(ports::SignItem const& item,
                                                   base::Timestamp own_time) {
        auto const valid_from = base::to_unix_us(item.venue_now.value_or(own_time));
        return {.method = "POST",
                .url = "fake://venue",
                .headers = {{"account", item.context}, {"time", std::to_string(valid_from)}},
                .body = to_json(item.operation).dump(),
                .expires_at = item.not_after};
    }

    bool is_down = false;
    base::Clock const* clock = nullptr;  ///< for requests that do not say what time it is there
    std::set<std::string> bad_contexts;  ///< credentials that it cannot use
    std::string bad_reason = "bad_credential";
    base::Errc bad_code = base::Errc::invalid_argument;
    std::set<std::string> relayed;  ///< accounts whose orders are not handed out
    int calls = 0;
    int relays_demanded = 0;
    std::size_t largest_batch = 0;

    [[nodiscard]] ports::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override {
        ++calls;
        largest_batch = std::max(largest_batch, items.size());
        if (is_down)
            co_return base::fail(base::Errc::unavailable, "citadel_down", "citadel is down");
        std::vector<base::Result<ports::SignedRequest>> out;
        auto const own_time = clock == nullptr ? base::Timestamp{} : clock->now();
        for (auto const& item : items) {
            bool const is_order = std::holds_alternative<model::PlaceOrder>(item.operation);
            if (bad_contexts.contains(item.context)) {
                out.emplace_back(base::fail(bad_code, bad_reason, "not ours"));
            } else if (is_order && relayed.contains(item.context)) {
                ++relays_demanded;
                out.emplace_back(
                    base::fail(base::Errc::invalid_argument, "relay_required", "not handed out"));
            } else {
                out.emplace_back(sign(item, own_time));
            }
        }
        co_return out;
    }
};

}  // namespace obscura::test
