#include "custody/sev_guest.hpp"

namespace obscura::custody {
namespace {

constexpr std::uint64_t select_policy = 1, select_measurement = 1 << 3, select_tcb = 1 << 5;

std::unexpected<base::Error> no_key(std::string const& why) {
    return base::fail(base::Errc::unavailable, "machine_key", "The machine gives no key: " + why);
}

}  // namespace

base::Result<SevGuest> SevGuest::open(std::string const& device, std::uint32_t vmpl) {
    auto opened = attest::SevGuestDevice::open(device);
    if (!opened) return no_key(opened.error() + " (a native SEV-SNP guest has it)");
    return SevGuest(std::move(*opened), vmpl);
}

base::Result<attest::TcbVersion> SevGuest::tcb() {
    auto const bytes = device_.report({}, vmpl_);
    if (!bytes) return no_key(bytes.error());
    auto const report = attest::parse_snp_report(*bytes);
    if (!report) return no_key("its report is none: " + report.error().reason);
    return report->committed_tcb;
}

base::Result<base::Secret> SevGuest::derive(attest::TcbVersion const& tcb) {
    auto key = device_.derived_key(
        {.fields = select_policy | select_measurement | select_tcb, .vmpl = vmpl_, .tcb = tcb});
    if (!key) return no_key(key.error());
    return std::move(*key);
}

}  // namespace obscura::custody
