#pragma once

#include "service_fixture.hpp"
#include "unit/model/receipt_fixture.hpp"

namespace obscura::citadel::test {

constexpr std::string_view registry = "0x1111111111111111111111111111111111111111";
constexpr std::string_view contract = "0x2222222222222222222222222222222222222222";

inline Config chain_config() {
    auto out = config();
    out.chain.chain_id = 26514;
    out.chain.registry = registry;
    out.chain.contracts = {std::string(registry), std::string(contract)};
    return out;
}

/// A service that signs for a chain, and what it is asked for.
class StatementTest : public ServiceTest {
protected:
    StatementTest() { router_ = chain_.router(); }

    static std::string_view holder_of(std::string_view purpose) {
        return purpose == "receipt"        ? "conductor"
               : purpose == "notary"       ? "sentinel"
               : purpose == "access_token" ? "gateway"
                                           : "alchemist";
    }
    /// The sealed key of a purpose, one for the test.
    std::string const& key_of(std::string_view purpose) {
        auto& key = keys_[std::string(purpose)];
        if (key.empty()) {
            auto const made =
                post(holder_of(purpose), "/keys", base::Json::object({{"purpose", purpose}}));
            EXPECT_EQ(made.status, 201U) << made.body.dump();
            key = made.body["sealed_key"].as_string();
            public_keys_[std::string(purpose)] = made.body["public_key"].as_string();
        }
        return key;
    }
    /// A checkpoint that may be signed now; of a log of its own each time.
    base::Json checkpoint() {
        auto const byte = std::to_string(10 + ++logs_ % 90);
        std::string log = "0x";
        for (int i = 0; i < 32; ++i) log += byte;
        return base::Json::object({{"chain_id", 26514},
                                   {"registry", registry},
                                   {"log_id", log},
                                   {"count", 128},
                                   {"log_commitment", "0x" + std::string(64, 'a')},
                                   {"marks_commitment", "0x" + std::string(64, 'b')},
                                   {"time", base::to_unix_ms(clock_.now()) / 1000},
                                   {"previous", "0x" + std::string(64, '0')}});
    }
    static base::Json transaction() {
        return base::Json::object({{"chain_id", 26514},
                                   {"nonce", 7},
                                   {"max_priority_fee_per_gas", 1'000'000'000},
                                   {"max_fee_per_gas", std::int64_t{30'000'000'000}},
                                   {"gas_limit", 500'000},
                                   {"to", contract},
                                   {"value", 0},
                                   {"data", "0xdeadbeef00"}});
    }
    base::Json access_token() {
        auto const now = base::to_unix_ms(clock_.now()) / 1000;
        return base::Json::object({{"iss", "obscura"},
                                   {"aud", "obscura-api"},
                                   {"sub", "0190163d-8694-739b-aea5-966c26f8ad92"},
                                   {"tenant", "0190163d-8694-739b-aea5-966c26f8ad91"},
                                   {"iat", now},
                                   {"exp", now + 3600},
                                   {"jti", "0190163d-8694-739b-aea5-966c26f8ad93"}});
    }
    base::Json statement_of(std::string_view purpose) {
        return purpose == "receipt"        ? model::test::receipt()
               : purpose == "notary"       ? checkpoint()
               : purpose == "access_token" ? access_token()
                                           : transaction();
    }
    static base::Json asked(std::string_view id, std::string_view purpose, std::string_view key,
                            base::Json statement) {
        return base::Json::object(
            {{"id", id}, {"key", key}, {"purpose", purpose}, {"statement", std::move(statement)}});
    }
    /// The one answer; of a refusal its problem, be it the item's or the call's.
    base::Json sign_one(std::string_view caller, std::string_view purpose, std::string_view key,
                        base::Json statement) {
        base::Json::Array items{asked("a", purpose, key, std::move(statement))};
        auto const seen =
            post(caller, "/sign-statement", base::Json::object({{"items", std::move(items)}}));
        if (seen.status != 200) return seen.body;
        auto const& one = seen.body["items"].as_array().at(0);
        return one.find("error") == nullptr ? one : one["error"];
    }
    base::Json sign_own(std::string_view purpose, base::Json statement) {
        return sign_one(holder_of(purpose), purpose, key_of(purpose), std::move(statement));
    }

    Service chain_{chain_config(), clock_, random_, metrics_};
    std::map<std::string, std::string> keys_, public_keys_;
    int logs_ = 0;
};

}  // namespace obscura::citadel::test
