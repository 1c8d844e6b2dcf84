#include "attest/nilcc_report.hpp"

#include "attest/binding.hpp"
#include "crypto/hex.hpp"
#include "vectors.hpp"

#include <gtest/gtest.h>

namespace obscura::attest::test {
namespace {

using base::Json;

Json document() { return base::parse_json(read_vector("nilcc_json/report_a.json")).value(); }
std::string reason(Json const& json) {
    auto const read = parse_nilcc_report(json);
    return read ? "ok" : read.error().reason;
}
/// The fields that the error names.
std::string fields(Json const& json) {
    std::string out;
    for (auto const& field : parse_nilcc_report(json).error().fields)
        out += (out.empty() ? "" : " ") + field.pointer + ":" + field.code;
    return out;
}

TEST(NilccReport, MakesTheBytesThatItWasMadeFrom) {
    auto const read = parse_nilcc_report(document());
    ASSERT_TRUE(read) << read.error().detail;
    auto const bytes = read_vector("nilcc_json/report_a.reconstructed.bin");
    EXPECT_EQ(crypto::as_text(read->report.raw), bytes);
    EXPECT_EQ(read->report.vmpl, 1U);
    EXPECT_EQ(product_of(read->report).value(), Product::genoa);
    EXPECT_FALSE(read->environment);
}

TEST(NilccReport, ComesWithItsEnvironmentAndItsBytes) {
    auto const bytes = read_vector("nilcc_json/report_a.reconstructed.bin");
    auto whole = Json::object(
        {{"report", document()},
         {"raw_report", crypto::hex_encode(crypto::as_bytes(bytes))},
         {"gpu_token", nullptr},
         {"environment",
          Json::object({{"nilcc_version", "0.4.0"}, {"vm_type", "cpu"}, {"cpu_count", 2}})}});
    auto const read = parse_nilcc_report(whole);
    ASSERT_TRUE(read) << read.error().detail;
    EXPECT_EQ(read->environment->nilcc_version, "0.4.0");
    EXPECT_EQ(read->environment->cpu_count, 2);
    auto other = bytes;
    other[0x50] ^= 1;
    whole.set("raw_report", crypto::hex_encode(crypto::as_bytes(other)));
    EXPECT_EQ(reason(whole), "json_disagrees");
    whole.set("raw_report", "zz");
    EXPECT_EQ(reason(whole), "json");
    whole.set("raw_report", nullptr);
    EXPECT_EQ(reason(whole), "ok");
    whole.set("environment", "none");
    EXPECT_EQ(reason(whole), "json");
}

TEST(NilccReport, TellsWhichFieldsAreWrong) {
    EXPECT_EQ(reason(Json("text")), "json");
    EXPECT_EQ(reason(Json::array({})), "json");
    auto json = document();
    json.set("report_data", "00");
    json.set("measurement", std::string(96, 'z'));
    json.set("policy", -1);
    json.set("unknown", 1);
    EXPECT_EQ(reason(json), "json");
    auto const all = fields(json);
    for (auto const* part : {"/report/report_data:", "/report/measurement:not_hex",
                             "/report/policy:", "/report/unknown:"})
        EXPECT_NE(all.find(part), all.npos) << all;
    json = document();
    json.set("current_tcb", Json::object({{"fmc", nullptr}, {"bootloader", 256}}));
    EXPECT_NE(fields(json).find("/report/current_tcb/bootloader:"), std::string::npos);
}

// Every bit of the text matters, or is refused.
TEST(NilccReport, HasNoFieldThatIsReadForNothing) {
    auto const good = parse_nilcc_report(document()).value().report.raw;
    auto const whole = document();
    for (auto const& [key, value] : whole.as_object()) {
        if (!value.is_string()) continue;
        auto text = value.as_string();
        text.back() = text.back() == '0' ? '1' : '0';
        auto json = whole;
        json.set(key, text);
        auto const read = parse_nilcc_report(json);
        if (read) EXPECT_NE(read->report.raw, good) << key;
    }
}

TEST(NilccReport, ThatIsNotAsItsHardwareMadeItIsRefused) {
    auto json = document();
    json.set("sig_algo", 2);
    EXPECT_EQ(reason(json), "signature_algorithm");
    json = document();
    json.set("launch_mit_vector", 1);
    EXPECT_EQ(reason(json), "must_be_zero") << "version 3 has none";
}

// The vector's report_data is version 0, a digest, and zeros: the form that is expected of a
// channel.
TEST(Binding, OfNilccIsItsPublicKeysDigest) {
    auto const data = nilcc_report_data(crypto::as_bytes("a key"));
    EXPECT_EQ(data[0], 0);
    EXPECT_EQ(crypto::hex_encode(crypto::Bytes(data).subspan(1, 32)), crypto::sha256_hex("a key"));
    auto const real = parse_nilcc_report(document()).value().report.report_data;
    EXPECT_EQ(real[0], 0);
    for (std::size_t i = 33; i < 64; ++i) EXPECT_EQ(data[i] + real[i], 0) << i;
}

TEST(Binding, OfANativeGuestTellsItsPartsApart) {
    auto of = [](std::string_view nonce, std::string_view spki, std::string_view key) {
        return native_report_data(crypto::as_bytes(nonce), crypto::as_bytes(spki),
                                  crypto::as_bytes(key));
    };
    EXPECT_EQ(of("n", "s", "k"), of("n", "s", "k"));
    EXPECT_NE(of("n", "s", "k"), of("ns", "", "k"));
    EXPECT_NE(of("n", "s", "k"), of("n", "sk", ""));
    // sha512sum of "obscura/citadel-kr/v1" 00000001 'n' 00000001 's' 00000001 'k'.
    EXPECT_EQ(crypto::hex_encode(crypto::Bytes(of("n", "s", "k")).first(8)), "932ca7acba4be64e");
}

TEST(Binding, OfASealingKeyHasItsEnd) {
    std::array<std::uint8_t, 32> key{};
    key.fill(7);
    auto const end = base::from_unix_ms(1'764'003'600'000);
    auto const data = sealing_key_report_data(key, end);
    // sha512sum of the label, 00000020 32 times 07, 00000008 0000019ab6ced680 (milliseconds).
    EXPECT_EQ(crypto::hex_encode(crypto::Bytes(data).first(8)), "5b4a01cc42626d9d");
    EXPECT_NE(data, sealing_key_report_data(key, end + std::chrono::milliseconds(1)));
    key[0] = 8;
    EXPECT_NE(data, sealing_key_report_data(key, end));
}

}  // namespace
}  // namespace obscura::attest::test
