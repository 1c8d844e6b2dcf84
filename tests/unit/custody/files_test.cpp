#include "custody/files.hpp"

#include <gtest/gtest.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

namespace obscura::custody {
namespace {

class PassphraseTest : public ::testing::Test {
protected:
    std::string path = ::testing::TempDir() + "obscura-passphrase-" + std::to_string(::getpid());
    ~PassphraseTest() override { ::unlink(path.c_str()); }

    void write(std::string const& text, mode_t mode = 0600) const {
        std::ofstream(path) << text;
        ::chmod(path.c_str(), mode);
    }
    [[nodiscard]] static std::string read(std::string const& where) {
        auto const got = read_passphrase(where);
        return got ? std::string(got->reveal()) : "refused: " + got.error().reason;
    }
};
constexpr auto refused = "refused: passphrase_file";

TEST_F(PassphraseTest, IsTheFileWithoutItsLastLineBreak) {
    for (auto const* text : {"correct horse", "correct horse\n"}) {
        write(text);
        EXPECT_EQ(read(path), "correct horse");
    }
    write(" two\nlines \n\n", 0400);
    EXPECT_EQ(read(path), " two\nlines \n");
}

TEST_F(PassphraseTest, WhatOthersMayUseIsRefused) {
    for (mode_t const mode : {0640, 0604, 0620, 0602, 0610, 0601, 0644}) {
        write("correct horse", mode);
        EXPECT_EQ(read(path), refused) << std::oct << mode;
    }
}

TEST_F(PassphraseTest, WhatIsNoneIsRefused) {
    EXPECT_EQ(read(path), refused);
    write("");
    EXPECT_EQ(read(path), refused);
    write("\n");
    EXPECT_EQ(read(path), refused);
    write(std::string(max_passphrase, 'x'));
    EXPECT_EQ(read(path), std::string(max_passphrase, 'x'));
    write(std::string(max_passphrase + 1, 'x'));
    EXPECT_EQ(read(path), refused);
    EXPECT_EQ(read("/"), refused);
    EXPECT_EQ(read("fd:"), refused);
    EXPECT_EQ(read("fd:-1"), refused);
    EXPECT_EQ(read("fd:3x"), refused);
    EXPECT_EQ(read("fd:1023456"), refused);
}

TEST_F(PassphraseTest, OfADescriptorIsReadToItsEnd) {
    int ends[2];
    ASSERT_EQ(::pipe(ends), 0);
    ASSERT_EQ(::write(ends[1], "correct ", 8), 8);
    ASSERT_EQ(::write(ends[1], "horse\n", 6), 6);
    ::close(ends[1]);
    EXPECT_EQ(read("fd:" + std::to_string(ends[0])), "correct horse");
    EXPECT_EQ(::fcntl(ends[0], F_GETFD), -1) << "it is closed";
}

TEST_F(PassphraseTest, AKeyFileIsReadOrNamed) {
    EXPECT_EQ(load_key_file(path).error().reason, "key_file_missing");
    write("obscura-master-keys 1\n");
    auto const broken = load_key_file(path);
    EXPECT_EQ(broken.error().reason, "key_file");
    EXPECT_NE(broken.error().detail.find(path), std::string::npos);
    write(std::string(max_key_file + 1, 'x'));
    EXPECT_EQ(load_key_file(path).error().reason, "key_file");
}

}  // namespace
}  // namespace obscura::custody
