#pragma once

#include "ports/health_probe.hpp"
#include "store/pg.hpp"
#include "store/redis.hpp"

namespace obscura::store {

class PgHealthProbe final : public ports::HealthProbe {
public:
    explicit PgHealthProbe(PgPool& pool) : pool_(pool) {}
    [[nodiscard]] std::string name() const override { return "postgresql"; }
    [[nodiscard]] ports::Task<ports::ProbeResult> check(std::chrono::milliseconds timeout) override;

private:
    PgPool& pool_;
};

class RedisHealthProbe final : public ports::HealthProbe {
public:
    explicit RedisHealthProbe(Redis& redis) : redis_(redis) {}
    [[nodiscard]] std::string name() const override { return "redis"; }
    [[nodiscard]] ports::Task<ports::ProbeResult> check(std::chrono::milliseconds timeout) override;

private:
    Redis& redis_;
};

}  // namespace obscura::store
