#include "store/redis_rate_limiter.hpp"

namespace obscura::store {
namespace {

// KEYS[1] holds the theoretical arrival time in microseconds. ARGV: the interval between requests,
// and how far ahead of now the arrival time may run. Microseconds since 1970 fit a Lua number.
constexpr char const* gcra_script = R"(
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local interval = tonumber(ARGV[1])
    local span = tonumber(ARGV[2])
    local arrival = tonumber(redis.call('GET', KEYS[1]) or now)
    if arrival < now then arrival = now end
    local next = arrival + interval
    if next - now > span then
        return {0, math.floor((span - (arrival - now)) / interval), arrival - now,
                next - span - now}
    end
    redis.call('SET', KEYS[1], string.format('%.0f', next), 'PX',
               math.ceil((next - now) / 1000) + 1000)
    return {1, math.floor((span - (next - now)) / interval), next - now, 0}
)";

constexpr char const* give_back_script = R"(
    local arrival = redis.call('GET', KEYS[1])
    if not arrival then return 0 end
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local before = tonumber(arrival) - tonumber(ARGV[1])
    if before <= now then return redis.call('DEL', KEYS[1]) end
    redis.call('SET', KEYS[1], string.format('%.0f', before), 'PX',
               math.ceil((before - now) / 1000) + 1000)
    return 1
)";

std::string redis_key(std::string const& key) { return "rl:{" + key + "}"; }

std::chrono::milliseconds round_up(std::int64_t microseconds) {
    return std::chrono::ceil<std::chrono::milliseconds>(std::chrono::microseconds(microseconds));
}

}  // namespace

ports::Task<base::Result<ports::RateDecision>> RedisRateLimiter::take(std::string key,
                                                                      ports::RateQuota quota) {
    auto const span = std::chrono::microseconds(quota.window).count();
    auto const interval = span / quota.limit;
    std::vector<std::string> keys{redis_key(key)};
    std::vector<std::string> args{std::to_string(interval), std::to_string(interval * quota.limit)};
    auto const reply = co_await redis_.script(gcra_script, std::move(keys), std::move(args));
    if (!reply) co_return std::unexpected(reply.error());
    if (reply->is_error() || reply->items.size() != 4)
        co_return base::fail(base::Errc::unavailable, "rate_limiter_unavailable", reply->text);
    auto const& items = reply->items;
    co_return ports::RateDecision{.allowed = items[0].integer == 1,
                                  .remaining = items[1].integer,
                                  .reset_after = round_up(items[2].integer),
                                  .retry_after = round_up(items[3].integer)};
}

ports::Task<void> RedisRateLimiter::give_back(std::string key, ports::RateQuota quota) {
    auto const interval = std::chrono::microseconds(quota.window).count() / quota.limit;
    std::vector<std::string> keys{redis_key(key)};
    std::vector<std::string> args{std::to_string(interval)};
    (void)co_await redis_.script(give_back_script, std::move(keys), std::move(args));
}

ports::Task<void> RedisRateLimiter::forget(std::string key) {
    RedisCommand command{"DEL", redis_key(key)};
    (void)co_await redis_.command(std::move(command));
}

}  // namespace obscura::store
