// The two ways to a native guest's report, with a kernel of our own behind them. The real ones need
// the hardware: what is tested here is what we say to them and what we believe of their answers.
#include "attest/configfs_tsm.hpp"
#include "attest/detail/device_evidence.hpp"
#include "attest/detail/sev_guest_abi.hpp"
#include "attest/sev_guest.hpp"
#include "synthetic_amd.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>

namespace obscura::attest::test {
namespace {

namespace fs = std::filesystem;
using Table = std::vector<std::uint8_t>;

ReportData some_data() {
    ReportData data{};
    for (std::size_t i = 0; i < data.size(); ++i) data[i] = static_cast<std::uint8_t>(i + 1);
    return data;
}

std::vector<std::uint8_t> report_for(ReportData const& data, std::uint32_t vmpl = 0) {
    return SyntheticAmd::shared(Product::milan)
        .report_bytes({.vmpl = vmpl, .before_signing = [&](auto& bytes) {
                           std::ranges::copy(data, bytes.begin() + 0x50);
                       }});
}

/// A host's table of certificates: entries, a zero one, then what they point at.
Table table_of(std::vector<Table> const& contents) {
    Table out(24 * (contents.size() + 1), 0);
    for (std::size_t i = 0; i < contents.size(); ++i) {
        std::fill_n(out.begin() + static_cast<std::ptrdiff_t>(24 * i), 16, std::uint8_t{0x63});
        auto const offset = out.size();
        auto const size = contents[i].size();
        for (std::size_t b = 0; b < 4; ++b) {
            out[24 * i + 16 + b] = static_cast<std::uint8_t>(offset >> (8 * b));
            out[24 * i + 20 + b] = static_cast<std::uint8_t>(size >> (8 * b));
        }
        out.insert(out.end(), contents[i].begin(), contents[i].end());
    }
    return out;
}

Table chip_table() {
    std::vector<Table> all;
    for (auto const& c : SyntheticAmd::shared(Product::milan).evidence({}).certificates)
        all.push_back(c.der());
    all.push_back({1, 2, 3});  // a revocation list, or what the future brings
    return table_of(all);
}

std::string reason_of(base::Result<Evidence> const& evidence) {
    return evidence ? "ok" : evidence.error().internal;
}

TEST(CertificateTable, IsReadWithinItsBounds) {
    auto const read = detail::certificates_in_table(chip_table());
    ASSERT_TRUE(read);
    EXPECT_EQ(read->size(), 4U) << "ARK, ASK, ASVK, VCEK; what is no certificate is left out";
    EXPECT_TRUE(detail::certificates_in_table({})->empty());
    EXPECT_TRUE(detail::certificates_in_table(Table(24, 0))->empty());
    EXPECT_FALSE(detail::certificates_in_table(Table(23, 0)));
    auto endless = chip_table();
    endless.resize(24);
    EXPECT_FALSE(detail::certificates_in_table(endless));
    for (std::size_t const at : {19, 23}) {
        auto beyond = chip_table();
        beyond[at] = 0xff;
        EXPECT_FALSE(detail::certificates_in_table(beyond)) << at;
    }
    EXPECT_FALSE(detail::certificates_in_table(table_of(std::vector<Table>(
        9, SyntheticAmd::shared(Product::milan).evidence({}).certificates[0].der()))));
}

/// /dev/sev-guest's driver and the firmware behind it.
struct FakeGuest {
    int extended_result = 0;
    int result = 0;
    std::uint32_t firmware_error = 0, host_error = 0, status = 0;
    std::uint32_t size = snp_report_size;
    std::uint32_t vmpl = 0;
    Table table = chip_table();
    std::optional<ReportData> answers_for;
    std::vector<unsigned long> asked;

    int operator()(unsigned long request, void* argument) {
        asked.push_back(request);
        auto& guest = *static_cast<detail::SnpGuestRequest*>(argument);
        EXPECT_EQ(guest.message_version, 1);
        bool const is_extended = request == detail::snp_get_extended_report;
        guest.firmware_error = firmware_error;
        guest.host_error = host_error;
        if ((is_extended ? extended_result : result) != 0) {
            errno = EIO;
            return -1;
        }
        auto const& asks =
            *reinterpret_cast<detail::SnpExtendedReportRequest const*>(guest.request_address);
        auto& answer = *reinterpret_cast<detail::SnpReportResponse*>(guest.response_address);
        answer.status = status;
        answer.report_size = size;
        auto const report = report_for(answers_for.value_or(asks.data.user_data), vmpl);
        std::ranges::copy(report, answer.report.begin());
        if (is_extended) {
            EXPECT_EQ(asks.certificates_address % 4096, 0U);
            EXPECT_GE(asks.certificates_length, table.size());
            std::memcpy(reinterpret_cast<void*>(asks.certificates_address), table.data(),
                        table.size());
        }
        return 0;
    }
    [[nodiscard]] base::Result<Evidence> report(std::string const& device = "/dev/null") {
        SevGuest guest(device, 0, std::ref(*this));
        return guest.report(some_data());
    }
};

TEST(SevGuest, BringsReportAndCertificates) {
    FakeGuest kernel;
    auto const evidence = kernel.report();
    ASSERT_TRUE(evidence) << evidence.error().internal;
    EXPECT_EQ(evidence->format, EvidenceFormat::sev_snp);
    EXPECT_EQ(parse_snp_report(evidence->report)->report_data, some_data());
    EXPECT_EQ(evidence->certificates.size(), 4U);
    EXPECT_EQ(kernel.asked, std::vector<unsigned long>{0xC0205302});
}

TEST(SevGuest, DoesWithoutCertificatesWhereTheHostHasNone) {
    FakeGuest kernel{.extended_result = -1};
    auto const evidence = kernel.report();
    ASSERT_TRUE(evidence) << evidence.error().internal;
    EXPECT_TRUE(evidence->certificates.empty());
    EXPECT_EQ(kernel.asked, (std::vector<unsigned long>{0xC0205302, 0xC0205300}));
}

TEST(SevGuest, BelievesNothingThatIsNotWholeAndForThis) {
    EXPECT_NE(reason_of(FakeGuest{}.report("/nowhere/sev-guest")).find("No such file"),
              std::string::npos);
    EXPECT_NE(
        reason_of(FakeGuest{.extended_result = -1, .result = -1, .firmware_error = 0x16}.report())
            .find("firmware 0x16"),
        std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.host_error = 2}.report()).find("host 0x2"), std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.status = 0x16}.report()).find("status is 22"),
              std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.size = 0}.report()).find("0 bytes"), std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.size = 1185}.report()).find("1185 bytes"), std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.vmpl = 1}.report()).find("VMPL 1"), std::string::npos);
    EXPECT_NE(reason_of(FakeGuest{.answers_for = ReportData{}}.report()).find("other data"),
              std::string::npos);
}

/// configfs as the kernel plays it, in a folder of this test's.
struct FakeTsm final : TsmFiles {
    std::string provider = "sev_guest\n";
    int others = 0;  ///< how often somebody else writes while the report is read
    int generation = 0;
    std::string made, removed;
    std::vector<std::string> written;

    static void put(std::string const& path, crypto::Bytes content) {
        std::ofstream file(path, std::ios::binary | std::ios::trunc);
        file.write(reinterpret_cast<char const*>(content.data()),
                   static_cast<std::streamsize>(content.size()));
    }
    void bump(fs::path const& folder) {
        put(folder / "generation", crypto::as_bytes(std::to_string(++generation) + "\n"));
    }
    base::Result<void> make_directory(std::string const& path) override {
        if (auto const o = TsmFiles::make_directory(path); !o) return o;
        made = path;
        put(path + "/provider", crypto::as_bytes(provider));
        for (auto const* name : {"/inblob", "/privlevel", "/outblob", "/auxblob", "/generation"})
            put(path + name, {});
        return {};
    }
    void remove_directory(std::string const& path) override {
        removed = path;
        fs::remove_all(path);
    }
    base::Result<void> write(std::string const& path, crypto::Bytes content) override {
        if (auto const o = TsmFiles::write(path, content); !o) return o;
        written.push_back(fs::path(path).filename());
        auto const folder = fs::path(path).parent_path();
        bump(folder);
        if (!path.ends_with("/inblob")) return {};
        ReportData data{};
        std::ranges::copy(content, data.begin());
        put(folder / "outblob", report_for(data));
        put(folder / "auxblob", chip_table());
        return {};
    }
    base::Result<std::string> read(std::string const& path, std::size_t max) override {
        if (path.ends_with("/outblob") && others > 0) {
            --others;
            bump(fs::path(path).parent_path());
        }
        return TsmFiles::read(path, max);
    }
};

class ConfigfsTsmTest : public ::testing::Test {
protected:
    std::string root_ = ::testing::TempDir() + "obscura-tsm";
    base::SeededRandom random_{4};
    FakeTsm files_;

    void SetUp() override { fs::create_directories(root_); }
    void TearDown() override { fs::remove_all(root_); }
    [[nodiscard]] base::Result<Evidence> report(std::uint32_t vmpl = 0) {
        ConfigfsTsm tsm(root_, vmpl, random_, files_);
        return tsm.report(some_data());
    }
};

TEST_F(ConfigfsTsmTest, BringsReportAndCertificatesAndLeavesNothing) {
    auto const evidence = report();
    ASSERT_TRUE(evidence) << evidence.error().internal;
    EXPECT_EQ(evidence->format, EvidenceFormat::sev_snp);
    EXPECT_EQ(parse_snp_report(evidence->report)->report_data, some_data());
    EXPECT_EQ(evidence->certificates.size(), 4U);
    EXPECT_EQ(files_.written, (std::vector<std::string>{"privlevel", "inblob"}));
    EXPECT_TRUE(files_.made.starts_with(root_ + "/obscura-"));
    EXPECT_EQ(files_.removed, files_.made);
    EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(ConfigfsTsmTest, AsksAgainWhenSomebodyElseWroteThere) {
    files_.others = 2;
    EXPECT_EQ(reason_of(report()), "ok");
    EXPECT_EQ(files_.written.size(), 6U);
    files_.others = 3;
    EXPECT_NE(reason_of(report()).find("keeps writing"), std::string::npos);
    EXPECT_TRUE(fs::is_empty(root_));
}

TEST_F(ConfigfsTsmTest, RefusesAnotherProviderAndAFolderThatIsNotThere) {
    files_.provider = "tdx_guest\n";
    EXPECT_NE(reason_of(report()).find("tdx_guest"), std::string::npos);
    EXPECT_TRUE(fs::is_empty(root_));
    fs::remove_all(root_);
    EXPECT_NE(reason_of(report()).find("No such file"), std::string::npos);
}

TEST_F(ConfigfsTsmTest, RefusesAReportOfAnotherVmpl) {
    EXPECT_NE(reason_of(report(1)).find("VMPL 0"), std::string::npos);
}

// A plain folder is no configfs: nothing appears in it, and nothing is made of that.
TEST_F(ConfigfsTsmTest, MakesNothingOfAPlainFolder) {
    TsmFiles plain;
    ConfigfsTsm tsm(root_, 0, random_, plain);
    EXPECT_NE(reason_of(tsm.report(some_data())).find("the provider is \"\""), std::string::npos);
    EXPECT_TRUE(fs::is_empty(root_));
}

}  // namespace
}  // namespace obscura::attest::test
