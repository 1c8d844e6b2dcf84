#include "custody/key_file.hpp"
#include "crypto/dhkem.hpp"

#include <gtest/gtest.h>

#include <functional>

namespace obscura::custody {
namespace {

/// A machine of paper: its keys follow from its measurement and the levels asked for.
struct PaperMachine final : MachineKey {
    std::string measurement = "as launched";
    attest::TcbVersion level{{4, 0, 0, 0, 0, 0, 24, 219}};

    base::Result<attest::TcbVersion> tcb() override { return level; }
    base::Result<base::Secret> derive(attest::TcbVersion const& tcb) override {
        auto const digest =
            crypto::sha256(measurement + std::string(crypto::as_text(crypto::Bytes(tcb.bytes))));
        return base::Secret(crypto::Bytes(digest));
    }
};

class KeyFileTest : public ::testing::Test {
protected:
    base::SeededRandom random{3};
    base::Secret passphrase{std::string_view("a passphrase of some length")};
    PaperMachine machine;
    crypto::X25519PrivateKey recovery = crypto::dhkem_generate_key(random);
    MasterKeys keys = [this] {
        MasterKeys out;
        out[0] = crypto::random_key(random, 32);
        out[2] = crypto::random_key(random, 32);
        return out;
    }();
    KeyFileLocks all{.passphrase = &passphrase,
                     .cost = least_cost,
                     .machine = &machine,
                     .recipient = recovery.public_key()};

    [[nodiscard]] std::string text() { return to_text(*make_key_file(keys, all, random)); }
    /// "ok", or why not.
    template <class Key>
    static std::string opened(std::string_view text, Key&& key) {
        auto const file = parse_key_file(text);
        if (!file) return file.error().reason;
        auto const keys = open_key_file(*file, key);
        return keys ? "ok" : keys.error().reason;
    }
    std::array<std::function<std::string(std::string_view)>, 3> ways{
        [this](std::string_view t) { return opened(t, passphrase); },
        [this](std::string_view t) { return opened(t, static_cast<MachineKey&>(machine)); },
        [this](std::string_view t) { return opened(t, recovery); }};
};

std::string replaced(std::string text, std::string_view from, std::string_view to) {
    auto const at = text.find(from);
    EXPECT_NE(at, text.npos) << from;
    return text.replace(at, from.size(), to);
}

TEST_F(KeyFileTest, EachWayOpensToTheSameKeys) {
    auto const file = parse_key_file(text());
    ASSERT_TRUE(file) << file.error().detail;
    EXPECT_EQ(file->versions, (std::vector{1, 3}));
    for (auto const& got : {open_key_file(*file, passphrase), open_key_file(*file, machine),
                            open_key_file(*file, recovery)}) {
        ASSERT_TRUE(got) << got.error().detail;
        for (std::size_t i = 0; i < keys.size(); ++i)
            EXPECT_EQ((*got)[i].reveal(), keys[i].reveal()) << i;
    }
    for (auto const& key : keys)
        if (!key.empty()) EXPECT_EQ(text().find(key.reveal()), std::string::npos);
}

TEST_F(KeyFileTest, AnotherSecretDoesNot) {
    auto const file = text();
    base::Secret const other(std::string_view("a passphrase of some lengtH"));
    EXPECT_EQ(opened(file, other), "key_file_closed");
    EXPECT_EQ(opened(file, crypto::dhkem_generate_key(random)), "key_file_closed");
    machine.measurement = "after an upgrade";
    EXPECT_EQ(opened(file, static_cast<MachineKey&>(machine)), "key_file_closed");
    EXPECT_EQ(opened(file, passphrase), "ok") << "which is what the other lines are for";
}

TEST_F(KeyFileTest, NewerFirmwareOpensWhatTheOlderSealed) {
    auto const file = text();
    machine.level.bytes[7] = 220;
    EXPECT_EQ(opened(file, static_cast<MachineKey&>(machine)), "ok");
}

TEST_F(KeyFileTest, ALineThatIsNotThereOpensNothing) {
    KeyFileLocks const one{.passphrase = &passphrase, .cost = least_cost};
    auto const file = to_text(*make_key_file(keys, one, random));
    EXPECT_EQ(ways[0](file), "ok");
    EXPECT_EQ(ways[1](file), "key_file_lock");
    EXPECT_EQ(ways[2](file), "key_file_lock");
    EXPECT_THROW((void)make_key_file(keys, {}, random), std::invalid_argument);
    EXPECT_THROW((void)make_key_file(MasterKeys(), one, random), std::invalid_argument);
}

TEST_F(KeyFileTest, EveryChangedByteIsRefusedWhicheverWayItIsOpened) {
    auto const good = text();
    for (std::size_t i = 0; i < good.size(); ++i) {
        for (int const bit : {0, 1, 5}) {
            auto bad = good;
            bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
            for (auto const& way : ways) EXPECT_NE(way(bad), "ok") << i << "." << bit;
        }
    }
}

TEST_F(KeyFileTest, WhatIsCutRepeatedOrAddedIsRefused) {
    auto const good = text();
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_EQ(ways[1](good.substr(0, size)), "key_file") << size;
    for (std::string_view const more : {"\n", " ", "check", "x\n"})
        EXPECT_EQ(ways[1](good + std::string(more)), "key_file");
    EXPECT_EQ(ways[1](good + good), "key_file");
    EXPECT_EQ(ways[1](good + std::string(max_key_file, ' ')), "key_file");
    // A whole line taken out, and two that changed places.
    auto const line = good.substr(good.find("recipient"), good.find("check") - good.find("recip"));
    EXPECT_EQ(ways[0](replaced(good, line, "")), "key_file_altered");
    EXPECT_EQ(ways[0](replaced(replaced(good, line, ""), "passphrase", line + "passphrase")),
              "key_file");
}

TEST_F(KeyFileTest, VersionsCannotBeSetBack) {
    auto const good = text();
    EXPECT_EQ(ways[0](replaced(good, "versions 1 3", "versions 1 2")), "key_file_closed");
    EXPECT_EQ(ways[0](replaced(good, "versions 1 3", "versions 1")), "key_file_closed");
    for (std::string_view const bad : {"versions 3 1", "versions 1 1", "versions 0", "versions",
                                       "versions 1  3", "versions 01", "versions 10"})
        EXPECT_EQ(ways[0](replaced(good, "versions 1 3", bad)), "key_file") << bad;
    // A line of an earlier file in a later one.
    auto const older = text();
    keys[3] = crypto::random_key(random, 32);
    auto const line = [](std::string const& file) {
        auto const at = file.find("machine");
        return file.substr(at, file.find('\n', at) - at);
    };
    auto const newer = text();
    EXPECT_EQ(ways[1](replaced(newer, line(newer), line(older))), "key_file_closed");
}

TEST_F(KeyFileTest, AHostileFileDoesNotTakeTheMachinesMemory) {
    auto const good = text();
    auto const cost = std::string("passphrase 1 8192 ");
    for (std::string_view const hostile : {"1 1073741825", "1 18446744073709551615", "17 8192",
                                           "4294967295 8192", "0 8192", "1 8191", "1 0"})
        EXPECT_EQ(ways[0](replaced(good, cost, "passphrase " + std::string(hostile) + " ")),
                  "key_file_cost")
            << hostile;
    for (std::string_view const bad : {"-1 8192", "1 8192.0", "+1 8192", "01 8192", "1 0x2000",
                                       "18446744073709551616 8192", "1  8192"})
        EXPECT_EQ(ways[0](replaced(good, cost, "passphrase " + std::string(bad) + " ")), "key_file")
            << bad;
    all.cost = {.passes = 1, .memory_bytes = greatest_cost.memory_bytes + 1};
    EXPECT_THROW((void)text(), std::invalid_argument);
}

TEST_F(KeyFileTest, MutationsNeverOpenToOtherKeys) {
    auto const good = text();
    base::SeededRandom dice(11);
    for (int n = 0; n < 20'000; ++n) {
        auto bad = good;
        auto const times = 1 + dice.below(3);
        for (std::uint64_t i = 0; i < times; ++i) {
            auto const at = dice.below(bad.size());
            auto const other = dice.below(bad.size());
            switch (dice.below(4)) {
                case 0:
                    bad[at] = static_cast<char>(dice.below(256));
                    break;
                case 1:
                    bad.erase(at, 1 + dice.below(4));
                    break;
                case 2:
                    bad.insert(at, bad.substr(other, dice.below(60)));
                    break;
                default:
                    std::swap(bad[at], bad[other]);
            }
            if (bad.empty()) break;
        }
        if (bad != good) EXPECT_NE(ways[1](bad), "ok") << bad;
    }
}

TEST_F(KeyFileTest, SealedTwiceIsTwice) { EXPECT_NE(text(), text()); }

TEST(MasterKeysTest, VersionsGrowToNine) {
    base::SeededRandom random(1);
    MasterKeys keys;
    for (int version = 1; version <= 9; ++version) EXPECT_EQ(add_version(keys, random), version);
    EXPECT_EQ(add_version(keys, random).error().reason, "key_versions");
    EXPECT_EQ(versions_text(versions_of(keys)), "1 2 3 4 5 6 7 8 9");
    EXPECT_NE(keys[0].reveal(), keys[1].reveal());
}

TEST(MasterKeysTest, APayloadIsExactlyWhatItIsSaidToBe) {
    base::SeededRandom random(1);
    MasterKeys keys;
    for (int n = 0; n < 3; ++n) (void)add_version(keys, random);
    auto const payload = pack(keys);
    auto const reason = [](crypto::Bytes bytes, std::vector<int> const& versions) {
        auto const got = unpack(bytes, versions);
        return got ? "ok" : got.error().reason;
    };
    EXPECT_EQ(reason(payload.bytes(), {1, 2, 3}), "ok");
    EXPECT_EQ(reason(payload.bytes(), {1, 2}), "key_payload");
    EXPECT_EQ(reason(payload.bytes(), {1, 2, 4}), "key_payload");
    EXPECT_EQ(reason(payload.bytes(), {}), "key_payload");
    EXPECT_EQ(reason(payload.bytes().first(98), {1, 2, 3}), "key_payload");
    EXPECT_EQ(reason({}, {1}), "key_payload");
}

}  // namespace
}  // namespace obscura::custody
