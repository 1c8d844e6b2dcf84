#pragma once

#include "app/internal_tls.hpp"
#include "app/state_folder.hpp"
#include "base/clock.hpp"
#include "base/random.hpp"

#include <string_view>

namespace obscura::app {

/// Who has a certificate in a stack of one's own: the services, and whoever operates it.
inline constexpr std::string_view certificate_names[] = {"citadel",   "sentinel", "conductor",
                                                         "alchemist", "gateway",  "operator"};

/// Makes the authority of a stack and the certificates of its services in tls/: those that are
/// missing, and those that end within a quarter of a year. Throws std::runtime_error where the
/// folder cannot be written, or has an authority that is none.
void make_certificates(StateFolder const& state, base::Clock const& clock, base::Random& random);
/// The files of one of them.
[[nodiscard]] InternalTls certificate_files(std::string const& state_path, std::string_view name);

}  // namespace obscura::app
