#pragma once

#include "crypto/base64.hpp"
#include "crypto/hpke.hpp"
#include "ports/credential_seal.hpp"
#include "service_fixture.hpp"

namespace obscura::citadel::test {

/// A client made from the format's description, so that each part can be got wrong.
class SealTest : public ServiceTest {
protected:
    model::TenantId const tenant_ = *model::TenantId::parse("01234567-89ab-7def-8123-456789abcde1");
    model::UserId const user_ = *model::UserId::parse("01234567-89ab-7def-8123-456789abcde2");
    base::Uuid const connection_ = *base::parse_uuid("01234567-89ab-7def-8123-456789abcde4");

    [[nodiscard]] ports::SealingKey sealing_key() {
        net::Request request{.target = "/sealing-key"};
        request.headers.add("X-Internal-API-Key", key_of("gateway"));
        auto const answer = send(std::move(request));
        EXPECT_EQ(answer.status, 200U);
        auto const key = ports::sealing_key_from_json(answer.body);
        EXPECT_TRUE(key);
        return key.value_or(ports::SealingKey{});
    }
    [[nodiscard]] ports::SealBinding binding(std::string key_id) {
        return {.key_id = std::move(key_id),
                .tenant = tenant_,
                .user = user_,
                .venue = "binance",
                .environment = model::Environment::paper,
                .purpose = ports::ConnectionPurpose::follow,
                .one_time_id = base::make_uuid_v7(clock_.now(), random_)};
    }
    [[nodiscard]] static base::Json content(ports::SealBinding const& b) {
        auto owner = base::Json::object(
            {{"tenant_id", b.tenant.to_string()}, {"user_id", b.user.to_string()}});
        return base::Json::object(
            {{"credentials", base::Json::object({{"api_key", api_key}, {"secret", api_secret}})},
             {"owner", std::move(owner)},
             {"venue", b.venue},
             {"environment", model::to_string(b.environment)},
             {"purpose", model::name_of(b.purpose, ports::connection_purpose_names)},
             {"one_time_id", b.one_time_id.to_string()}});
    }
    /// `plaintext` sealed for `binding`, to that key.
    [[nodiscard]] base::Json seal(ports::SealingKey const& key, ports::SealBinding const& binding,
                                  std::string const& plaintext) {
        crypto::X25519PublicKey receiver{};
        std::ranges::copy(crypto::base64url_decode(key.public_key).value(), receiver.begin());
        auto const info = ports::seal_info(binding);
        auto const message = crypto::hpke_seal(receiver, crypto::as_bytes(info), {},
                                               crypto::as_bytes(plaintext), random_);
        return ports::to_json(
            ports::SealedCredential{.binding = binding,
                                    .enc = crypto::base64url_encode(message->enc),
                                    .ciphertext = crypto::base64url_encode(message->sealed)});
    }
    [[nodiscard]] base::Json good_seal() {
        auto const key = sealing_key();
        auto const b = binding(key.id);
        return seal(key, b, content(b).dump());
    }
    /// The body of /open-sealed for a seal that is asked for as it should be.
    [[nodiscard]] base::Json request(base::Json sealed) {
        return base::Json::object({{"connection_id", connection_.to_string()},
                                   {"tenant_id", tenant_.to_string()},
                                   {"user_id", user_.to_string()},
                                   {"venue", "binance"},
                                   {"environment", "paper"},
                                   {"purpose", "follow"},
                                   {"sealed", std::move(sealed)}});
    }
    [[nodiscard]] Seen open(base::Json const& body) {
        return post("gateway", "/open-sealed", body);
    }
    /// Why it is refused; "" when it is not. A refusal says what to change and shows no secret.
    [[nodiscard]] std::string refusal(base::Json const& body) {
        auto const answer = open(body);
        if (answer.status == 200) return "";
        EXPECT_EQ(answer.status, 400U) << answer.body.dump();
        EXPECT_GE(answer.body["detail"].as_string().size(), 20U);
        EXPECT_EQ(answer.body.dump().find(api_secret.substr(0, 8)), std::string::npos);
        if (auto const& fields = answer.body["errors"]; fields.is_array())
            return fields.as_array().at(0)["pointer"].as_string();
        return answer.body["code"].as_string();
    }
    [[nodiscard]] std::string context_of_connection() const {
        return tenant_.to_string() + "|" + user_.to_string() + "|binance|paper|follow|" +
               connection_.to_string();
    }
};

}  // namespace obscura::citadel::test
