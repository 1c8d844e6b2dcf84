#pragma once

#include "ports/account_venue.hpp"
#include "ports/health_probe.hpp"
#include "ports/key_vault.hpp"
#include "ports/rate_limiter.hpp"
#include "ports/signal_intake.hpp"
#include "ports/signer.hpp"

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace obscura::test {

/// Marks what it encrypts, so that a test can tell ciphertext from plaintext. Insecure, of course.
class FakeKeyVault final : public ports::KeyVault {
public:
    base::Task<base::Result<std::map<std::string, std::string>>> encrypt_fields(
        std::string context, std::map<std::string, base::Secret> fields) override {
        contexts.push_back(context);
        if (error) co_return std::unexpected(*error);
        std::map<std::string, std::string> sealed;
        for (auto const& [name, value] : fields)
            sealed[name] = "nil:v1:fake" + std::to_string(value.size());
        co_return sealed;
    }
    base::Task<base::Result<ports::SealingKey>> sealing_key() override {
        if (error) co_return std::unexpected(*error);
        co_return ports::SealingKey{.id = std::string(43, 'k'),
                                    .public_key = std::string(43, 'p'),
                                    .created_at = base::from_unix_ms(1'790'000'000'000),
                                    .expires_at = base::from_unix_ms(1'790'003'600'000),
                                    .evidence = {.binding = "00"}};
    }
    /// Opens nothing, but holds what stands beside the seal to what is asked for.
    base::Task<base::Result<ports::SealedCredentials>> open_sealed(
        ports::ConnectionRecord connection, ports::SealedCredential sealed) override {
        opened.push_back(sealed);
        if (error) co_return std::unexpected(*error);
        if (sealed.binding.tenant != connection.tenant || sealed.binding.user != connection.user)
            co_return base::fail(base::Errc::invalid_argument, "seal_for_another_owner", "No.");
        auto const [use, is_first] =
            used.emplace(sealed.binding.one_time_id, ports::context_of(connection));
        if (!is_first && use->second != ports::context_of(connection))
            co_return base::fail(base::Errc::invalid_argument, "seal_used", "Used.");
        co_return ports::SealedCredentials{{"api_key", "nil:v1:opened"},
                                           {"secret", "nil:v1:opened"}};
    }
    std::vector<std::string> contexts;
    std::vector<ports::SealedCredential> opened;
    std::map<base::Uuid, std::string> used;
    std::optional<base::Error> error;
};

/// Signs everything, or says what it was told to.
class FakeAccountSigner final : public ports::Signer {
public:
    base::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> asked) override {
        items = asked;
        if (error) co_return std::unexpected(*error);
        std::vector<base::Result<ports::SignedRequest>> out;
        for (auto const& item : items) {
            if (item_error) {
                out.emplace_back(std::unexpected(*item_error));
                continue;
            }
            out.emplace_back(ports::SignedRequest{.method = "GET",
                                                  .url = "http://venue/" + item.context,
                                                  .expires_at = item.not_after});
        }
        co_return out;
    }
    std::vector<ports::SignItem> items;  ///< of the last call
    std::optional<base::Error> error;
    std::optional<base::Error> item_error;
};

/// A venue that knows every account.
class FakeAccountVenue final : public ports::AccountVenue {
public:
    base::Task<base::Result<ports::AccountRights>> read_account(
        ports::SignedRequest request) override {
        asked.push_back(std::move(request));
        if (error) co_return std::unexpected(*error);
        co_return rights;
    }
    std::vector<ports::SignedRequest> asked;
    std::optional<base::Error> error;
    ports::AccountRights rights{.may_trade = true};
};

/// Takes every signal once per external_trade_id, as conductor does.
class FakeSignalIntake final : public ports::SignalIntake {
public:
    struct Submitted {
        ports::Caller caller;
        model::PoolId pool;
        model::SignalRequest request;
        std::string request_id;
    };
    ports::Task<base::Result<ports::SignalAccepted>> submit(ports::Caller caller,
                                                            model::PoolId pool,
                                                            model::SignalRequest request,
                                                            std::string request_id) override {
        calls.push_back({caller, pool, request, request_id});
        if (error) co_return std::unexpected(*error);
        auto answer = ports::SignalAccepted{.pool = pool,
                                            .queued_at = base::from_unix_ms(1'790'000'000'000),
                                            .priority = request.priority,
                                            .estimated_subscribers = 50,
                                            .external_trade_id = request.external_trade_id};
        answer.id.value.bytes[15] = static_cast<std::uint8_t>(signals.size() + 1);
        if (!request.external_trade_id) {
            signals.push_back(answer);
            co_return answer;
        }
        auto const [known, is_new] = by_external_id.try_emplace(*request.external_trade_id, answer);
        if (is_new) signals.push_back(answer);
        auto result = known->second;
        result.was_known = !is_new;
        if (fail_after_commit) {
            fail_after_commit = false;
            co_return base::fail(base::Errc::upstream_timeout, "conductor_silent", "Lost.");
        }
        co_return result;
    }
    ports::Task<base::Result<base::Json>> status(ports::Caller, model::PoolId,
                                                 model::SignalId signal) override {
        if (error) co_return std::unexpected(*error);
        co_return base::Json::object({{"signal_id", signal.to_string()}, {"status", "completed"}});
    }
    ports::Task<base::Result<base::Json>> list(ports::Caller, model::PoolId, std::string cursor,
                                               int limit) override {
        if (error) co_return std::unexpected(*error);
        last_page = {cursor, limit};
        co_return base::Json::object({{"data", base::Json::array()}, {"next_cursor", nullptr}});
    }
    std::vector<Submitted> calls;
    std::vector<ports::SignalAccepted> signals;
    std::map<std::string, ports::SignalAccepted> by_external_id;
    std::pair<std::string, int> last_page;
    std::optional<base::Error> error;
    bool fail_after_commit = false;  ///< the next answer gets lost
};

/// A shared limiter that is out of reach or lets everything pass.
class FakeRateLimiter final : public ports::RateLimiter {
public:
    ports::Task<base::Result<ports::RateDecision>> take(std::string key,
                                                        ports::RateQuota quota) override {
        ++calls;
        if (is_down)
            co_return base::fail(base::Errc::unavailable, "rate_limiter_unavailable", "down");
        auto const used = ++used_by[key];
        bool const allowed = used <= quota.limit;
        using std::chrono::milliseconds;
        co_return ports::RateDecision{.allowed = allowed,
                                      .remaining = allowed ? quota.limit - used : 0,
                                      .reset_after = milliseconds(60'000),
                                      .retry_after = milliseconds(allowed ? 0 : 1'500)};
    }
    ports::Task<void> give_back(std::string key, ports::RateQuota) override {
        if (used_by[key] > 0) --used_by[key];
        co_return;
    }
    ports::Task<void> forget(std::string key) override {
        used_by.erase(key);
        co_return;
    }
    std::map<std::string, std::int64_t> used_by;
    bool is_down = false;
    int calls = 0;
};

class FakeHealthProbe final : public ports::HealthProbe {
public:
    explicit FakeHealthProbe(std::string name) : name_(std::move(name)) {}
    [[nodiscard]] std::string name() const override { return name_; }
    ports::Task<ports::ProbeResult> check(std::chrono::milliseconds) override {
        ++checks;
        co_return result;
    }
    ports::ProbeResult result{.is_up = true};
    int checks = 0;

private:
    std::string name_;
};

}  // namespace obscura::test
