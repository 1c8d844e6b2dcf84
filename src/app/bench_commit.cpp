#include "app/bench_machine.hpp"

#include <generated/commit.hpp>

namespace obscura::app::bench {

std::string build_commit() { return generated_commit; }

}  // namespace obscura::app::bench
