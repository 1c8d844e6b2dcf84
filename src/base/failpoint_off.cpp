#include "base/failpoint.hpp"

namespace obscura::base {

void failpoint(std::string_view) {}

}  // namespace obscura::base
