#include "app/receipt_check.hpp"

#include "crypto/ed25519.hpp"
#include "crypto/hex.hpp"
#include "model/receipt.hpp"
#include "unit/model/receipt_fixture.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace obscura::app {
namespace {

using base::Json;

class ReceiptCheckTest : public testing::Test {
protected:
    base::SeededRandom random_{3};
    crypto::Ed25519PrivateKey key_ = crypto::Ed25519PrivateKey::generate(random_);
    Json receipt_ = signed_receipt();
    Json keys_ = Json::object(
        {{"keys",
          Json::array({Json::object({{"key_id", "key_1"},
                                     {"algorithm", "ed25519"},
                                     {"public_key", crypto::hex_encode(key_.public_key().bytes())},
                                     {"created_at", "2026-11-01T00:00:00.000Z"},
                                     {"retired_at", Json()}})})}});

    Json signed_receipt() {
        auto out = model::test::receipt();
        auto const text = model::receipt_text(out);
        EXPECT_TRUE(text);
        out.set("signature", Json::object({{"key_id", "key_1"},
                                           {"algorithm", "ed25519"},
                                           {"value", crypto::hex_encode(key_.sign(*text))},
                                           {"keys", "/.well-known/obscura-receipt-keys"}}));
        return out;
    }
    std::string check() { return check(receipt_.dump(), keys_.dump()); }
    static std::string check(std::string const& receipt, std::string const& keys) {
        auto const checked = check_receipt(receipt, keys);
        return checked ? "good" : checked.error().reason;
    }
    /// The first key of the list.
    Json& listed() { return keys_.as_object()[0].second.as_array()[0]; }
};

TEST_F(ReceiptCheckTest, AGoodReceiptIsGoodInAnyLayout) {
    EXPECT_EQ(check(), "good");
    EXPECT_EQ(check(receipt_.dump_canonical(), keys_.dump()), "good");
}

TEST_F(ReceiptCheckTest, NamesTheCheckThatFailed) {
    EXPECT_EQ(check("{", keys_.dump()), "document");
    EXPECT_EQ(check("[]", keys_.dump()), "document");
    EXPECT_EQ(check(receipt_.dump(), "{}"), "keys");
    EXPECT_EQ(check(model::test::receipt().dump(), keys_.dump()), "unsigned");
    auto const good = listed();
    listed().set("retired_at", "2026-11-29T08:59:59.999Z");
    EXPECT_EQ(check(), "key_validity");
    listed().set("retired_at", "2026-11-29T09:00:00.000Z");
    EXPECT_EQ(check(), "good");
    listed() = good;
    listed().set("key_id", "key_2");
    EXPECT_EQ(check(), "key");
    listed() = good;
    listed().set("public_key", "00");
    EXPECT_EQ(check(), "keys");
    auto const other = crypto::Ed25519PrivateKey::generate(random_);
    listed().set("public_key", crypto::hex_encode(other.public_key().bytes()));
    EXPECT_EQ(check(), "signature");
}

// A digit here, a letter there: no edit of any value goes through, whatever its type.
TEST_F(ReceiptCheckTest, EveryEditedFieldIsFound) {
    int tried = 0;
    std::function<void(Json&)> edit = [&](Json& object) {
        for (std::size_t i = 0; i < object.as_object().size(); ++i) {
            auto& [name, value] = object.as_object()[i];
            if (name == "keys") continue;  // where to look: no part of what is signed
            if (value.is_object()) {
                edit(value);
                continue;
            }
            auto const before = value;
            if (value.is_string()) {
                auto text = value.as_string();
                text.back() = text.back() == '1' ? '2' : '1';
                value = text;
            } else {
                value = value.is_null() ? Json("1") : Json(2);
            }
            EXPECT_NE(check(), "good") << name;
            value = before;
            ++tried;
        }
    };
    edit(receipt_);
    EXPECT_GT(tried, 25);
    EXPECT_EQ(check(), "good");
}

}  // namespace
}  // namespace obscura::app
