// The kernel's side of /dev/sev-guest, played: no hardware was asked.
#include "custody/sev_guest.hpp"

#include <gtest/gtest.h>

#include <linux/sev-guest.h>

#include <cerrno>
#include <cstring>

namespace obscura::custody {
namespace {

/// What a guest's firmware would answer; each member is a way to refuse.
struct Firmware {
    int result = 0;
    std::uint32_t firmware_error = 0;
    std::uint32_t status = 0;
    std::uint32_t report_size = attest::snp_report_size;
    bool report_is_broken = false;
    snp_derived_key_req asked{};
    snp_report_req report_asked{};
    int calls = 0;

    int answer(unsigned long request, void* argument) {
        ++calls;
        auto& call = *static_cast<snp_guest_request_ioctl*>(argument);
        EXPECT_EQ(call.msg_version, 1);
        call.fw_error = firmware_error;
        if (result != 0) return errno = EIO, -1;
        auto* const out = reinterpret_cast<std::uint8_t*>(call.resp_data);
        std::memcpy(out, &status, 4);
        if (request == SNP_GET_DERIVED_KEY) {
            std::memcpy(&asked, reinterpret_cast<void const*>(call.req_data), sizeof asked);
            std::memset(out + 0x20, 0x5a, 32);
            out[0x20] = static_cast<std::uint8_t>(asked.tcb_version);
            return 0;
        }
        EXPECT_EQ(request, SNP_GET_REPORT);
        std::memcpy(&report_asked, reinterpret_cast<void const*>(call.req_data),
                    sizeof report_asked);
        std::memcpy(out + 4, &report_size, 4);
        out[0x20] = report_is_broken ? 9 : 3;  // version
        out[0x20 + 0x34] = 1;                  // ECDSA P-384 with SHA-384
        out[0x20 + 0x188] = 0x19;
        for (int i = 0; i < 8; ++i) out[0x20 + 0x1E0 + i] = static_cast<std::uint8_t>(i + 1);
        return 0;
    }
    SevGuest guest(std::uint32_t vmpl = 0) {
        return SevGuest([this](unsigned long r, void* a) { return answer(r, a); }, vmpl);
    }
};

constexpr attest::TcbVersion levels{{1, 2, 3, 4, 5, 6, 7, 8}};

TEST(SevGuestTest, AsksForAKeyOfThisGuestOnThisChip) {
    Firmware firmware;
    auto guest = firmware.guest(2);
    auto const key = guest.derive(levels);
    ASSERT_TRUE(key) << key.error().detail;
    EXPECT_EQ(key->size(), 32U);
    EXPECT_EQ(key->bytes()[0], 1) << "the levels go in as they stand";
    EXPECT_EQ(key->bytes()[31], 0x5a);
    EXPECT_EQ(firmware.asked.root_key_select, 0U) << "VCEK";
    EXPECT_EQ(firmware.asked.guest_field_select, 0b101001U) << "policy, measurement, TCB";
    EXPECT_EQ(firmware.asked.vmpl, 2U);
    EXPECT_EQ(firmware.asked.tcb_version, 0x0807060504030201U);
}

TEST(SevGuestTest, SealsUnderTheLevelsThatFirmwareIsHeldTo) {
    Firmware firmware;
    auto guest = firmware.guest(1);
    auto const tcb = guest.tcb();
    ASSERT_TRUE(tcb) << tcb.error().detail;
    EXPECT_EQ(*tcb, levels);
    EXPECT_EQ(firmware.report_asked.vmpl, 1U);
}

TEST(SevGuestTest, ARefusalIsNoKey) {
    auto const refused = [](auto&& change) {
        Firmware firmware;
        change(firmware);
        auto guest = firmware.guest();
        auto const key = guest.derive(levels);
        auto const tcb = guest.tcb();
        EXPECT_FALSE(tcb);
        return key ? "ok" : key.error().reason;
    };
    EXPECT_EQ(refused([](Firmware& f) { f.result = -1; }), "machine_key");
    EXPECT_EQ(refused([](Firmware& f) { f.firmware_error = 0x16; }), "machine_key");
    EXPECT_EQ(refused([](Firmware& f) { f.status = 0x16; }), "machine_key");
    EXPECT_EQ(refused([](Firmware& f) { f.report_size = 0; }), "ok") << "of a key it says nothing";
    EXPECT_EQ(refused([](Firmware& f) { f.report_is_broken = true; }), "ok");
}

TEST(SevGuestTest, WhereThereIsNoDevice) {
    auto const guest = SevGuest::open("/nowhere/sev-guest");
    ASSERT_FALSE(guest);
    EXPECT_EQ(guest.error().reason, "machine_key");
    EXPECT_NE(guest.error().detail.find("/nowhere/sev-guest"), std::string::npos);
}

}  // namespace
}  // namespace obscura::custody
