#include "base/ids.hpp"

#include "base/random.hpp"

#include <gtest/gtest.h>

#include <array>
#include <set>

namespace obscura::base {
namespace {

struct PlainTag {
    static constexpr std::string_view prefix = "";
};
struct SignalTag {
    static constexpr std::string_view prefix = "sig_";
};

constexpr auto example = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f";  // RFC 9562, A.6

TEST(Uuid, ReadsAndPrints) {
    auto const uuid = parse_uuid(example);
    ASSERT_TRUE(uuid);
    EXPECT_EQ(uuid->to_string(), example);
    EXPECT_EQ(uuid->to_hex(), "017f22e279b07cc398c4dc0c0c07398f");
    EXPECT_EQ(parse_uuid("017F22E279B07CC398C4DC0C0C07398F"), uuid);
    EXPECT_FALSE(uuid->is_nil());
    EXPECT_TRUE(Uuid{}.is_nil());
}

TEST(Uuid, RefusesOtherText) {
    for (std::string_view const text :
         {"", "017f22e2", "017f22e2-79b0-7cc3-98c4-dc0c0c07398",
          "017f22e2-79b0-7cc3-98c4-dc0c0c07398g", "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
          "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e279-b0-7cc3-98c4-dc0c0c07398f",
          "017f22e2-79b0-7cc398c4-dc0c0c07398f0", "-17f22e279b07cc398c4dc0c0c07398f"}) {
        EXPECT_FALSE(parse_uuid(text)) << text;
    }
}

TEST(Uuid, Version7CarriesTheTime) {
    SeededRandom random(1);
    auto const uuid = make_uuid_v7(from_unix_ms(0x017f22e279b0), random);
    auto const text = uuid.to_string();
    EXPECT_EQ(text.substr(0, 15), "017f22e2-79b0-7");
    EXPECT_TRUE(std::string_view("89ab").contains(text[19])) << text;
    EXPECT_LT(uuid, make_uuid_v7(from_unix_ms(0x017f22e279b1), random));
    EXPECT_EQ(make_uuid_v7(from_unix_ms(-5), random).to_string().substr(0, 15), "00000000-0000-7");
}

TEST(Uuid, DoesNotRepeat) {
    SystemRandom random;
    std::set<Uuid> seen;
    std::set<std::size_t> hashes;
    for (int i = 0; i < 1000; ++i) {
        auto const uuid = make_uuid_v7(from_unix_ms(1), random);
        seen.insert(uuid);
        hashes.insert(std::hash<Uuid>{}(uuid));
    }
    EXPECT_EQ(seen.size(), 1000U);
    EXPECT_EQ(hashes.size(), 1000U);
}

TEST(Id, KnowsItsPrefix) {
    auto const uuid = parse_uuid(example).value();
    Id<SignalTag> const signal{uuid};
    EXPECT_EQ(signal.to_string(), "sig_017f22e279b07cc398c4dc0c0c07398f");
    EXPECT_EQ(Id<SignalTag>::parse(signal.to_string()), signal);
    EXPECT_FALSE(Id<SignalTag>::parse(example));
    EXPECT_EQ(Id<PlainTag>{uuid}.to_string(), example);
    EXPECT_EQ(Id<PlainTag>::parse(example)->value, uuid);
}

TEST(Random, SeedsRepeatAndSystemDoesNot) {
    SeededRandom a(42);
    SeededRandom b(42);
    SeededRandom c(43);
    auto const first = a.next_u64();
    EXPECT_EQ(first, b.next_u64());
    EXPECT_NE(first, c.next_u64());
    SystemRandom system;
    EXPECT_NE(system.next_u64(), system.next_u64());
    std::array<std::byte, 1000> large{};
    system.fill(large);
    EXPECT_GT(std::set(large.begin(), large.end()).size(), 100U);
}

TEST(Random, StaysBelowTheBoundAndReachesEveryValue) {
    SeededRandom random(7);
    std::array<int, 6> counts{};
    for (int i = 0; i < 6000; ++i) ++counts.at(random.below(6));
    for (auto const count : counts) EXPECT_NEAR(count, 1000, 200);
    EXPECT_EQ(random.below(1), 0U);
    EXPECT_LT(random.below(UINT64_MAX), UINT64_MAX);
    EXPECT_THROW((void)random.below(0), std::invalid_argument);
}

/// Gives prepared words, to see the ones that would favour small results refused.
class Prepared final : public Random {
public:
    void fill(std::span<std::byte> out) override {
        for (auto& b : out) b = std::byte{calls == 0 ? std::uint8_t{0} : std::uint8_t{0xff}};
        ++calls;
    }
    int calls = 0;
};

TEST(Random, RefusesTheWordsThatWouldBias) {
    Prepared random;
    EXPECT_EQ(random.below(3), UINT64_MAX % 3);  // 2^64 mod 3 = 1, so the word 0 is thrown away
    EXPECT_EQ(random.calls, 2);
}

}  // namespace
}  // namespace obscura::base
