#include "model/receipt.hpp"

#include "receipt_fixture.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace obscura::model {
namespace {

using base::Json;

/// Calls `look` with every member of every object below `json`, to be changed.
void each_member(Json& json, std::function<void(Json& object, std::size_t)> const& look) {
    if (!json.is_object()) return;
    for (std::size_t i = 0; i < json.as_object().size(); ++i) {
        look(json, i);
        each_member(json.as_object()[i].second, look);
    }
}

TEST(ReceiptTest, TheTextIsTheLabelAndCanonicalJson) {
    auto const text = receipt_text(test::receipt());
    ASSERT_TRUE(text) << text.error().detail;
    EXPECT_TRUE(
        text->starts_with("obscura/receipt/v1\n{\"created_at\":\"2026-11-29T09:00:00.000Z\","
                          "\"execution_id\":\"exe_"));
    EXPECT_NE(text->find(R"("receipt":{"attempts":1,"client_order_id":)"), text->npos);
    EXPECT_EQ(text->find(' '), text->npos);
}

TEST(ReceiptTest, TheOrderOfMembersDoesNotMatter) {
    auto turned = test::receipt();
    std::ranges::reverse(turned.as_object());
    EXPECT_EQ(*receipt_text(turned), *receipt_text(test::receipt()));
}

// Whatever is changed, left out or put in: refused, or another text.
TEST(ReceiptTest, EveryMemberCounts) {
    auto const text = *receipt_text(test::receipt());
    auto json = test::receipt();
    int tried = 0;
    auto const expect_other = [&](std::string const& what) {
        auto const other = receipt_text(json);
        if (other) EXPECT_NE(*other, text) << what;
        ++tried;
    };
    each_member(json, [&](Json& object, std::size_t i) {
        auto const whole = object;
        auto const name = object.as_object()[i].first;
        for (Json const& value :
             {Json("x"), Json("1"), Json(7), Json(), Json("2026-11-29T08:59:59.123Z"),
              Json(Json::Number{"1.0"}), Json(Json::Number{"1e0"}), Json(true), Json::object()}) {
            if (value == object.as_object()[i].second) continue;
            object.as_object()[i].second = value;
            expect_other(name + " = " + value.dump());
            object = whole;
        }
        object.as_object().erase(object.as_object().begin() + static_cast<std::ptrdiff_t>(i));
        expect_other("without " + name);
        EXPECT_FALSE(receipt_text(json)) << "without " << name;
        object = whole;
        object.set("another", 1);
        expect_other("with another beside " + name);
        EXPECT_FALSE(receipt_text(json));
        object = whole;
    });
    EXPECT_GT(tried, 200);
    EXPECT_EQ(*receipt_text(json), text) << "all was put back";
}

// RFC 8785 writes a number in one way: another verifier would not come to the text of another.
TEST(ReceiptTest, NumbersAreWrittenInOneWay) {
    for (auto const* digits : {"1.0", "1e0", "10e-1", "9007199254740993"}) {
        auto json = test::receipt();
        auto body = json["receipt"];
        body.set("leverage", Json(Json::Number{digits}));
        json.set("receipt", body);
        EXPECT_FALSE(receipt_text(json)) << digits;
    }
}

TEST(ReceiptTest, FurtherLegsAreHeldToTheSameForm) {
    auto json = test::receipt();
    auto body = json["receipt"];
    auto with = [&](Json leg) {
        auto first = body;
        first.set("further_legs", Json::object({{"1", std::move(leg)}}));
        json.set("receipt", first);
        return receipt_text(json);
    };
    auto leg = body;
    leg.set("leg", 1);
    auto const text = with(leg);
    ASSERT_TRUE(text);
    leg.set("quantity", "0.6");
    EXPECT_NE(*with(leg), *text);
    leg.set("further_legs", Json::object());
    EXPECT_FALSE(with(leg)) << "legs of legs";
    EXPECT_FALSE(with(Json::object()));
}

}  // namespace
}  // namespace obscura::model
