#include "attest/sev_guest.hpp"

#include "attest/detail/device_evidence.hpp"

namespace obscura::attest {

base::Result<Evidence> SevGuest::report(ReportData const& data) {
    auto device = open_device();
    if (!device) return no_evidence(device.error());
    auto extended = device->extended_report(data, vmpl_);
    if (extended)
        return detail::device_evidence(extended->report, extended->certificates, data, vmpl_);
    // A host without certificates may refuse the longer question.
    auto const plain = device->report(data, vmpl_);
    if (!plain) return no_evidence(device_ + ": " + plain.error());
    return detail::device_evidence(*plain, {}, data, vmpl_);
}

}  // namespace obscura::attest
