#pragma once

// A caller, citadel and a venue on loopback sockets. Two forwarders stand where the caller's own
// bytes pass: what they record is all that the caller could see or alter.

#include "citadel/credential_limits.hpp"
#include "citadel/service.hpp"
#include "crypto/base64.hpp"
#include "crypto/hmac.hpp"
#include "net/server.hpp"
#include "peers/citadel_client.hpp"
#include "peers/relay_client.hpp"
#include "support/coroutine.hpp"
#include "support/forwarder.hpp"
#include "support/run_until.hpp"
#include "support/tls_authority.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace obscura::peers::relay_client_test {

using namespace std::chrono_literals;
using Kind = RelayFailure::Kind;
using base::Json;
using obscura::test::Forwarder;
using obscura::test::run;
using obscura::test::TlsAuthority;

inline constexpr std::string_view api_key = "aK3yOf0bscura";
inline constexpr std::string_view account_secret = "a5ecretOf0bscuraThatSignsNothingElse";
inline constexpr std::string_view passphrase = "A-passphrase/of.hers1";

struct KnownPrices final : ports::PriceSource {
    std::function<void()> on_question;
    std::optional<base::Price> price(ports::MarketPlace const&, std::string const&) override {
        if (on_question) on_question();
        return base::Price(50'000);
    }
};

/// OKX as far as one order goes: who may, and what was placed.
struct Venue {
    std::vector<std::string> orders;
    std::string echo;  ///< said instead of an answer
    bool is_silent = false;
    net::Headers headers{{"X-RateLimit-Remaining", "7"}, {"Set-Cookie", "session=1"}};

    [[nodiscard]] static std::string_view of(net::Request const& request, char const* name) {
        return request.headers.find(name).value_or("");
    }
    [[nodiscard]] net::Response answer(net::Request const& request) {
        auto const text =
            std::string(of(request, "OK-ACCESS-TIMESTAMP")) + request.method + request.target;
        auto const sign =
            crypto::base64_encode(crypto::hmac_sha256(account_secret, text + request.body));
        bool const good = of(request, "OK-ACCESS-KEY") == api_key &&
                          of(request, "OK-ACCESS-PASSPHRASE") == passphrase &&
                          of(request, "OK-ACCESS-SIGN") == sign;
        if (good && request.method == "POST") orders.push_back(request.body);
        auto out = net::json_response(
            good ? 200 : 401, Json::object({{"code", good ? "0" : "50113"}, {"data", echo}}));
        for (auto const& [name, value] : headers) out.headers.add(name, value);
        return out;
    }
};

class RelayClientTest : public ::testing::Test {
protected:
    boost::asio::io_context io_;
    base::SystemClock clock_;
    base::SeededRandom random_{3};
    base::Metrics metrics_;
    KnownPrices prices_;
    TlsAuthority authority_;
    Venue venue_;
    std::unique_ptr<net::HttpServer> venue_server_, citadel_server_;
    std::unique_ptr<citadel::Service> service_;
    std::unique_ptr<Forwarder> to_venue_, to_citadel_;
    std::unique_ptr<RelayClient> client_;
    std::string audit_folder_;  ///< empty: no log
    citadel::CallRates rates_;

    void TearDown() override {
        if (client_) run(io_, client_->stop());
        for (auto* one : {to_venue_.get(), to_citadel_.get()})
            if (one != nullptr) run(io_, one->stop());
        for (auto* one : {citadel_server_.get(), venue_server_.get()})
            if (one != nullptr) run(io_, one->stop(100ms));
    }
    void serve_venue(TlsAuthority::Files const& files) {
        net::Router router;
        for (auto const* method : {"POST", "GET"}) {
            router.add({.method = method,
                        .pattern = "/api/v5/{rest*}",
                        .handler = [this](net::Request& request)
                            -> net::Task<base::Result<net::Response>> {
                            auto answer = venue_.answer(request);
                            if (venue_.is_silent) co_await net::sleep_for(1h);
                            co_return answer;
                        }});
        }
        net::ServerConfig config{.tls = net::TlsServerConfig{files.certificate, files.key}};
        venue_server_ = std::make_unique<net::HttpServer>(io_.get_executor(), config,
                                                          std::move(router), clock_, random_);
        venue_server_->start();
        to_venue_ = std::make_unique<Forwarder>(io_.get_executor(), venue_server_->port());
    }
    void serve_citadel() {
        citadel::Config config;
        config.master_keys_hex[0] = base::Secret(std::string_view(std::string(64, '1')));
        for (std::size_t i = 0; i < citadel::caller_names.size(); ++i)
            config.caller_keys[i] = key_of(citadel::caller_names[i].name);
        config.relay_ca_file = authority_.ca_file();
        config.audit.folder = audit_folder_;
        config.rates = rates_;
        auto& live = config.venues.at("okx")[static_cast<std::size_t>(model::Environment::live)];
        live.rest = "https://localhost:" + std::to_string(venue_server_->port());
        service_ = std::make_unique<citadel::Service>(std::move(config), clock_, random_, metrics_,
                                                      &prices_);
        citadel_server_ = std::make_unique<net::HttpServer>(io_.get_executor(), net::ServerConfig{},
                                                            service_->router(), clock_, random_);
        citadel_server_->start();
        to_citadel_ = std::make_unique<Forwarder>(io_.get_executor(), citadel_server_->port());
    }
    void serve() {
        serve_venue(authority_.issue("DNS:localhost"));
        serve_citadel();
    }
    static base::Secret key_of(std::string_view caller) {
        return base::Secret(std::string_view("key-of-" + std::string(caller)));
    }
    [[nodiscard]] RelayClientConfig config() const {
        return {.citadel_url = "http://127.0.0.1:" + std::to_string(to_citadel_->port()),
                .venue = "okx",
                .venue_origin = "https://127.0.0.1:" + std::to_string(to_venue_->port()),
                .connections = 1};
    }
    RelayClient& client(std::string_view caller = "conductor") {
        if (client_) run(io_, client_->stop());
        client_ =
            std::make_unique<RelayClient>(io_.get_executor(), config(), key_of(caller), clock_);
        return *client_;
    }
    /// As gateway seals; `limits` as their owner gave them.
    [[nodiscard]] ports::SealedCredentials seal(std::string_view limits = "") {
        net::HttpClient http(io_.get_executor(), {.allowed_origins = {"*"}}, clock_);
        CitadelClient gateway(http,
                              {.url = "http://127.0.0.1:" + std::to_string(citadel_server_->port()),
                               .evidence = {.required = "software"}},
                              key_of("gateway"), clock_, random_);
        auto const encrypt = [&](std::string context, std::string name, std::string_view text) {
            std::map<std::string, base::Secret> fields;
            fields.emplace(name, base::Secret(text));
            auto out = run(io_, gateway.encrypt_fields(std::move(context), std::move(fields)));
            return out.value().at(name);
        };
        ports::SealedCredentials out;
        std::string context = "context";
        if (!limits.empty()) {
            out.emplace("limits", encrypt(context, "limits", limits));
            context = citadel::limited_context(context, limits);
        }
        out.emplace("api_key", encrypt(context, "api_key", api_key));
        out.emplace("secret", encrypt(context, "secret", account_secret));
        out.emplace("passphrase", encrypt(context, "passphrase", passphrase));
        return out;
    }
    [[nodiscard]] ports::SignItem item(model::VenueOperation operation,
                                       std::string_view limits = "") {
        return {.id = "any",
                .venue = "okx",
                .environment = model::Environment::live,
                .context = "context",
                .credentials = seal(limits),
                .operation = std::move(operation),
                .not_after = clock_.now() + 5s};
    }
    static model::PlaceOrder order(std::string_view id = "leg1") {
        return {.symbol = "BTC-USDT",
                .quantity = *base::Quantity::parse("0.5"),
                .client_order_id = std::string(id)};
    }
    [[nodiscard]] RelayAnswer send(ports::SignItem one) {
        if (!client_) client();
        return run(io_, client_->send(std::move(one)));
    }
    /// "" for an answer.
    static std::string reason_of(RelayAnswer const& answer) {
        return answer ? "" : answer.error().error.reason;
    }
};

}  // namespace obscura::peers::relay_client_test
