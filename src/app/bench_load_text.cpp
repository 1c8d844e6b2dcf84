// What the load generator reads and writes, apart from its sockets.
#include "app/bench_load.hpp"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <stdexcept>

namespace obscura::app::bench {
namespace {

std::optional<std::size_t> whole_number(std::string_view text) {
    std::size_t value = 0;
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

bool is_content_length(std::string_view name) {
    constexpr std::string_view wanted = "content-length";
    return std::ranges::equal(name, wanted, [](char a, char b) {
        return std::tolower(static_cast<unsigned char>(a)) == b;
    });
}

std::int64_t required_integer(base::Json const& json, std::string_view key) {
    auto const value = json[key].to_int64();
    if (!value) throw std::runtime_error("the load generator told no " + std::string(key));
    return *value;
}

}  // namespace

std::string render_request(std::string const& method, std::string const& target,
                           std::string const& host, std::vector<std::string> const& headers,
                           std::string const& body) {
    auto text = method + " " + target + " HTTP/1.1\r\nHost: " + host + "\r\n";
    for (auto const& header : headers) text += header + "\r\n";
    if (!body.empty() || method == "POST")
        text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + body;
}

std::string pack_requests(std::vector<std::string> const& requests) {
    std::string text;
    for (auto const& request : requests) text += std::to_string(request.size()) + "\n" + request;
    return text;
}

std::optional<std::vector<std::string>> unpack_requests(std::string_view text) {
    std::vector<std::string> requests;
    while (!text.empty()) {
        auto const end = text.find('\n');
        if (end == text.npos) return std::nullopt;
        auto const size = whole_number(text.substr(0, end));
        text.remove_prefix(end + 1);
        if (!size || *size > text.size()) return std::nullopt;
        requests.emplace_back(text.substr(0, *size));
        text.remove_prefix(*size);
    }
    return requests;
}

std::optional<AnswerHead> answer_head(std::string_view bytes) {
    auto const end = bytes.find("\r\n\r\n");
    if (end == bytes.npos) return std::nullopt;
    auto const head = bytes.substr(0, end + 2);
    auto const status = head.size() > 12 ? whole_number(head.substr(9, 3)) : std::nullopt;
    if (!head.starts_with("HTTP/1.") || !status) throw std::runtime_error("no HTTP answer");
    std::optional<std::size_t> length;
    if (*status == 204 || *status == 304) length = 0;
    for (auto at = head.find("\r\n") + 2; at < head.size();) {
        auto const line = head.substr(at, head.find("\r\n", at) - at);
        at += line.size() + 2;
        auto const colon = line.find(':');
        if (colon == line.npos || !is_content_length(line.substr(0, colon))) continue;
        auto const begin = line.find_first_not_of(" \t", colon + 1);
        if (begin != line.npos) length = whole_number(line.substr(begin));
    }
    if (!length) throw std::runtime_error("an answer of unknown length");
    return AnswerHead{.status = static_cast<int>(*status), .size = end + 4 + *length};
}

double LoadResult::seconds() const {
    return std::chrono::duration<double>(ended - started).count();
}

std::int64_t LoadResult::answers(int status) const {
    auto const found = statuses.find(status);
    return found == statuses.end() ? 0 : found->second;
}

base::Json LoadResult::to_json() const {
    auto sorted = latencies_ms;
    std::ranges::sort(sorted);
    auto const kept = std::min(sorted.size(), max_latencies);
    auto latencies = base::Json::array();
    for (std::size_t i = 0; i < kept; ++i) {
        auto const at = kept == 1 ? 0 : i * (sorted.size() - 1) / (kept - 1);
        latencies.push_back(base::Json::figure(sorted[at], 4));
    }
    auto counts = base::Json::object();
    for (auto const& [status, count] : statuses) counts.set(std::to_string(status), count);
    return base::Json::object({{"started_us", base::to_unix_us(started)},
                               {"ended_us", base::to_unix_us(ended)},
                               {"statuses", std::move(counts)},
                               {"failures", failures},
                               {"latencies_ms", std::move(latencies)}});
}

LoadResult LoadResult::from_json(base::Json const& json) {
    LoadResult result;
    result.started = base::from_unix_us(required_integer(json, "started_us"));
    result.ended = base::from_unix_us(required_integer(json, "ended_us"));
    result.failures = required_integer(json, "failures");
    if (!json["statuses"].is_object() || !json["latencies_ms"].is_array())
        throw std::runtime_error("the load generator told no answers");
    for (auto const& [status, count] : json["statuses"].as_object())
        result.statuses[static_cast<int>(whole_number(status).value_or(0))] =
            count.to_int64().value_or(0);
    for (auto const& latency : json["latencies_ms"].as_array())
        result.latencies_ms.push_back(std::stod(latency.digits()));
    return result;
}

}  // namespace obscura::app::bench
