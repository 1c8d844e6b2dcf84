#include "store/health_probes.hpp"

namespace obscura::store {

ports::Task<ports::ProbeResult> PgHealthProbe::check(std::chrono::milliseconds timeout) {
    auto wrong = co_await pool_.ping(timeout);
    co_return ports::ProbeResult{.is_up = wrong.empty(), .internal = std::move(wrong)};
}

ports::Task<ports::ProbeResult> RedisHealthProbe::check(std::chrono::milliseconds timeout) {
    auto wrong = co_await redis_.ping(timeout);
    co_return ports::ProbeResult{.is_up = wrong.empty(), .internal = std::move(wrong)};
}

}  // namespace obscura::store
