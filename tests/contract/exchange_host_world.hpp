#pragma once

#include "ports/exchange_host.hpp"
#include "support/fakes/fake_exchange_host.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

/// What the contract of ports::ExchangeHost needs around a host. A host that comes is one more
/// world in `exchange_host_worlds`; so far there is the fake alone.
namespace obscura::test {

class ExchangeHostWorld {
public:
    virtual ~ExchangeHostWorld() = default;
    [[nodiscard]] virtual ports::ExchangeHost& host() = 0;
    /// With a venue that the host serves, its origin and a credential of it; `account` makes it
    /// another's. The operation is given.
    [[nodiscard]] virtual ports::HostTask task(model::VenueOperation operation,
                                               std::string_view account = "one") = 0;
    /// Of that venue, as it writes them.
    [[nodiscard]] virtual std::string symbol() const = 0;
    [[nodiscard]] virtual std::string order_id() const = 0;
    /// From now on no answer comes within a minute.
    virtual void hang() = 0;
    /// The program ends and stays so.
    virtual void end() = 0;
};

class FakeHostWorld final : public ExchangeHostWorld {
public:
    [[nodiscard]] ports::ExchangeHost& host() override { return host_; }
    [[nodiscard]] ports::HostTask task(model::VenueOperation operation,
                                       std::string_view account) override {
        ports::HostTask out{.venue = std::string(FakeExchangeHost::venue),
                            .environment = model::Environment::live,
                            .market = model::Market::spot,
                            .origin = std::string(FakeExchangeHost::origin),
                            .operation = std::move(operation),
                            .credentials = {},
                            .venue_now = base::from_unix_ms(1'764'000'000'000),
                            .not_after = base::from_unix_ms(1'764'000'005'000)};
        auto const of = [&](char const* what) { return std::string(what) + std::string(account); };
        out.credentials.emplace("api_key", base::Secret(std::string_view(of("a-key-of-"))));
        out.credentials.emplace("secret", base::Secret(std::string_view(of("a-secret-of-"))));
        return out;
    }
    [[nodiscard]] std::string symbol() const override { return "BTC-USDT"; }
    [[nodiscard]] std::string order_id() const override { return "leg-1"; }
    void hang() override { host_.takes = std::chrono::minutes(1); }
    void end() override { host_.has_ended = true; }

private:
    FakeExchangeHost host_;
};

struct NamedHostWorld {
    std::string name;
    std::function<std::unique_ptr<ExchangeHostWorld>()> make;
};
inline std::vector<NamedHostWorld> exchange_host_worlds() {
    return {{"fake", [] { return std::make_unique<FakeHostWorld>(); }}};
}

}  // namespace obscura::test
