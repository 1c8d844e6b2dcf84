#pragma once

#include "net/router.hpp"
#include "net/runtime.hpp"
#include "paper/faults.hpp"
#include "paper/rest/endpoint.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace obscura::paper {

/// Stands before every endpoint: weights, faults, keys, time, signatures. Event-loop thread only;
/// outlives the server whose routes it handles.
class Gate {
public:
    /// Delayed requests run on `scope`, so that they are accepted although their client hung up.
    Gate(Exchange& exchange, Faults& faults, net::Scope& scope,
         boost::asio::any_io_executor executor)
        : exchange_(exchange), faults_(faults), scope_(scope), executor_(std::move(executor)) {}

    /// The route of a REST endpoint. `endpoint` must outlive the gate.
    [[nodiscard]] net::Route route(Endpoint const& endpoint);

    /// What the venue says to a method and path that it does not have, and to those of it that are
    /// not played here: its clients take every answer's `code` for a number.
    [[nodiscard]] static net::Route nothing_under(std::string method, std::string prefix);

    struct Answer {
        std::string body;
        std::optional<RateLimits::OrderCounts> order_counts;
    };
    /// Authorises and carries out a request now: the moment that `timestamp` is judged by.
    /// `logged_in` stands for key and signature, not for the timestamp. `fill_share` is the
    /// fault's.
    [[nodiscard]] Outcome<Answer> perform(Endpoint const& endpoint, Params const& params,
                                          std::optional<std::string_view> api_key,
                                          Account const* logged_in,
                                          std::optional<base::Decimal> fill_share = {});

    /// What a fault may match a request by. `api_key` is believed for this.
    [[nodiscard]] RequestFaults meet(std::string_view path, std::string_view method,
                                     Params const& params, std::optional<std::string_view> api_key);
    [[nodiscard]] RateLimits::WeightVerdict charge(std::string const& address, std::uint64_t weight,
                                                   Market market = Market::spot);

private:
    struct Job;
    [[nodiscard]] static net::Task<base::Result<net::Response>> serve(Gate& gate,
                                                                      Endpoint const& endpoint,
                                                                      net::Request& request);
    [[nodiscard]] static net::Task<void> run_later(Gate& gate, std::shared_ptr<Job> job);
    [[nodiscard]] net::Response execute(Endpoint const& endpoint, Params const& params,
                                        std::optional<std::string_view> api_key,
                                        RequestFaults const& faults);
    [[nodiscard]] net::Response error_response(VenueError const& error) const;
    [[nodiscard]] Outcome<Account const*> authorise(Endpoint const& endpoint, Params const& params,
                                                    std::optional<std::string_view> api_key,
                                                    base::Timestamp now) const;

    Exchange& exchange_;
    Faults& faults_;
    net::Scope& scope_;
    boost::asio::any_io_executor executor_;
};

/// -1003 for a request over its limit (429) or from a banned address (418).
[[nodiscard]] VenueError weight_error(RateLimits::WeightVerdict const& verdict,
                                      RateLimitSettings const& settings);
/// What a venue that lost track says: the outcome is unknown (504, -1007).
[[nodiscard]] VenueError backend_timeout();
/// The venue is overloaded and did nothing (503).
[[nodiscard]] VenueError service_unavailable();

}  // namespace obscura::paper
