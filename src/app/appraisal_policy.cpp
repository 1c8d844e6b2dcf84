#include "app/appraisal_policy.hpp"

#include "app/files.hpp"
#include "app/or_throw.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::app {
namespace {

std::string text_in(std::string const& path) {
    auto text = read_file(path);
    if (!text) throw std::runtime_error(path + " is not there");
    return std::move(*text);
}

}  // namespace

AppraisalPolicy::AppraisalPolicy(std::string const& path)
    : policy(or_throw(custody::parse_release_policy(text_in(path), path))) {
    for (auto const& file : policy.certificate_files)
        std::ranges::move(or_throw(attest::read_certificates(text_in(file))),
                          std::back_inserter(certificates));
}

base::Result<std::optional<attest::RevocationList>> AppraisalPolicy::revocations() const {
    if (policy.crl_file.empty()) return std::nullopt;
    auto const text = read_file(policy.crl_file);
    if (!text)
        return base::fail(base::Errc::unavailable, "crl_missing",
                          policy.crl_file + " is not there");
    auto list = attest::RevocationList::read(*text);
    if (!list) return std::unexpected(list.error());
    return std::move(*list);
}

}  // namespace obscura::app
