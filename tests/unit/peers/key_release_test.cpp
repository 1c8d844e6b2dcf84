// A key holder and a locked citadel over real HTTP: who gets the keys, and who does not.
#include "key_release_fixture.hpp"
#include "support/tls_certificate.hpp"

#include <fstream>

namespace obscura::peers::key_release_test {
namespace {

using namespace std::chrono_literals;

TEST_F(KeyReleaseTest, ALockedCitadelOpensWithTheKeysItIsGiven) {
    start();
    EXPECT_EQ(status(), "locked");
    auto const refused = call("POST", "/encrypt", Json::object({{"plaintext", "x"}}), "gateway");
    EXPECT_EQ(refused.status, 503U);
    EXPECT_EQ(refused.code(), "locked");
    for (auto const* path : {"/sealing-key", "/audit-head", "/", "/nowhere"})
        EXPECT_EQ(call("GET", path).code(), "locked") << path;

    ASSERT_EQ(released(), "ok");
    EXPECT_EQ(status(), "ok");
    auto const made = call("POST", "/encrypt",
                           Json::object({{"plaintext", "a secret"}, {"context", "c"}}), "gateway");
    ASSERT_EQ(made.status, 200U) << made.body.dump();
    auto const text = made.body["encrypted_data"].as_string();
    EXPECT_TRUE(text.starts_with("nil:v2:"));
    citadel::Keyring ring(keys, random);
    EXPECT_EQ(ring.decrypt(text, "c")->reveal(), "a secret") << "they are the keys that were sent";

    EXPECT_EQ(released(), "already_open");
    EXPECT_EQ(call("POST", "/release/keys", nonce('a')).status, 409U);
    EXPECT_EQ(failures, 0);
}

TEST_F(KeyReleaseTest, NobodyElseMayBringThem) {
    start();
    for (auto const& caller : citadel::caller_names)
        if (caller.value != citadel::CallerName::key_holder)
            EXPECT_EQ(call("POST", "/release/keys", nonce('a'), caller.name).status, 403U)
                << caller.name;
    EXPECT_EQ(call("POST", "/release/keys", nonce('a'), "").status, 401U);
    EXPECT_EQ(call("POST", "/release/keys", nonce('a'), "unknown").status, 401U);
    ASSERT_EQ(released(), "ok");
    EXPECT_EQ(call("POST", "/release/keys", nonce('a'), "gateway").status, 403U);
    for (auto const* path : {"/encrypt", "/decrypt", "/rewrap", "/sign", "/open-sealed"})
        EXPECT_EQ(call("POST", path, nonce('a'), "key_holder").status, 403U) << path;
}

TEST_F(KeyReleaseTest, ACallersKeyIsShownBesideTheMasterKeysAlone) {
    start();
    auto asks = holder();
    EXPECT_EQ(obscura::test::run(io, asks.status()).value_or(""), "locked");
    EXPECT_EQ(call("POST", "/release/challenge", nonce('a'), "").status, 200U);
    EXPECT_TRUE(shown_a_key.empty());
    ASSERT_EQ(released(), "ok");
    EXPECT_EQ(shown_a_key, std::vector<std::string>{"/release/keys"});
    EXPECT_EQ(released(), "already_open");
    EXPECT_EQ(shown_a_key.size(), 1U);
    EXPECT_EQ(call("POST", "/release/challenge", nonce('b'), "").code(), "already_open");
}

TEST_F(KeyReleaseTest, AMachineThatIsNotThePolicysGetsNothing) {
    struct Case {
        std::string reason;
        std::function<void()> change;
    };
    auto const with_bit = [this](int bit) {
        return [this, bit] { machine.policy |= 1ULL << bit; };
    };
    Case const cases[] = {
        {"measurement", [this] { measurement = 0x78; }},
        {"policy_debug", with_bit(19)},
        {"policy_migration", with_bit(18)},
        {"vmpl", [this] { machine.vmpl = 1; }},
        {"minimum_tcb", [this] { machine.tcb.snp = 23; }},
        {"crl_missing", [this] { crl.reset(); }},
        {"certificate_revoked", [this] { crl = amd().crl(true); }},
        {"report_version", [this] { machine.version = 2; }},
        {"signature", [this] { machine.after_signing = [](auto& bytes) { bytes[0x90] ^= 1; }; }},
        {"report_data", [this] { on_evidence = [](auto& data) { data[63] ^= 1; }; }},
        {"evidence_format", [this] { policy.format = "nilcc"; }},
    };
    auto const first = std::tuple(machine, policy, measurement);
    for (auto const& [reason, change] : cases) {
        std::tie(machine, policy, measurement) = first;
        crl = amd().crl(false);
        on_evidence = nullptr;
        change();
        start();
        int key_messages = 0;
        on_request = [&](net::Request& r) { key_messages += r.path == "/release/keys"; };
        EXPECT_EQ(released(), reason);
        EXPECT_EQ(key_messages, 0) << reason << ": nothing leaves before the verdict";
        EXPECT_TRUE(shown_a_key.empty()) << reason << ": the caller's key neither";
        EXPECT_EQ(status(), "locked");
    }
}

TEST_F(KeyReleaseTest, EvidenceMadeForAnotherNonceConvincesNobody) {
    std::optional<std::vector<std::uint8_t>> recorded;
    on_evidence = [&](std::vector<std::uint8_t>& data) {
        if (!recorded) recorded = data;
        data = *recorded;
    };
    policy.snp.measurements[0].fill(0);  // the first time it is only listened to
    start();
    EXPECT_EQ(released(), "measurement");
    policy = good_policy();
    EXPECT_EQ(released(), "report_data");
    EXPECT_EQ(status(), "locked");
}

TEST_F(KeyReleaseTest, AWrappingKeyOfSomebodyInBetweenIsFound) {
    auto const his = crypto::dhkem_generate_key(random);
    start();
    on_answer = [&](net::Request const& request, net::Response& answer) {
        if (request.path != "/release/challenge") return;
        auto body = *base::parse_json(answer.body);
        body.set("wrapping_key", crypto::base64url_encode(his.public_key()));
        answer.body = body.dump();
    };
    EXPECT_EQ(released(), "report_data");
    EXPECT_EQ(status(), "locked");
}

TEST_F(KeyReleaseTest, ANonceServesOnce) {
    start();
    EXPECT_EQ(call("POST", "/release/challenge", nonce('a')).status, 200U);
    EXPECT_EQ(call("POST", "/release/challenge", nonce('a')).code(), "nonce_used");
    clock.advance(custody::release_lifetime);
    EXPECT_EQ(call("POST", "/release/challenge", nonce('a')).code(), "nonce_used");
    EXPECT_EQ(call("POST", "/release/challenge", nonce('b')).status, 200U);
}

TEST_F(KeyReleaseTest, WhoeverFloodsItWithChallengesDisplacesHisOwn) {
    start();
    recorded_evidence = snp_evidence(machine, {});
    auto const ask = [&](std::string const& bytes, std::string_view address) {
        return call("POST", "/release/challenge", nonce(bytes), "", address);
    };
    auto const asked = ask(std::string(32, 'a'), "192.0.2.1");
    for (std::size_t i = 0; i < 2 * citadel::ReleaseDesk::max_open; ++i)
        ASSERT_EQ(
            ask(std::to_string(i) + std::string(32 - std::to_string(i).size(), 'f'), "198.51.100.7")
                .status,
            200U);
    custody::ReleaseContext context{.evidence = custody::evidence_hash(asked.body["evidence"])};
    context.nonce.fill('a');
    std::ranges::copy(*crypto::base64url_decode(asked.body["wrapping_key"].as_string()),
                      context.wrapping_key.begin());
    auto const wrapped = custody::wrap_keys(keys, context, random).value();
    auto body = nonce('a');
    body.set("versions", "1 2");
    body.set("enc", crypto::base64url_encode(wrapped.enc));
    body.set("sealed", crypto::base64url_encode(wrapped.sealed));
    EXPECT_EQ(call("POST", "/release/keys", body).status, 200U);
}

TEST_F(KeyReleaseTest, WrappedKeysServeOnce) {
    Json recorded;
    on_request = [&](net::Request& request) {
        if (request.path == "/release/keys") recorded = *base::parse_json(request.body);
    };
    min_encrypt_version = 3;
    start();
    EXPECT_EQ(released(), "keys_refused") << "two versions are fewer than three";
    EXPECT_EQ(status(), "locked");
    EXPECT_EQ(call("POST", "/release/keys", recorded).code(), "nonce_used");
    min_encrypt_version = 1;
    start();
    EXPECT_EQ(call("POST", "/release/keys", recorded).code(), "challenge_unknown")
        << "another process has other key pairs";
    ASSERT_EQ(released(), "ok");
    start();
    EXPECT_EQ(call("POST", "/release/keys", recorded).code(), "challenge_unknown");
    EXPECT_EQ(status(), "locked");
}

TEST_F(KeyReleaseTest, WhatIsLateIsRefusedOnBothSides) {
    start();
    on_answer = [&](net::Request const& request, net::Response&) {
        if (request.path == "/release/challenge") clock.advance(custody::release_lifetime);
    };
    int key_messages = 0;
    on_request = [&](net::Request& r) { key_messages += r.path == "/release/keys"; };
    EXPECT_EQ(released(), "challenge_expired") << "the holder's clock";
    EXPECT_EQ(key_messages, 0);
    EXPECT_TRUE(shown_a_key.empty());
    on_answer = nullptr;
    on_request = [&](net::Request& request) {
        if (request.path == "/release/keys") clock.advance(custody::release_lifetime);
    };
    EXPECT_EQ(released(), "challenge_expired") << "citadel's";
    on_request = [&](net::Request& request) {
        if (request.path == "/release/keys") clock.advance(custody::release_lifetime - 1us);
    };
    EXPECT_EQ(released(), "ok");
}

TEST_F(KeyReleaseTest, AMessageThatWasChangedOpensNothing) {
    for (auto const* field : {"sealed", "enc", "versions", "nonce"}) {
        start();
        on_request = [&](net::Request& request) {
            if (request.path != "/release/keys") return;
            auto body = *base::parse_json(request.body);
            auto text = body[field].as_string();
            if (std::string_view(field) == "versions")
                text = "1 3";
            else
                text[5] = text[5] == 'A' ? 'B' : 'A';
            body.set(field, text);
            request.body = body.dump();
        };
        EXPECT_EQ(released(),
                  std::string_view(field) == "nonce" ? "challenge_unknown" : "keys_unreadable")
            << field;
        EXPECT_EQ(status(), "locked");
    }
}

TEST_F(KeyReleaseTest, EvidenceThatWasReadOtherwiseBindsNothing) {
    start();
    // A member that the appraisal does not look at.
    on_answer = [&](net::Request const& request, net::Response& answer) {
        if (request.path != "/release/challenge") return;
        auto body = *base::parse_json(answer.body);
        auto evidence = body["evidence"];
        evidence.set("note", "of somebody in between");
        body.set("evidence", evidence);
        answer.body = body.dump();
    };
    EXPECT_EQ(released(), "keys_unreadable");
}

TEST_F(KeyReleaseTest, AConnectionThatEndsIsAppraisedAnew) {
    start();
    int challenges = 0;
    on_answer = [&](net::Request const& request, net::Response& answer) {
        challenges += request.path == "/release/challenge";
        answer.close = true;
    };
    EXPECT_EQ(released(), "citadel_unavailable");
    EXPECT_EQ(challenges, 1);
    EXPECT_EQ(status(), "locked");
}

TEST_F(KeyReleaseTest, KeysOfAnotherCitadelAreRefused) {
    start();
    ASSERT_EQ(released(), "ok");
    start();
    auto const others = some_keys();
    EXPECT_EQ(released(others), "keys_refused") << "the audit log's key does not open";
    EXPECT_EQ(status(), "locked");
    EXPECT_EQ(released(), "ok");
    EXPECT_EQ(failures, 0);
}

TEST_F(KeyReleaseTest, BodiesThatAreNoneAreRefused) {
    start();
    for (auto const& body :
         {Json::object({}), Json::object({{"nonce", "AAAA"}}), Json::object({{"nonce", 7}}),
          Json::array({}), Json::object({{"nonce", std::string(43, '!')}})}) {
        EXPECT_EQ(call("POST", "/release/challenge", body).status, 400U) << body.dump();
        EXPECT_EQ(call("POST", "/release/keys", body).status, 400U) << body.dump();
    }
    auto long_one = nonce('a');
    long_one.set("versions", "1");
    long_one.set("enc", std::string(43, 'A'));
    long_one.set("sealed", std::string(4000, 'A'));
    EXPECT_EQ(call("POST", "/release/keys", long_one).status, 400U);
}

TEST_F(KeyReleaseTest, CallsFromBeforeAreInTheAuditLog) {
    start();
    policy.snp.measurements[0].fill(0);
    EXPECT_EQ(released(), "measurement");
    policy = good_policy();
    (void)call("POST", "/release/keys", nonce('a'), "gateway");
    (void)call("POST", "/release/keys", nonce('a'), "");
    EXPECT_EQ(released(), "ok");
    EXPECT_EQ(call("POST", "/release/keys", nonce('a')).status, 409U);
    server.reset();
    front.reset();
    std::ifstream in(folder + "/audit.log");
    std::string const log(std::istreambuf_iterator<char>(in), {});
    for (std::string_view const entry :
         {R"("caller":"gateway","operation":"release_keys","refused":{"forbidden":1})",
          R"("caller":"key_holder","operation":"release_keys","done":{"release":1})",
          R"("operation":"release","refused":{"not_told_singly":1})",
          R"("caller":"key_holder","operation":"release_keys","refused":{"already_open":1})"})
        EXPECT_NE(log.find(entry), log.npos) << entry << "\n" << log;
    for (auto const& key : keys)
        if (!key.empty()) EXPECT_EQ(log.find(key.reveal()), log.npos);
}

TEST_F(KeyReleaseTest, OverTlsTheReportNamesTheChannel) {
    obscura::test::TlsCertificate const ours("ours"), his("his");
    speaks_tls = true;
    own_tls = {.certificate_file = ours.certificate_file, .key_file = ours.key_file};
    shown_tls = own_tls;
    start();
    EXPECT_EQ(released(), "ok");
    // Somebody ends the connection, with a certificate that the holder believes, and makes another.
    shown_tls = {.certificate_file = his.certificate_file, .key_file = his.key_file};
    start();
    EXPECT_EQ(released(), "report_data");
    EXPECT_EQ(status(), "locked");
}

}  // namespace
}  // namespace obscura::peers::key_release_test
