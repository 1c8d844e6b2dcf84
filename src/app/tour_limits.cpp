#include "app/tour_limits.hpp"

#include "app/stack_certificates.hpp"
#include "peers/citadel_client.hpp"
#include "peers/credential_seal.hpp"
#include "ports/key_vault.hpp"

namespace obscura::app {
namespace {

using namespace std::chrono_literals;
using base::Decimal;

/// How long citadel may take to read a price for the first time.
constexpr auto price_patience = 10s;

/// citadel as one of its callers sees it.
class Caller {
public:
    Caller(StackInfo const& stack, std::string const& name, boost::asio::any_io_executor executor)
        : url_(stack.internal_url("citadel")),
          http_(executor,
                {.allowed_origins = {url_},
                 .tls = certificate_files(stack.state_dir, name).client({{"citadel", url_}})},
                clock_),
          // The stack of a state folder is this machine's, whose owner plays the tour.
          citadel(http_, {.url = url_, .evidence = {.required = "software"}},
                  stack.internal_keys.find(name + "@citadel")->second, clock_, random_) {}
    ~Caller() { http_.close(); }
    Caller(Caller const&) = delete;
    Caller& operator=(Caller const&) = delete;

private:
    base::SystemClock clock_;
    base::SystemRandom random_;
    std::string url_;
    net::HttpClient http_;

public:
    peers::CitadelClient citadel;
};

template <class T>
T or_fail(base::Result<T> result, std::string const& what) {
    if (!result)
        throw ApiFailure(what + ": " + result.error().reason + " " + result.error().detail);
    return std::move(*result);
}

/// An account that nobody has, whose owner allows orders of 1,000 in BTCUSDT.
struct Limited {
    ports::ConnectionRecord connection;
    ports::SealedCredentials credentials;
};

net::Task<Limited> sealed_with_limits(Caller& gateway) {
    base::SystemClock const clock;
    base::SystemRandom random;
    auto const now = clock.now();
    Limited out;
    out.connection.id = model::ConnectionId::make(now, random);
    out.connection.tenant = model::TenantId::make(now, random);
    out.connection.user = model::UserId::make(now, random);
    out.connection.venue = "binance";
    peers::CredentialToSeal credential{.tenant = out.connection.tenant,
                                       .user = out.connection.user,
                                       .venue = out.connection.venue};
    for (auto const* field : {"api_key", "secret"})
        credential.credentials.emplace(field, base::Secret(std::string_view("of-nobody-at-all")));
    credential.limits = {.symbols = {"BTCUSDT"}, .max_order_notional = Decimal(1'000)};
    auto const key = or_fail(co_await gateway.citadel.sealing_key(), "sealing key");
    auto const sealed = or_fail(
        peers::seal_credential(key, credential, now, peers::software_sealing(), random), "seal");
    out.credentials =
        or_fail(co_await gateway.citadel.open_sealed(out.connection, sealed), "open-sealed");
    co_return out;
}

ports::SignItem order_of(Limited const& account, std::string symbol, base::Quantity quantity) {
    base::SystemClock const clock;
    model::PlaceOrder order{.symbol = std::move(symbol),
                            .type = model::OrderType::limit,
                            .quantity = quantity,
                            .limit_price = base::Price(50'000),
                            .time_in_force = model::TimeInForce::ioc,
                            .client_order_id = "tour-limit"};
    return {.id = "tour",
            .venue = account.connection.venue,
            .context = ports::context_of(account.connection),
            .credentials = account.credentials,
            .operation = std::move(order),
            .not_after = clock.now() + 5s};
}

/// "signed", or the reason of the refusal.
net::Task<std::string> answer_to(Caller& conductor, ports::SignItem item) {
    std::vector<ports::SignItem> items;
    items.push_back(std::move(item));
    auto const answers = or_fail(co_await conductor.citadel.sign(std::move(items)), "sign");
    co_return answers.at(0) ? "signed" : answers.at(0).error().reason;
}

void expect(std::string const& what, std::string const& wanted, std::string const& got) {
    if (got != wanted) throw ApiFailure(what + ": " + got + ", and not " + wanted);
}

net::Task<std::string> play(StackInfo const& stack, boost::asio::any_io_executor executor) {
    Caller gateway(stack, "gateway", executor);
    Caller conductor(stack, "conductor", executor);
    auto const account = co_await sealed_with_limits(gateway);
    auto const small = base::Quantity{Decimal::from_scaled(1, 2)};  // 500
    auto const large = base::Quantity{Decimal::from_scaled(3, 2)};  // 1,500
    base::SystemClock const clock;
    std::string got;
    for (auto const until = clock.steady() + price_patience; clock.steady() < until;) {
        got = co_await answer_to(conductor, order_of(account, "BTCUSDT", small));
        if (got == "signed") break;
        co_await net::sleep_for(100ms);  // until citadel has read the venue's price
    }
    expect("an order of 500", "signed", got);
    got = co_await answer_to(conductor, order_of(account, "BTCUSDT", large));
    expect("an order of 1,500", "limit_order_notional", got);
    got = co_await answer_to(conductor, order_of(account, "ETHUSDT", small));
    expect("an order in another symbol", "limit_symbol", got);
    co_return "its owner sealed 1,000 an order in BTCUSDT: 500 is signed, 1,500 is refused, and so is "
              "ETHUSDT";
}

}  // namespace

net::Task<void> LimitTour::run() {
    co_await scene_.step("citadel refuses conductor an order over its owner's limit",
                         [this] { return play(stack_, executor_); });
}

}  // namespace obscura::app
