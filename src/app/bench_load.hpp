#pragma once

#include "base/clock.hpp"
#include "base/json.hpp"
#include "net/task.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// The load generator: a process of its own (`obscura bench-load`), so that what it costs is not
/// taken for what is measured. It sends requests that are bytes already over keep-alive
/// connections.
namespace obscura::app::bench {

struct LoadPlan {
    std::string host = "127.0.0.1";
    std::uint16_t port = 0;
    std::vector<std::string>
        requests;                 ///< complete HTTP/1.1 requests; taken in turn, over and over
    std::size_t count = 0;        ///< requests to send in all
    std::size_t connections = 1;  ///< each has one request under way
    /// Requests a second that are to leave whatever the answers do; latency counts from when a
    /// request was to leave. Without it the next request of a connection leaves with the answer.
    std::optional<double> rate;
};

struct LoadResult {
    base::Timestamp started{};  ///< every connection stood; the first request left
    base::Timestamp ended{};    ///< the last answer was there
    std::map<int, std::int64_t> statuses;
    std::int64_t failures = 0;  ///< connections that broke, and requests that nobody sent then
    std::vector<double> latencies_ms;

    [[nodiscard]] double seconds() const;
    [[nodiscard]] std::int64_t answers(int status) const;
    /// At most `max_latencies` of the latencies, evenly spread over the sorted ones.
    [[nodiscard]] base::Json to_json() const;
    /// Throws std::runtime_error for anything that `to_json` did not write.
    [[nodiscard]] static LoadResult from_json(base::Json const& json);
};
inline constexpr std::size_t max_latencies = 2'001;

/// A request as bytes. `headers` are whole lines without their ends.
[[nodiscard]] std::string render_request(std::string const& method, std::string const& target,
                                         std::string const& host,
                                         std::vector<std::string> const& headers,
                                         std::string const& body);
/// Requests in one file: the length in digits, '\n', the bytes, and so on.
[[nodiscard]] std::string pack_requests(std::vector<std::string> const& requests);
/// Nullopt when the text is cut or is no such file.
[[nodiscard]] std::optional<std::vector<std::string>> unpack_requests(std::string_view text);

/// What is known of an answer from the bytes so far.
struct AnswerHead {
    int status = 0;
    std::size_t size = 0;  ///< of the whole answer
};
/// Nullopt while the header is incomplete. Throws std::runtime_error for what is no answer of a
/// known length.
[[nodiscard]] std::optional<AnswerHead> answer_head(std::string_view bytes);

[[nodiscard]] net::Task<LoadResult> run_load(boost::asio::any_io_executor executor, LoadPlan plan,
                                             base::Clock const& clock);

/// `obscura bench-load`: prints a LoadResult.
[[nodiscard]] int run_load_command(std::vector<std::string> args);

}  // namespace obscura::app::bench
