#include "citadel/hosted_venues.hpp"

#include "base/log.hpp"
#include "citadel/hosted_request.hpp"
#include "citadel/secret_echo.hpp"
#include "net/runtime.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>

#include <algorithm>
#include <exception>
#include <map>
#include <optional>
#include <variant>

namespace obscura::citadel {
namespace {

using base::Result;
using base::Task;
using ports::ExchangeHost;
using ports::SignedRequest;

using Credentials = std::map<std::string, base::Secret>;

std::unexpected<base::Error> told(base::Errc code, char const* reason) {
    return std::unexpected(told_of_host_error({.code = code, .reason = reason}));
}

Credentials copy_of(Credentials const& given) {
    Credentials out;
    for (auto const& [name, value] : given) out.emplace(name, value.clone());
    return out;
}

bool are_telling(Credentials const& credentials) {
    return std::ranges::all_of(credentials, [](auto const& field) {
        bool const is_public = std::ranges::find(ports::host_public_fields, field.first) !=
                               ports::host_public_fields.end();
        return is_public || field.second.size() >= shortest_told;
    });
}

}  // namespace

VenueAddresses const* HostedVenues::find(std::string_view venue) const {
    auto const found = venues_.find(venue);
    if (found == venues_.end() || find_signer(venue) != nullptr || !host_.serves(venue))
        return nullptr;
    return &found->second;
}

Task<Result<SignedRequest>> HostedVenues::ask(ports::HostTask task,
                                              std::chrono::milliseconds within) {
    std::optional<Result<SignedRequest>> answer;
    try {
        answer = co_await host_.sign(std::move(task), within);
    } catch (std::exception const&) {
        // What it throws may have a credential in it: it is not looked at.
        base::log::warn("citadel.exchange_host_threw");
    }
    if (!answer) co_return told(base::Errc::internal, "threw");
    if (!*answer) co_return std::unexpected(told_of_host_error(answer->error()));
    co_return std::move(*answer);
}

Task<Result<SignedRequest>> HostedVenues::sign(ports::HostTask task,
                                               std::chrono::milliseconds within) {
    using namespace boost::asio::experimental::awaitable_operators;
    if (!ports::may_ask_host(task.operation))
        co_return told(base::Errc::invalid_argument, "not_supported");
    if (!are_telling(task.credentials))
        co_return told(base::Errc::invalid_argument, "invalid_credentials");
    within = std::min(within, ExchangeHost::longest_answer);
    if (within <= std::chrono::milliseconds(0))
        co_return told(base::Errc::upstream_timeout, "exchange_host_timeout");
    if (under_way_ >= ExchangeHost::max_under_way)
        co_return told(base::Errc::unavailable, "exchange_host_busy");
    struct Slot {
        std::size_t& taken;
        explicit Slot(std::size_t& t) : taken(t) { ++taken; }
        ~Slot() { --taken; }
    } const slot(under_way_);
    auto const credentials = copy_of(task.credentials);
    auto const operation = task.operation;
    auto const origin = task.origin;
    HostedTerms const terms{.origin = origin,
                            .operation = operation,
                            .credentials = credentials,
                            .venue_now = task.venue_now,
                            .not_after = task.not_after};
    auto first = co_await (ask(std::move(task), within) || net::sleep_for(within));
    auto* answer = std::get_if<0>(&first);
    if (answer == nullptr) co_return told(base::Errc::upstream_timeout, "exchange_host_timeout");
    if (!*answer) co_return std::move(*answer);
    if (auto const good = check_hosted_request(**answer, terms); !good) {
        base::log::warn("citadel.exchange_host_refused", {{"reason", good.error().reason}});
        co_return std::unexpected(good.error());
    }
    co_return std::move(*answer);
}

}  // namespace obscura::citadel
