#include "venue/binance_errors.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>

namespace obscura::venue {
namespace {

using std::chrono::milliseconds;

struct Row {
    std::int64_t from;  ///< a range of codes, both ends inclusive, from the greater one down
    std::int64_t to;
    Refusal meaning;
};

// Of all markets, as their documents agree (see below). The first row that holds the code decides.
constexpr std::array<Row, 17> shared_rows{{
    {-1000, -1001, Refusal::unknown},    // UNKNOWN, DISCONNECTED: nothing is said of the order
    {-1002, -1002, Refusal::final},      // UNAUTHORIZED
    {-1003, -1003, Refusal::throttled},  // TOO_MANY_REQUESTS
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
    {-1099, -1199, Refusal::final},      // not found or authorised, malformed requests
    {-2010, -2011, Refusal::final},  // NEW_ORDER_REJECTED, CANCEL_REJECTED; see duplicates below
    {-2013, -2013, Refusal::final},  // NO_SUCH_ORDER
    {-2014, -2015, Refusal::final},  // API key malformed, refused, or without the permission
}};

// https://github.com/binance/binance-spot-api-docs/blob/master/errors.md
constexpr std::array<Row, 4> spot_rows{{
    {-1004, -1004, Refusal::may_retry},  // SERVER_BUSY of older servers
    {-2008, -2008, Refusal::final},      // unknown API key id
    {-2021, -2022, Refusal::unknown},    // cancel-replace, in part: never sent by us
    {-9000, -9000, Refusal::final},      // the request was refused by a filter in front
}};

// https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code
constexpr std::array<Row, 31> futures_rows{{
    {-1011, -1011, Refusal::final},      // NON_WHITE_LIST: the address may not
    {-1023, -1023, Refusal::final},      // START_TIME_GREATER_THAN_END_TIME
    {-2017, -2019, Refusal::final},      // keys locked, balance, margin not sufficient
    {-2020, -2020, Refusal::may_retry},  // UNABLE_TO_FILL
    {-2021, -2028, Refusal::final},      // would trigger, reduce-only rejected, liquidation, limits
    {-4000, -4033, Refusal::final},      // filters
    {-4044, -4068, Refusal::final},      // settings; order's side does not match the account's mode
    {-4082, -4088, Refusal::final},      // batches, permission to place orders
    {-4104, -4104, Refusal::final},      // INVALID_CONTRACT_TYPE
    {-4109, -4109, Refusal::final},      // INACTIVE_ACCOUNT
    {-4115, -4117, Refusal::unknown},    // the id is in use; the order is just being set off
    {-4118, -4118, Refusal::final},      // REDUCE_ONLY_MARGIN_CHECK_FAILED
    {-4120, -4120, Refusal::final},      // STOP_ORDER_SWITCH_ALGO
    {-4131, -4131, Refusal::may_retry},  // MARKET_ORDER_REJECT: the book is too thin just now
    {-4135, -4135, Refusal::final},      // INVALID_ACTIVATION_PRICE
    {-4137, -4142, Refusal::final},      // triggers, closed symbols
    {-4144, -4144, Refusal::final},      // INVALID_PAIR
    {-4161, -4161, Refusal::final},      // leverage of an isolated position
    {-4164, -4165, Refusal::final},      // MIN_NOTIONAL, INVALID_TIME_INTERVAL
    {-4167, -4172, Refusal::final},      // margin modes of the account
    {-4183, -4184, Refusal::final},      // price outside of the stop's limits
    {-4192, -4192, Refusal::final},      // COOLING_OFF_PERIOD
    {-4202, -4203, Refusal::final},      // leverage
    {-4205, -4206, Refusal::final},      // the same
    {-4208, -4211, Refusal::final},      // the same, and a stop price outside of its limits
    {-4400, -4403, Refusal::final},      // trading rules, compliance
    {-5021, -5022, Refusal::final},      // FOK_ORDER_REJECT, GTX_ORDER_REJECT
    {-5024, -5027, Refusal::final},      // modifications, LIMIT_ORDER_ONLY
    {-5028, -5028, Refusal::may_retry},  // ME_RECVWINDOW_REJECT: as -1021, by the matching engine
    {-5029, -5029, Refusal::final},      // MODIFICATION_MIN_NOTIONAL
    {-5037, -5041, Refusal::final},      // price match, self-trade prevention, good-till-date
}};

std::span<Row const> rows_of_market(model::Market market) {
    switch (market) {
        case model::Market::spot:
            return spot_rows;
        case model::Market::futures:
            return futures_rows;
    }
    std::unreachable();
}

std::optional<Refusal> find_in(std::span<Row const> rows, std::int64_t code) {
    for (auto const& row : rows)
        if (code <= row.from && code >= row.to) return row.meaning;
    return std::nullopt;
}

constexpr std::int64_t too_many_orders = -1015;
constexpr std::array<std::int64_t, 2> outside_window{-1021, -5028};
constexpr std::int64_t new_order_rejected = -2010;
constexpr std::int64_t reduce_only_rejected = -2022;
constexpr std::int64_t unknown_symbol = -1121;
constexpr std::int64_t unknown_listen_key = -1125;
constexpr std::int64_t most_weight = 1'000'000'000;  // anything above is no count

milliseconds const throttle_default{1'000};
milliseconds const ban_default{120'000};  // the shortest ban that Binance documents
milliseconds const longest_wait{std::chrono::hours(72)};

bool is_untimely(BinanceError const& error) {
    return std::ranges::find(outside_window, error.code) != outside_window.end();
}

bool is_one_of(unsigned status, std::initializer_list<unsigned> set) {
    return std::ranges::find(set, status) != set.end();
}

/// The order would take away what is not there. Spot says so in words only: -2010 is any rejection.
bool lacks_holdings(BinanceError const& error, model::Market market) {
    if (market == model::Market::futures) return error.code == reduce_only_rejected;
    return error.code == new_order_rejected && error.message.contains("insufficient balance");
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

Refusal refusal_of(BinanceError const& error, model::Market market) {
    // The client id is in use: an earlier attempt of ours was accepted after all. Whatever the code
    // around it, the order exists and must be asked for.
    if (error.message.contains("Duplicate order sent")) return Refusal::unknown;
    if (auto const meaning = find_in(shared_rows, error.code)) return *meaning;
    return find_in(rows_of_market(market), error.code).value_or(Refusal::unknown);
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
    return response.status < 500 && error &&
           find_in(shared_rows, error->code) == Refusal::throttled;
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

ports::SubmitOutcome outcome_of_refusal(net::Response const& response, model::Market market) {
    auto const error = parse_binance_error(response.body);
    if (is_throttled(response, error)) return throttled_of(response, error);
    // "5XX: it is important NOT to treat this as a failure; the execution status is UNKNOWN."
    if (response.status < 400 || response.status >= 500 || !error)
        return ports::OutcomeUnknown{describe(response, error)};
    switch (refusal_of(*error, market)) {
        case Refusal::final:
            return ports::Rejected{.code = std::to_string(error->code),
                                   .message = error->message,
                                   .lacks_holdings = lacks_holdings(*error, market)};
        case Refusal::may_retry:
            return ports::Rejected{.code = std::to_string(error->code),
                                   .message = error->message,
                                   .may_retry = true,
                                   .is_untimely = is_untimely(*error)};
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

ports::SubmitOutcome outcome_of(ports::RelayFailure const& failure) {
    switch (failure.kind) {
        case ports::RelayFailure::Kind::refused:
            return ports::NotSigned{failure.error};
        case ports::RelayFailure::Kind::not_sent:
            return ports::NotSent{failure.error.detail};
        case ports::RelayFailure::Kind::unknown_outcome:
            break;
    }
    return ports::OutcomeUnknown{failure.error.detail};
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
    auto const code = error ? error->code : 0;
    return base::Error{.code = base::Errc::bad_gateway,
                       .reason = code == unknown_symbol       ? "unknown_symbol"
                                 : code == unknown_listen_key ? "unknown_listen_key"
                                                              : "venue_refused",
                       .detail = "Binance answered " + describe(response, error) + "."};
}

base::Error read_error(net::TransportError const& error) {
    return base::Error{
        .code = error.timed_out ? base::Errc::upstream_timeout : base::Errc::unavailable,
        .reason = "venue_unreachable",
        .detail = "Binance gave no answer: " + error.detail + "."};
}

base::Error read_error(ports::RelayFailure const& failure) { return failure.error; }

}  // namespace obscura::venue
