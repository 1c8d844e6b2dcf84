#include "net/router.hpp"

#include "base/decimal.hpp"
#include "base/log.hpp"
#include "net/detail/text.hpp"
#include "net/problem.hpp"

#include <boost/asio/error.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <stdexcept>

namespace obscura::net {

namespace {

using Params = std::vector<std::pair<std::string, std::string>>;

bool is_capture(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}
/// "{rest*}" takes all that is left of the path; last segment only.
bool is_tail(std::string_view segment) { return is_capture(segment) && segment.ends_with("*}"); }

/// Literal segments from the left decide which of two matching patterns is the better one.
bool more_literal(std::vector<std::string> const& a, std::vector<std::string> const& b) {
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
        if (is_tail(a[i]) != is_tail(b[i])) return is_tail(b[i]);
        if (is_capture(a[i]) != is_capture(b[i])) return is_capture(b[i]);
    }
    return a.size() > b.size();
}

bool matches(std::vector<std::string> const& pattern, std::vector<std::string_view> const& path) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (is_tail(pattern[i])) return i < path.size();
        if (i >= path.size()) return false;
        if (is_capture(pattern[i]) ? path[i].empty() : pattern[i] != path[i]) return false;
    }
    return pattern.size() == path.size();
}

Params capture(std::vector<std::string> const& pattern, std::vector<std::string_view> const& path) {
    Params params;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (!is_capture(pattern[i])) continue;
        auto const name = std::string_view(pattern[i]).substr(1, pattern[i].size() - 2);
        if (!is_tail(pattern[i])) {
            params.emplace_back(name, path[i]);
            continue;
        }
        // The parts lie in one text: the tail is what is left of it.
        auto const* begin = path[i].data();
        auto const size = static_cast<std::size_t>(path.back().data() - begin) + path.back().size();
        params.emplace_back(name.substr(0, name.size() - 1), std::string(begin, size));
    }
    return params;
}

std::vector<std::string> compile(std::string const& pattern) {
    if (!pattern.starts_with('/')) throw std::logic_error("a route starts with '/': " + pattern);
    std::vector<std::string> segments;
    for (auto const segment : detail::split_path(pattern)) segments.emplace_back(segment);
    for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
        if (is_tail(segments[i])) throw std::logic_error("a tail comes last: " + pattern);
    }
    return segments;
}

std::string join(std::vector<std::string> const& names) {
    std::string out;
    for (auto const& name : names) out += (out.empty() ? "" : ", ") + name;
    return out;
}

base::Error not_found() {
    return {.code = base::Errc::not_found,
            .reason = "route_not_found",
            .detail = "There is nothing at this path."};
}

base::Error caught(std::exception const& e, Request const& request, std::string_view pattern) {
    base::log::error("http.handler_failed", {{"request_id", request.id},
                                             {"method", request.method},
                                             {"route", pattern},
                                             {"error", e.what()}});
    return base::internal_error(e.what());
}

}  // namespace

void Router::add(Route route) {
    for (auto const& other : routes_) {
        if (other.method == route.method && other.pattern == route.pattern) {
            throw std::logic_error("route added twice: " + route.method + " " + route.pattern);
        }
    }
    patterns_.push_back(compile(route.pattern));
    routes_.push_back(std::move(route));
}

void Router::add_socket(SocketRoute route) {
    socket_patterns_.push_back(compile(route.pattern));
    sockets_.push_back(std::move(route));
}

Router::Match Router::match(std::string_view method, std::string_view path) const {
    auto const segments = detail::split_path(path);
    auto const wanted = method == "HEAD" ? std::string_view("GET") : method;
    Match result;
    std::size_t best = 0;
    auto const allow = [&](std::string_view name) {
        if (std::ranges::find(result.allowed_methods, name) != result.allowed_methods.end()) return;
        result.allowed_methods.emplace_back(name);
    };
    for (std::size_t i = 0; i < routes_.size(); ++i) {
        if (!matches(patterns_[i], segments)) continue;
        allow(routes_[i].method);
        if (routes_[i].method == "GET") allow("HEAD");
        if (routes_[i].method != wanted) continue;
        if (result.route && !more_literal(patterns_[i], patterns_[best])) continue;
        result.route = &routes_[i];
        best = i;
    }
    if (result.route) result.params = capture(patterns_[best], segments);
    if (!result.allowed_methods.empty()) allow("OPTIONS");
    return result;
}

SocketRoute const* Router::match_socket(std::string_view path) const {
    auto const segments = detail::split_path(path);
    for (std::size_t i = 0; i < sockets_.size(); ++i) {
        if (matches(socket_patterns_[i], segments)) return &sockets_[i];
    }
    return nullptr;
}

Task<base::Result<void>> Router::admit(SocketRoute const& socket, Request& request) const {
    auto const index = static_cast<std::size_t>(&socket - sockets_.data());
    request.path_params = capture(socket_patterns_[index], detail::split_path(request.path));
    if (!guard_) co_return base::Result<void>();
    Route const as_route{.method = "GET", .pattern = socket.pattern, .access = socket.access};
    std::optional<base::Error> failed;
    try {
        co_return co_await guard_(as_route, request);
    } catch (std::exception const& e) {
        failed = caught(e, request, socket.pattern);
    }
    co_return std::unexpected(std::move(*failed));
}

Task<Response> Router::dispatch(Request& request) const {
    if (request.path.empty()) {  // a test's request, made without the server
        auto const question = request.target.find('?');
        request.path = percent_decode(request.target.substr(0, question)).value_or("");
        if (question != std::string::npos) request.query = request.target.substr(question + 1);
    }
    auto found = match(request.method, request.path);
    co_return co_await dispatch(request, std::move(found));
}

Task<Response> Router::dispatch(Request& request, Match found) const {
    Response response;
    if (found.route) {
        request.path_params = std::move(found.params);
        response = co_await handle(*found.route, request);
    } else if (!found.allowed_methods.empty() && request.method == "OPTIONS") {
        response = Response{.status = 204, .headers = {{"Allow", join(found.allowed_methods)}}};
    } else if (!found.allowed_methods.empty()) {
        auto const allowed = join(found.allowed_methods);
        response = problem({.code = base::Errc::method_not_allowed,
                            .reason = "method_not_allowed",
                            .detail = "This path takes " + allowed + "."},
                           request.id);
        response.headers.set("Allow", allowed);
    } else if (match_socket(request.path)) {
        response = problem({.code = base::Errc::invalid_argument,
                            .reason = "websocket_required",
                            .detail = "This path is a WebSocket: connect with an upgrade."},
                           request.id);
    } else {
        response = problem(not_found(), request.id);
    }
    if (!request.id.empty()) response.headers.set("X-Request-Id", request.id);
    co_return response;
}

Task<Response> Router::handle(Route const& route, Request& request) const {
    std::optional<base::Error> failed;  // co_await is not allowed in a catch block
    try {
        if (guard_) {
            auto const admitted = co_await guard_(route, request);
            if (!admitted) co_return problem(admitted.error(), request.id);
        }
        auto answer = co_await route.handler(request);
        if (answer) co_return std::move(*answer);
        failed = std::move(answer.error());
        if (failed->code == base::Errc::internal) {
            base::log::error("http.internal_error", {{"request_id", request.id},
                                                     {"route", route.pattern},
                                                     {"reason", failed->reason},
                                                     {"error", failed->internal}});
        }
    } catch (base::DecimalOverflow const&) {
        failed = base::Error{.code = base::Errc::invalid_argument,
                             .reason = "decimal_overflow",
                             .detail = "An amount is too large to calculate with."};
    } catch (boost::system::system_error const& e) {
        if (e.code() == boost::asio::error::operation_aborted) throw;  // the server is stopping
        failed = caught(e, request, route.pattern);
    } catch (std::exception const& e) {
        failed = caught(e, request, route.pattern);
    }
    co_return problem(*failed, request.id);
}

}  // namespace obscura::net
