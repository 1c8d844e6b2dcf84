#pragma once

#include "citadel/front.hpp"
#include "crypto/base64.hpp"
#include "net/server.hpp"
#include "peers/key_release.hpp"
#include "support/coroutine.hpp"
#include "unit/attest/synthetic_amd.hpp"
#include "unit/attest/vectors.hpp"

#include <gtest/gtest.h>

#include <stdlib.h>

#include <filesystem>

namespace obscura::peers::key_release_test {

using attest::test::SyntheticAmd;
using base::Json;

inline SyntheticAmd& amd() { return SyntheticAmd::shared(attest::Product::milan); }

/// What the machine of these tests runs.
constexpr std::uint8_t good_measurement = 0x77;

/// Evidence as a native guest gives it, signed by an AMD of our own.
inline attest::Evidence snp_evidence(SyntheticAmd::Spec spec,
                                     std::span<std::uint8_t const> report_data,
                                     std::uint8_t measurement = good_measurement) {
    spec.before_signing = [&, before = spec.before_signing](std::vector<std::uint8_t>& bytes) {
        std::ranges::copy(report_data, bytes.begin() + 0x50);
        std::fill_n(bytes.begin() + 0x90, 48, measurement);
        if (before) before(bytes);
    };
    auto made = amd().evidence(spec);
    return {.format = attest::EvidenceFormat::sev_snp,
            .report = {made.report.raw.begin(), made.report.raw.end()},
            .certificates = std::move(made.certificates)};
}

inline custody::ReleasePolicy good_policy() {
    custody::ReleasePolicy policy;
    policy.snp.measurements.emplace_back().fill(good_measurement);
    policy.snp.vmpl = 0;
    policy.snp.minimum_tcb = attest::TcbParts{.bootloader = 4, .snp = 24};
    return policy;
}

/// A locked citadel behind a real socket, and between it and the holder somebody who may do to each
/// message what he likes.
class KeyReleaseTest : public ::testing::Test {
protected:
    boost::asio::io_context io;
    base::ManualClock clock{attest::test::in_2026 + std::chrono::days(1)};
    base::SystemRandom random;
    base::Metrics metrics;
    std::string folder = [] {
        std::string name = ::testing::TempDir() + "obscura-release-XXXXXX";
        return std::string(::mkdtemp(name.data()));
    }();
    custody::MasterKeys keys = some_keys();
    custody::ReleasePolicy policy = good_policy();
    std::optional<attest::RevocationList> crl = amd().crl(false);
    attest::TrustRoots const roots = amd().roots();
    SyntheticAmd::Spec machine;  ///< what the evidence says of it
    std::uint8_t measurement = good_measurement;
    std::function<void(std::vector<std::uint8_t>& report_data)> on_evidence;
    std::optional<attest::Evidence> recorded_evidence;  ///< shown to everybody: it costs nothing
    std::function<void(net::Request&)> on_request;
    std::vector<std::string> shown_a_key;  ///< paths of the holder's requests with a caller's key
    std::function<void(net::Request const&, net::Response&)> on_answer;
    std::int64_t min_encrypt_version = 1;
    bool speaks_tls = false;
    net::TlsServerConfig shown_tls, own_tls;  ///< to the holder; what citadel thinks it shows
    int failures = 0;
    struct Machine final : attest::EvidenceSource {
        explicit Machine(KeyReleaseTest& t) : test(t) {}
        [[nodiscard]] attest::EvidenceFormat format() const override {
            return attest::EvidenceFormat::sev_snp;
        }
        [[nodiscard]] net::Task<base::Result<attest::Evidence>> evidence(
            attest::ReportData asked) override {
            std::vector<std::uint8_t> data(asked.begin(), asked.end());
            if (test.on_evidence) test.on_evidence(data);
            if (test.recorded_evidence) co_return *test.recorded_evidence;
            co_return snp_evidence(test.machine, data, test.measurement);
        }
        KeyReleaseTest& test;
    } source{*this};
    std::unique_ptr<citadel::Front> front;
    std::unique_ptr<net::HttpServer> server;
    /// Shared with the request under way, which may replace it.
    std::shared_ptr<net::Router const> inner;

    ~KeyReleaseTest() override {
        server.reset();
        front.reset();
        std::filesystem::remove_all(folder);
    }
    custody::MasterKeys some_keys() {
        custody::MasterKeys out;
        (void)custody::add_version(out, random);
        (void)custody::add_version(out, random);
        return out;
    }
    static std::string key_of(std::string_view caller) { return "key-of-" + std::string(caller); }

    void start() {
        server.reset();
        front.reset();
        citadel::Config config;
        config.key_source = "release";
        config.min_encrypt_version = min_encrypt_version;
        config.audit.folder = folder;
        config.tls = own_tls;
        for (std::size_t i = 0; i < citadel::caller_names.size(); ++i)
            config.caller_keys[i] =
                base::Secret(std::string_view(key_of(citadel::caller_names[i].name)));
        config.decrypt_callers = {"admin"};
        citadel::Front::Parts parts{
            .evidence = &source,
            .serve_by =
                [this](net::Router router) {
                    inner = std::make_shared<net::Router const>(std::move(router));
                },
            .fail = [this] { ++failures; }};
        front = std::make_unique<citadel::Front>(std::move(config), std::move(parts), clock, random,
                                                 metrics);
        inner = std::make_shared<net::Router const>(front->router());
        net::Router outer;
        for (auto const* method : {"GET", "POST"})
            outer.add({.method = method,
                       .pattern = "/{rest*}",
                       .handler = [this](net::Request& request) { return between(request); }});
        net::ServerConfig http;
        if (speaks_tls) http.tls = shown_tls;
        server = std::make_unique<net::HttpServer>(io.get_executor(), http, std::move(outer), clock,
                                                   random);
        server->start();
    }
    net::Task<base::Result<net::Response>> between(net::Request& request) {
        if (request.headers.find("X-Internal-API-Key")) shown_a_key.push_back(request.path);
        if (on_request) on_request(request);
        auto const routes = inner;
        auto answer = co_await routes->dispatch(request);
        if (on_answer) on_answer(request, answer);
        co_return answer;
    }

    [[nodiscard]] std::string origin() const {
        return (speaks_tls ? "https://127.0.0.1:" : "http://127.0.0.1:") +
               std::to_string(server->port());
    }
    [[nodiscard]] KeyRelease holder() {
        base::Secret const caller_key(std::string_view(key_of("key_holder")));
        return {{.allowed_origins = {"*"}, .tls = {.ca_file = shown_tls.certificate_file}},
                origin(),
                caller_key,
                {.policy = policy,
                 .certificates = {},
                 .revocations = crl ? &*crl : nullptr,
                 .roots = roots},
                clock,
                random};
    }
    /// "ok", or why not.
    [[nodiscard]] std::string released(custody::MasterKeys const& which) {
        auto release = holder();
        auto const done = obscura::test::run(io, release.release(which));
        return done ? "ok" : done.error().reason;
    }
    [[nodiscard]] std::string released() { return released(keys); }

    struct Seen {
        unsigned status = 0;
        Json body;
        [[nodiscard]] std::string code() const {
            return std::string(body["code"].to_text().value_or(""));
        }
    };
    /// Straight to citadel's routes, without a socket.
    [[nodiscard]] Seen call(std::string method, std::string path, Json const& body = {},
                            std::string_view caller = "key_holder",
                            std::string_view address = "192.0.2.1") {
        net::Request request{.method = std::move(method),
                             .target = path,
                             .path = path,
                             .remote_address = std::string(address)};
        request.headers.add("Content-Type", "application/json");
        if (!caller.empty()) request.headers.add("X-Internal-API-Key", key_of(caller));
        if (!body.is_null()) request.body = body.dump();
        auto const routes = inner;
        auto const answer = obscura::test::run(io, routes->dispatch(request));
        return {answer.status, base::parse_json(answer.body).value_or(Json())};
    }
    [[nodiscard]] std::string status() {
        return std::string(call("GET", "/health", {}, "").body["status"].to_text().value_or(""));
    }
    [[nodiscard]] static Json nonce(std::string const& bytes) {
        return Json::object({{"nonce", crypto::base64url_encode(crypto::as_bytes(bytes))}});
    }
    [[nodiscard]] static Json nonce(char letter) { return nonce(std::string(32, letter)); }
};

}  // namespace obscura::peers::key_release_test
