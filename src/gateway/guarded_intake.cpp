#include "gateway/guarded_intake.hpp"

#include "base/failpoint.hpp"

#include <algorithm>

namespace obscura::gateway {
namespace {

/// Errors that speak of the peer's health and not of the request.
bool is_peers_fault(base::Errc code) {
    return code == base::Errc::unavailable || code == base::Errc::upstream_timeout ||
           code == base::Errc::bad_gateway || code == base::Errc::internal;
}

template <class T>
base::Error const* error_of(base::Result<T> const& result) {
    return result ? nullptr : &result.error();
}

}  // namespace

base::Result<void> GuardedIntake::enter() {
    auto const now = clock_.steady();
    if (breaker_.allow(now)) return {};
    auto const wait = std::chrono::ceil<std::chrono::seconds>(breaker_.retry_after(now));
    return std::unexpected(base::Error{.code = base::Errc::unavailable,
                                       .reason = "conductor_unavailable",
                                       .detail = "Signals cannot be taken right now.",
                                       .retry_after = std::max(wait, std::chrono::seconds(1))});
}

void GuardedIntake::leave(base::Error const* error) {
    if (error != nullptr && is_peers_fault(error->code))
        breaker_.failed(clock_.steady());
    else
        breaker_.succeeded();
}

ports::Task<base::Result<ports::SignalAccepted>> GuardedIntake::submit(ports::Caller caller,
                                                                       model::PoolId pool,
                                                                       model::SignalRequest request,
                                                                       std::string request_id) {
    if (auto const open = enter(); !open) co_return std::unexpected(open.error());
    base::failpoint("gateway.before_relay");
    auto answer =
        co_await inner_.submit(std::move(caller), pool, std::move(request), std::move(request_id));
    base::failpoint("gateway.after_relay");
    leave(error_of(answer));
    co_return answer;
}

ports::Task<base::Result<base::Json>> GuardedIntake::status(ports::Caller caller,
                                                            model::PoolId pool,
                                                            model::SignalId signal) {
    if (auto const open = enter(); !open) co_return std::unexpected(open.error());
    auto answer = co_await inner_.status(std::move(caller), pool, signal);
    leave(error_of(answer));
    co_return answer;
}

ports::Task<base::Result<base::Json>> GuardedIntake::list(ports::Caller caller, model::PoolId pool,
                                                          std::string cursor, int limit) {
    if (auto const open = enter(); !open) co_return std::unexpected(open.error());
    auto answer = co_await inner_.list(std::move(caller), pool, std::move(cursor), limit);
    leave(error_of(answer));
    co_return answer;
}

}  // namespace obscura::gateway
