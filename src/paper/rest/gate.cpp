#include "paper/rest/gate.hpp"

#include "base/failpoint.hpp"
#include "paper/protocol/render_exchange.hpp"

#include <chrono>
#include <memory>
#include <utility>

namespace obscura::paper {
namespace {

constexpr std::string_view key_header = "X-MBX-APIKEY";
constexpr std::size_t max_body = 16 * 1024;

net::Response json(unsigned status, std::string body) {
    return {.status = status,
            .headers = {{"Content-Type", "application/json;charset=UTF-8"}},
            .body = std::move(body)};
}

std::string text_of(AccountId id) { return std::to_string(id.value); }

}  // namespace

VenueError weight_error(RateLimits::WeightVerdict const& verdict,
                        RateLimitSettings const& settings) {
    if (verdict.kind == RateLimits::WeightVerdict::Kind::banned) {
        auto const until = std::to_string(base::to_unix_ms(verdict.banned_until));
        return {-1003,
                "Way too much request weight used; IP banned until " + until +
                    ". Please use WebSocket Streams for live updates to avoid bans.",
                418};
    }
    return {
        -1003,
        "Too much request weight used; current limit is " +
            std::to_string(settings.weight_per_minute) +
            " request weight per 1 MINUTE. Please use WebSocket Streams for live updates to avoid "
            "polling the API.",
        429};
}

VenueError backend_timeout() {
    return {
        -1007,
        "Timeout waiting for response from backend server. Send status unknown; execution status "
        "unknown.",
        504};
}

VenueError service_unavailable() {
    return {-1001, "Internal error; unable to process your request. Please try again.", 503};
}

/// A request that waits: its handler may be gone before it is carried out.
struct Gate::Job {
    explicit Job(boost::asio::any_io_executor executor) : done(std::move(executor)) {}

    Endpoint const* endpoint = nullptr;
    Params params;
    std::optional<std::string> api_key;
    RequestFaults faults;
    net::Event done;
    net::Response response{.drop = true};  ///< for a handler that stops waiting before it is done
};

net::Route Gate::route(Endpoint const& endpoint) {
    return {.method = std::string(endpoint.method),
            .pattern = std::string(endpoint.path),
            .body_limit = max_body,
            .handler = [this, &endpoint](net::Request& request) {
                return serve(*this, endpoint, request);
            }};
}

net::Route Gate::nothing_under(std::string method, std::string prefix) {
    return {.method = std::move(method),
            .pattern = std::move(prefix) + "/{rest*}",
            .body_limit = max_body,
            .handler = [](net::Request& request) -> net::Task<base::Result<net::Response>> {
                VenueError const error{
                    -5000, "Path " + request.path + ", Method " + request.method + " is invalid"};
                co_return json(404, render_error(error));
            }};
}

net::Task<base::Result<net::Response>> Gate::serve(Gate& gate, Endpoint const& endpoint,
                                                   net::Request& request) {
    auto params = Params::from_http(request.query, request.body);
    auto const weight = params ? endpoint.weight(*params) : 1;
    auto const market = endpoint.market();
    auto const verdict = gate.charge(request.remote_address, weight, market);
    net::Response response;
    if (verdict.kind != RateLimits::WeightVerdict::Kind::ok) {
        response =
            gate.error_response(weight_error(verdict, gate.exchange_.limits(market).settings()));
        response.headers.set("Retry-After", std::to_string(verdict.retry_after.count()));
    } else if (!params) {
        response = gate.error_response(params.error());
    } else {
        auto const api_key = request.headers.find(key_header);
        auto const faults = gate.meet(request.path, request.method, *params, api_key);
        if (faults.latency.count() == 0) {
            response = gate.execute(endpoint, *params, api_key, faults);
        } else {
            auto const job = std::make_shared<Job>(gate.executor_);
            job->endpoint = &endpoint;
            job->params = std::move(*params);
            job->api_key = api_key;
            job->faults = faults;
            gate.scope_.spawn("paper.delayed_request", run_later(gate, job));
            (void)co_await job->done.wait(faults.latency + std::chrono::minutes(1));
            response = std::move(job->response);
        }
    }
    auto const used = std::to_string(verdict.used);
    if (market == Market::spot) response.headers.add("X-MBX-USED-WEIGHT", used);
    response.headers.add("X-MBX-USED-WEIGHT-1M", used);
    co_return response;
}

net::Task<void> Gate::run_later(Gate& gate, std::shared_ptr<Job> job) {
    co_await net::sleep_for(job->faults.latency);
    if (!gate.scope_.stopping()) {
        job->response = gate.execute(*job->endpoint, job->params, job->api_key, job->faults);
    }
    job->done.notify();
}

net::Response Gate::execute(Endpoint const& endpoint, Params const& params,
                            std::optional<std::string_view> api_key, RequestFaults const& faults) {
    if (faults.drop_before) return {.drop = true};
    if (faults.fail && !faults.fail_after) return error_response(service_unavailable());
    bool const changes = endpoint.method == "POST" && endpoint.security == Security::signature;
    if (changes) base::failpoint("paper.before_accept");
    auto answer = perform(endpoint, params, api_key, nullptr, faults.fill_share);
    if (changes) base::failpoint("paper.after_accept");
    if (faults.drop_after) return {.drop = true};
    if (faults.fail_after) return error_response(backend_timeout());
    auto response = answer ? json(200, std::move(answer->body)) : error_response(answer.error());
    response.reset_mid_body = faults.reset_mid_body;
    if (!answer) return response;
    if (answer->order_counts) {
        response.headers.add("X-MBX-ORDER-COUNT-10S", std::to_string(answer->order_counts->in_10s));
        if (endpoint.market() == Market::futures) {
            response.headers.add("X-MBX-ORDER-COUNT-1M",
                                 std::to_string(answer->order_counts->in_minute));
        } else {
            response.headers.add("X-MBX-ORDER-COUNT-1D",
                                 std::to_string(answer->order_counts->in_day));
        }
    }
    return response;
}

net::Response Gate::error_response(VenueError const& error) const {
    auto response = json(error.http_status, render_error(error));
    if (error.http_status == 429) {
        constexpr std::int64_t window_s = 10;  // of the order count; the weight's replaces it
        auto const second = base::to_unix_ms(exchange_.now()) / 1000;
        response.headers.set("Retry-After", std::to_string(window_s - second % window_s));
    }
    return response;
}

Outcome<Account const*> Gate::authorise(Endpoint const& endpoint, Params const& params,
                                        std::optional<std::string_view> api_key,
                                        base::Timestamp now) const {
    auto const key = exchange_.keys().find(api_key);
    if (!key) return std::unexpected(key.error());
    if (endpoint.security == Security::signature) {
        auto const signature = params.find("signature");
        if (!signature || signature->empty()) {
            return refuse(
                -1102,
                "Mandatory parameter 'signature' was not sent, was empty/null, or malformed.");
        }
        auto const in_time = check_timestamp(params, now, endpoint.market());
        if (!in_time) return std::unexpected(in_time.error());
        auto const verified = verify_signature(**key, params.signed_bytes(), *signature);
        if (!verified) return std::unexpected(verified.error());
    }
    return exchange_.state().find_account((*key)->account);
}

Outcome<Gate::Answer> Gate::perform(Endpoint const& endpoint, Params const& params,
                                    std::optional<std::string_view> api_key,
                                    Account const* logged_in,
                                    std::optional<base::Decimal> fill_share) {
    auto const now = exchange_.now();
    Account const* account = nullptr;
    if (endpoint.security != Security::none && logged_in != nullptr) {
        auto const in_time = endpoint.security == Security::signature
                                 ? check_timestamp(params, now, endpoint.market())
                                 : Outcome<void>{};
        if (!in_time) return std::unexpected(in_time.error());
        account = logged_in;
    } else if (endpoint.security != Security::none) {
        auto const authorised = authorise(endpoint, params, api_key, now);
        if (!authorised) return std::unexpected(authorised.error());
        account = *authorised;
    }
    ParamReader reader(params);
    Call call{.exchange = exchange_,
              .params = reader,
              .now = now,
              .account = account,
              .fill_share = fill_share};
    auto body = endpoint.handle(call);
    if (!body) return std::unexpected(body.error());
    return Answer{std::move(*body), call.order_counts};
}

RequestFaults Gate::meet(std::string_view path, std::string_view method, Params const& params,
                         std::optional<std::string_view> api_key) {
    if (faults_.empty()) return {};
    auto const key = exchange_.keys().find(api_key);
    auto const account = key ? text_of((*key)->account) : std::string();
    return faults_.meet_request({.path = path,
                                 .method = method,
                                 .account = account,
                                 .symbol = params.find("symbol").value_or("")});
}

RateLimits::WeightVerdict Gate::charge(std::string const& address, std::uint64_t weight,
                                       Market market) {
    return exchange_.limits(market).charge(address, weight, exchange_.now());
}

}  // namespace obscura::paper
