#include "store/migrate.hpp"
#include "store/detail/scram.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include <stdlib.h>

namespace obscura::store {
namespace {

class Folder : public ::testing::Test {
protected:
    Folder() {
        std::string pattern = ::testing::TempDir() + "migrations.XXXXXX";
        if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp");
        path_ = pattern;
    }
    ~Folder() override { std::filesystem::remove_all(path_); }
    void write(std::string const& name, std::string const& text) {
        std::ofstream(path_ / name) << text;
    }
    void remove(std::string const& name) { std::filesystem::remove(path_ / name); }
    [[nodiscard]] std::vector<Migration> read() const { return read_migrations(path_.string()); }

private:
    std::filesystem::path path_;
};

TEST_F(Folder, IsReadInOrderOfNumbers) {
    write("0002_second.sql", "SELECT 2;");
    write("0001_first.sql", "abc");
    write("README.md", "not one of them");
    auto const found = read();
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].number, 1);
    EXPECT_EQ(found[0].name, "0001_first");
    EXPECT_EQ(found[0].sql, "abc");
    // FIPS 180-4's example of SHA-256.
    EXPECT_EQ(found[0].checksum,
              "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(found[1].number, 2);
}

TEST_F(Folder, WithAGapIsRefused) {
    write("0001_first.sql", "");
    write("0003_third.sql", "");
    EXPECT_THROW(static_cast<void>(read()), std::runtime_error);
}

TEST_F(Folder, WithARepeatedNumberIsRefused) {
    write("0001_first.sql", "");
    write("0001_other.sql", "");
    EXPECT_THROW(static_cast<void>(read()), std::runtime_error);
}

TEST_F(Folder, WithAMisnamedFileIsRefused) {
    for (auto const* name : {"1_first.sql", "first.sql", "0001first.sql", "0x01_a.sql"}) {
        write(name, "");
        EXPECT_THROW(static_cast<void>(read()), std::runtime_error) << name;
        remove(name);
        EXPECT_TRUE(read().empty());
    }
}

TEST(Scram, IsTheVerifierOfRfc7677) {
    // RFC 7677 §3: user, pencil, salt W22ZaJ0SNY7soEsUEjb6gQ==; its ServerSignature and ClientProof
    // are checked there with these keys.
    std::vector<std::uint8_t> const salt{0x5b, 0x6d, 0x99, 0x68, 0x9d, 0x12, 0x35, 0x8e,
                                         0xec, 0xa0, 0x4b, 0x14, 0x12, 0x36, 0xfa, 0x81};
    EXPECT_EQ(scram_verifier(base::Secret(std::string_view("pencil")), salt),
              "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$"
              "WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:"
              "wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=");
}

TEST(Scram, RefusesWhatWouldNeedSaslprep) {
    std::vector<std::uint8_t> const salt(16);
    for (std::string_view const text : {"", "pässword", "a\nb"}) {
        EXPECT_THROW(static_cast<void>(scram_verifier(base::Secret(text), salt)),
                     std::invalid_argument);
    }
}

}  // namespace
}  // namespace obscura::store
