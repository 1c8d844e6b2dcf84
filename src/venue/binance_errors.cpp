#include "venue/binance_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace obscura::venue {
namespace {

using std::chrono::milliseconds;

struct Row {
    std::int64_t from;  ///< a range of codes, both ends inclusive, from the greater one down
    std::int64_t to;
    Refusal meaning;
};

// https://github.com/binance/binance-spot-api-docs/blob/master/errors.md. The first row that holds
// the code decides.
constexpr std::array<Row, 22> rows{{
    {-1000, -1001, Refusal::unknown},    // UNKNOWN, DISCONNECTED: nothing is said of the order
    {-1002, -1002, Refusal::final},      // UNAUTHORIZED
    {-1003, -1003, Refusal::throttled},  // TOO_MANY_REQUESTS
    {-1004, -1004, Refusal::may_retry},  // SERVER_BUSY of older servers
    {-1006, -1007, Refusal::unknown},    // UNEXPECTED_RESP, TIMEOUT: "execution status unknown"
    {-1008, -1008, Refusal::may_retry},  // SERVER_BUSY
    {-1010, -1010, Refusal::final},      // ERROR_MSG_RECEIVED, of the matching engine
    {-1013, -1014, Refusal::final},      // filters, order composition
    {-1015, -1015, Refusal::throttled},  // TOO_MANY_ORDERS
    {-1016, -1016, Refusal::may_retry},  // SERVICE_SHUTTING_DOWN
    {-1020, -1020, Refusal::final},      // UNSUPPORTED_OPERATION
    {-1021, -1021, Refusal::may_retry},  // outside recvWindow: a new time stamp helps
    {-1022, -1022, Refusal::final},      // INVALID_SIGNATURE
    {-1034, -1034, Refusal::throttled},  // TOO_MANY_CONNECTIONS
    {-1099, -1099, Refusal::final},      // not found, authenticated or authorised
    {-1100, -1199, Refusal::final},      // malformed requests
    {-2008, -2008, Refusal::final},      // unknown API key id
    {-2010, -2011, Refusal::final},    // NEW_ORDER_REJECTED, CANCEL_REJECTED; see duplicates below
    {-2013, -2013, Refusal::final},    // NO_SUCH_ORDER
    {-2014, -2015, Refusal::final},    // API key malformed, refused, or without the permission
    {-2021, -2022, Refusal::unknown},  // cancel-replace, in part: never sent by us
    {-9000, -9000, Refusal::final},    // the request was refused by a filter in front
}};

constexpr std::int64_t too_many_orders = -1015;
constexpr std::int64_t outside_window = -1021;
constexpr std::int64_t most_weight = 1'000'000'000;  // anything above is no count

milliseconds const throttle_default{1'000};
milliseconds const ban_default{120'000};  // the shortest ban that Binance documents
milliseconds const longest_wait{std::chrono::hours(72)};

bool is_one_of(unsigned status, std::initializer_list<unsigned> set) {
    return std::ranges::find(set, status) != set.end();
}

std::string describe(net::Response const& response, std::optional<BinanceError> const& error) {
    auto text = "HTTP " + std::to_string(response.status);
    if (error) text += ", code " + std::to_string(error->code) + ": " + error->message;
    return text;
}

}  // namespace

std::optional<BinanceError> parse_binance_error(std::string_view body) {
    if (body.size() > 16'384) return std::nullopt;
    auto const json = base::parse_json(body);
    if (!json) return std::nullopt;
    auto const code = (*json)["code"].to_int64();
    auto const message = (*json)["msg"].to_text();
    if (!code || !message || *code >= 0) return std::nullopt;
    // Cut between characters: half a one is no UTF-8, and no text column takes it.
    auto length = std::min<std::size_t>(message->size(), 512);
    while (length < message->size() &&
           (static_cast<unsigned char>((*message)[length]) & 0xC0) == 0x80)
        --length;
    return BinanceError{*code, std::string(message->substr(0, length))};
}

Refusal refusal_of(BinanceError const& error) {
    // The client id is in use: an earlier attempt of ours was accepted after all. Whatever the code
    // around it, the order exists and must be asked for.
    if (error.message.contains("Duplicate order sent")) return Refusal::unknown;
    for (auto const& row : rows)
        if (error.code <= row.from && error.code >= row.to) return row.meaning;
    return Refusal::unknown;
}

milliseconds retry_after_of(net::Response const& response) {
    auto const fallback = is_one_of(response.status, {418, 403}) ? ban_default : throttle_default;
    auto const header = response.headers.find("Retry-After");
    if (!header) return fallback;
    std::int64_t seconds = 0;
    auto const [end, error] =
        std::from_chars(header->data(), header->data() + header->size(), seconds);
    if (error != std::errc{} || end != header->data() + header->size() || seconds < 0)
        return fallback;
    seconds = std::min<std::int64_t>(seconds, longest_wait / std::chrono::seconds(1));
    return std::chrono::seconds(std::max<std::int64_t>(seconds, 1));
}

bool is_throttled(net::Response const& response, std::optional<BinanceError> const& error) {
    if (is_one_of(response.status, {429, 418})) return true;
    // The firewall in front answers 403 without Binance's error body.
    if (response.status == 403 && !error) return true;
    return response.status < 500 && error && refusal_of(*error) == Refusal::throttled;
}

ports::Throttled throttled_of(net::Response const& response,
                              std::optional<BinanceError> const& error) {
    using Whose = ports::Throttled::Whose;
    // A ban is the address's, whatever it was for.
    bool const is_accounts =
        error && error->code == too_many_orders && !is_one_of(response.status, {418, 403});
    return {.retry_after = retry_after_of(response),
            .whose = is_accounts ? Whose::account : Whose::address};
}

std::optional<std::int64_t> used_weight_of(net::Response const& response) {
    auto header = response.headers.find("X-MBX-USED-WEIGHT-1M");
    if (!header) header = response.headers.find("X-MBX-USED-WEIGHT");
    if (!header) return std::nullopt;
    std::int64_t weight = 0;
    auto const* const end = header->data() + header->size();
    auto const [read_to, error] = std::from_chars(header->data(), end, weight);
    if (error != std::errc{} || read_to != end || weight < 0 || weight > most_weight)
        return std::nullopt;
    return weight;
}

ports::SubmitOutcome outcome_of_refusal(net::Response const& response) {
    auto const error = parse_binance_error(response.body);
    if (is_throttled(response, error)) return throttled_of(response, error);
    // "5XX: it is important NOT to treat this as a failure; the execution status is UNKNOWN."
    if (response.status < 400 || response.status >= 500 || !error)
        return ports::OutcomeUnknown{describe(response, error)};
    switch (refusal_of(*error)) {
        case Refusal::final:
            return ports::Rejected{.code = std::to_string(error->code), .message = error->message};
        case Refusal::may_retry:
            return ports::Rejected{.code = std::to_string(error->code),
                                   .message = error->message,
                                   .may_retry = true,
                                   .is_untimely = error->code == outside_window};
        case Refusal::throttled:
            return throttled_of(response, error);
        case Refusal::unknown:
            return ports::OutcomeUnknown{describe(response, error)};
    }
    return ports::OutcomeUnknown{describe(response, error)};
}

ports::SubmitOutcome outcome_of(net::TransportError const& error) {
    switch (error.kind) {
        case net::TransportError::Kind::refused_by_policy:
        case net::TransportError::Kind::not_sent:
            return ports::NotSent{error.detail};
        case net::TransportError::Kind::unknown_outcome:
            break;
    }
    return ports::OutcomeUnknown{error.detail};
}

base::Error read_error(net::Response const& response) {
    auto const error = parse_binance_error(response.body);
    if (is_throttled(response, error)) {
        base::Error out{.code = base::Errc::rate_limited,
                        .reason = "venue_throttled",
                        .detail = "Binance asks to slow down: " + describe(response, error) + "."};
        out.retry_after = std::chrono::ceil<std::chrono::seconds>(retry_after_of(response));
        return out;
    }
    bool const no_symbol = error && error->code == -1121;
    return base::Error{.code = base::Errc::bad_gateway,
                       .reason = no_symbol ? "unknown_symbol" : "venue_refused",
                       .detail = "Binance answered " + describe(response, error) + "."};
}

base::Error read_error(net::TransportError const& error) {
    return base::Error{
        .code = error.timed_out ? base::Errc::upstream_timeout : base::Errc::unavailable,
        .reason = "venue_unreachable",
        .detail = "Binance gave no answer: " + error.detail + "."};
}

}  // namespace obscura::venue
