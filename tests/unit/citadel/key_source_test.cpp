// Where master keys come from, and what each source refuses.
#include "citadel/key_source.hpp"

#include "custody/key_file.hpp"

#include <gtest/gtest.h>

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>

namespace obscura::citadel {
namespace {

struct PaperMachine final : custody::MachineKey {
    char letter = 'm';
    base::Result<attest::TcbVersion> tcb() override { return attest::TcbVersion{}; }
    base::Result<base::Secret> derive(attest::TcbVersion const&) override {
        return base::Secret(std::string_view(std::string(32, letter)));
    }
};

class KeySourceTest : public ::testing::Test {
protected:
    std::string base_path = ::testing::TempDir() + "obscura-keys-" + std::to_string(::getpid());
    std::string key_file = base_path + ".keys";
    std::string passphrase_file = base_path + ".passphrase";
    base::SeededRandom random{4};
    custody::MasterKeys keys;
    Config config;
    char machine_letter = 'm';

    void SetUp() override {
        (void)custody::add_version(keys, random);
        (void)custody::add_version(keys, random);
        write(passphrase_file, "correct horse battery staple\n");
        base::Secret const passphrase(std::string_view("correct horse battery staple"));
        PaperMachine machine;
        write(
            key_file,
            custody::to_text(*custody::make_key_file(
                keys, {.passphrase = &passphrase, .cost = custody::least_cost, .machine = &machine},
                random)));
        config.audit.folder = "/audit";
        config.caller_keys[0] = base::Secret(std::string_view("gateway-key"));
    }
    void TearDown() override {
        ::unlink(key_file.c_str());
        ::unlink(passphrase_file.c_str());
    }
    static void write(std::string const& path, std::string const& text, mode_t mode = 0600) {
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    }
    [[nodiscard]] std::string loaded() {
        auto const open = [this]() -> base::Result<std::unique_ptr<custody::MachineKey>> {
            auto machine = std::make_unique<PaperMachine>();
            machine->letter = machine_letter;
            return machine;
        };
        auto const done = load_keys(config, open);
        return done ? "ok" : done.error().reason;
    }
    [[nodiscard]] bool complains(std::string_view of) {
        return std::ranges::any_of(complaints(config),
                                   [&](auto const& c) { return c.find(of) != c.npos; });
    }
};

TEST_F(KeySourceTest, APassphraseFileGivesItsKeys) {
    config.key_source = "passphrase_file";
    config.key_file = key_file;
    config.passphrase_file = passphrase_file;
    EXPECT_TRUE(complaints(config).empty());
    ASSERT_EQ(loaded(), "ok");
    EXPECT_TRUE(complaints(config).empty());
    EXPECT_EQ(master_keys(config)[1].reveal(), keys[1].reveal());
    Keyring ring(master_keys(config), random);
    EXPECT_EQ(ring.versions(), (std::vector{1, 2}));
}

TEST_F(KeySourceTest, OrNothing) {
    config.key_source = "passphrase_file";
    config.key_file = key_file;
    config.passphrase_file = passphrase_file;
    write(passphrase_file, "correct horse battery staplE\n");
    EXPECT_EQ(loaded(), "key_file_closed");
    ::chmod(passphrase_file.c_str(), 0640);
    EXPECT_EQ(loaded(), "passphrase_file");
    config.key_file = "/nowhere";
    EXPECT_EQ(loaded(), "key_file_missing");
    EXPECT_TRUE(std::ranges::all_of(config.loaded_keys, &base::Secret::empty));
}

TEST_F(KeySourceTest, ASealedFileOpensOnItsMachine) {
    config.key_source = "sealed_file";
    config.key_file = key_file;
    EXPECT_TRUE(complaints(config).empty());
    EXPECT_EQ(loaded(), "ok");
    EXPECT_EQ(master_keys(config)[0].reveal(), keys[0].reveal());
    machine_letter = 'u';
    EXPECT_EQ(loaded(), "key_file_closed") << "an upgrade is another machine";
}

TEST_F(KeySourceTest, AnOlderFileIsNoneToStartWith) {
    config.key_source = "sealed_file";
    config.key_file = key_file;
    config.min_encrypt_version = 3;
    ASSERT_EQ(loaded(), "ok");
    EXPECT_TRUE(complains("min_encrypt_version is 3"));
}

TEST_F(KeySourceTest, TheEnvironmentAndReleaseReadNoFile) {
    EXPECT_EQ(loaded(), "ok");
    EXPECT_TRUE(complains("at least one version"));
    config.key_source = "release";
    EXPECT_EQ(loaded(), "ok");
    EXPECT_TRUE(complains("callers.key_holder"));
    config.caller_keys[static_cast<std::size_t>(CallerName::key_holder)] =
        base::Secret(std::string_view("holder-key"));
    EXPECT_TRUE(complaints(config).empty()) << "the keys come later";
}

TEST_F(KeySourceTest, WhatASourceDoesNotUseIsNotGiven) {
    config.master_keys_hex[3] = base::Secret(std::string_view(std::string(64, 'a')));
    for (auto const* source : {"passphrase_file", "sealed_file", "release"}) {
        config.key_source = source;
        EXPECT_TRUE(complains("citadel.master_key: must not be given")) << source;
    }
    EXPECT_TRUE(complains("callers.key_holder"));
    config.key_source = "environment";
    EXPECT_TRUE(complaints(config).empty());
    config.key_file = key_file;
    config.passphrase_file = passphrase_file;
    EXPECT_TRUE(complains("citadel.key_file: must not be given"));
    config.key_source = "sealed_file";
    EXPECT_TRUE(complains("citadel.passphrase_file: must not be given"));
    config.key_file.clear();
    EXPECT_TRUE(complains("citadel.key_file: must be given"));
}

}  // namespace
}  // namespace obscura::citadel
