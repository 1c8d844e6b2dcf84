#pragma once

#include "base/task.hpp"

namespace obscura::net {

using base::Task;

}  // namespace obscura::net
