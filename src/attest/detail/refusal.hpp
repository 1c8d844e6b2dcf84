#pragma once

#include "base/error.hpp"

namespace obscura::attest {

/// Evidence that does not convince: `check` names what it failed.
[[nodiscard]] inline std::unexpected<base::Error> refused(std::string check, std::string detail) {
    return base::fail(base::Errc::invalid_argument, std::move(check), std::move(detail));
}

}  // namespace obscura::attest
