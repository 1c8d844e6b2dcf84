#pragma once

#include "app/bench_report.hpp"
#include "app/bench_world.hpp"

namespace obscura::app::bench {

/// `gateway.proxy.c64`: requests a second over 64 connections through API key, rate limit and proxy
/// to conductor, beside nginx's proxy_pass to the same conductor; `gateway.proxy.p99`: the 99th
/// percentile at a rate that is half of nginx's, counted from when a request was to leave. Needs
/// nginx and wrk (tools/install --bench).
[[nodiscard]] net::Task<std::vector<Row>> measure_gateway(World& world, int runs);

/// What wrk printed. Throws std::runtime_error when that is no result, or when an answer was not
/// 2xx.
[[nodiscard]] double requests_per_second_in(std::string const& wrk_output);
/// "1.22.1" of "nginx version: nginx/1.22.1".
[[nodiscard]] std::string version_in(std::string const& text);

}  // namespace obscura::app::bench
