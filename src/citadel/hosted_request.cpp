#include "citadel/hosted_request.hpp"

#include "citadel/secret_echo.hpp"
#include "net/http.hpp"
#include "ports/exchange_host.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace obscura::citadel {
namespace {

using base::Result;
using ports::ExchangeHost;
using ports::SignedRequest;

std::unexpected<base::Error> refuse(char const* reason, char const* detail) {
    return base::fail(base::Errc::bad_gateway, reason, detail);
}

char lower_letter(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), lower_letter);
    return text;
}

Result<void> check_size(SignedRequest const& request) {
    std::size_t bytes = 0;
    for (auto const& [name, value] : request.headers) bytes += name.size() + value.size();
    if (request.url.size() <= ExchangeHost::max_url &&
        request.body.size() <= ExchangeHost::max_body &&
        request.headers.size() <= ExchangeHost::max_headers &&
        bytes <= ExchangeHost::max_header_bytes)
        return {};
    return refuse("host_too_large", "The exchange host made a request that is too large.");
}

Result<void> check_method(SignedRequest const& request, model::VenueOperation const& operation) {
    static constexpr std::array<std::string_view, 4> methods{"POST", "PUT", "DELETE", "GET"};
    bool const is_known = std::ranges::find(methods, request.method) != methods.end();
    // What stands between us and the venue may repeat a GET.
    if (is_known && !(request.method == "GET" && model::is_trading(operation))) return {};
    return refuse("host_method", "The exchange host made a request with a method of another kind.");
}

Result<void> check_address(SignedRequest const& request, std::string_view origin) {
    bool const is_plain = std::ranges::all_of(request.url, [](char c) {
        return c > ' ' && c <= '~' && std::string_view("#\"<>\\^`{|}").find(c) == std::string::npos;
    });
    auto const url = net::parse_url(request.url);
    auto const expected = net::parse_url(origin);
    // Spelt as we do, so that whoever reads it after us reads the same.
    if (is_plain && url && expected && url->origin() == expected->origin() &&
        request.url.starts_with("https://" + expected->host))
        return {};
    return refuse("host_address", "The exchange host made a request to another address.");
}

bool is_token(std::string_view name) {
    return !name.empty() && std::ranges::all_of(name, [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
               c == '-' || c == '_';
    });
}

Result<void> check_headers(SignedRequest const& request) {
    static constexpr std::array<std::string_view, 9> of_the_connection{
        "host",   "content-length", "transfer-encoding", "connection", "upgrade", "trailer", "te",
        "expect", "cookie"};
    for (auto const& [name, value] : request.headers) {
        bool const is_printable =
            std::ranges::all_of(value, [](char c) { return c >= ' ' && c <= '~'; });
        bool const is_ours =
            std::ranges::find(of_the_connection, lower(name)) != of_the_connection.end();
        if (!is_token(name) || !is_printable || is_ours)
            return refuse("host_header", "The exchange host made a request with a bad header.");
    }
    return {};
}

Result<void> check_expiry(SignedRequest const& request, HostedTerms const& terms) {
    if (request.expires_at > terms.venue_now && request.expires_at <= terms.not_after) return {};
    return refuse("host_expiry", "The exchange host made a request that lives too long or not.");
}

/// All that the venue reads, in every way that it may read it. Wiped, since nobody knows yet what
/// is in it.
class Readings {
public:
    explicit Readings(SignedRequest const& request) {
        std::string all = request.url + '\n' + request.body;
        for (auto const& [name, value] : request.headers) all += '\n' + name + ": " + value;
        texts_ = readings_of(all);
        texts_.push_back(std::move(all));
    }
    ~Readings() {
        for (auto& text : texts_) base::cleanse(text);
    }
    Readings(Readings const&) = delete;
    Readings& operator=(Readings const&) = delete;

    [[nodiscard]] bool have(std::string_view part) const {
        return !part.empty() && std::ranges::any_of(texts_, [&](std::string const& text) {
            return text.find(part) != std::string::npos;
        });
    }
    /// `word` in lower case, whatever case it is written in.
    [[nodiscard]] bool have_word(std::string_view word) const {
        return std::ranges::any_of(texts_, [&](std::string const& text) {
            return !std::ranges::search(text, word, {}, lower_letter).empty();
        });
    }

private:
    std::vector<std::string> texts_;
};

Result<void> check_order(Readings const& readings, model::VenueOperation const& operation) {
    auto const has = [&](std::string_view part) { return readings.have(part); };
    bool names_it = true;
    if (auto const* order = std::get_if<model::PlaceOrder>(&operation))
        names_it = has(order->client_order_id) && has(order->symbol);
    else if (auto const* cancel = std::get_if<model::CancelOrder>(&operation))
        names_it = has(cancel->venue_order_id.value_or(cancel->client_order_id));
    else if (auto const* query = std::get_if<model::QueryOrder>(&operation))
        names_it = has(query->client_order_id);
    if (names_it) return {};
    return refuse("host_other_order", "The exchange host made a request for another order.");
}

Result<void> check_money_stays(Readings const& readings) {
    static constexpr std::array<std::string_view, 7> words{
        "withdraw", "transfer", "payout", "usdsend", "spotsend", "approveagent", "approvebuilder"};
    if (std::ranges::none_of(words, [&](auto word) { return readings.have_word(word); })) return {};
    return refuse("host_moves_money", "The exchange host made a request that moves money.");
}

/// A secret, and each longer piece of one that has several: a line of a PEM key tells enough.
std::vector<std::string_view> pieces_of(std::string_view secret) {
    constexpr std::size_t telling = 16;
    std::vector<std::string_view> out{secret};
    for (std::size_t at = 0; at < secret.size();) {
        auto const end = std::min(secret.find_first_of(" \r\n", at), secret.size());
        if (end - at >= telling && end - at < secret.size())
            out.push_back(secret.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

Result<void> check_secrets_stay(SignedRequest const& request, HostedTerms const& terms) {
    std::string all = request.method + '\n' + request.url + '\n' + request.body;
    for (auto const& [name, value] : request.headers) all += '\n' + name + '\n' + value;
    bool is_told = false;
    for (auto const& [name, value] : terms.credentials) {
        if (std::ranges::find(ports::host_public_fields, name) != ports::host_public_fields.end())
            continue;
        is_told = is_told || tells_any(all, pieces_of(value.reveal()));
    }
    base::cleanse(all);
    if (!is_told) return {};
    return refuse("host_tells_secret",
                  "The exchange host made a request that gives a secret away.");
}

}  // namespace

Result<void> check_hosted_request(SignedRequest const& request, HostedTerms const& terms) {
    // The size first: everything else reads all of it.
    if (auto good = check_size(request); !good) return good;
    if (auto good = check_method(request, terms.operation); !good) return good;
    if (auto good = check_address(request, terms.origin); !good) return good;
    if (auto good = check_headers(request); !good) return good;
    if (auto good = check_expiry(request, terms); !good) return good;
    Readings const readings(request);
    if (auto good = check_order(readings, terms.operation); !good) return good;
    if (auto good = check_money_stays(readings); !good) return good;
    return check_secrets_stay(request, terms);
}

namespace {

struct KnownError {
    base::Errc code;
    std::string_view reason;
    std::string_view detail;
};
constexpr std::array<KnownError, 6> known_errors{
    {{base::Errc::invalid_argument, "not_supported",
      "The exchange host has no words for this at the venue."},
     {base::Errc::invalid_argument, "invalid_credentials",
      "The exchange host cannot use the credential at the venue."},
     {base::Errc::invalid_argument, "not_after_passed",
      "not_after has passed: nothing was signed."},
     {base::Errc::unavailable, "exchange_host_busy", "The exchange host has too much to do."},
     {base::Errc::unavailable, "exchange_host_unavailable", "The exchange host does not answer."},
     {base::Errc::upstream_timeout, "exchange_host_timeout",
      "The exchange host took too long: nothing was signed."}}};

constexpr std::array<std::string_view, 9> operation_fields{
    "symbol",   "side",          "order_type",  "quantity",       "limit_price",
    "leverage", "time_in_force", "margin_mode", "client_order_id"};

}  // namespace

base::Error told_of_host_error(base::Error const& error) {
    auto const known = std::ranges::find_if(known_errors, [&](KnownError const& one) {
        return one.code == error.code && one.reason == error.reason;
    });
    if (known != known_errors.end())
        return {.code = known->code,
                .reason = std::string(known->reason),
                .detail = std::string(known->detail)};
    auto told = base::field_error("", "", "");
    told.fields.clear();
    for (auto const& name : operation_fields) {
        auto const pointer = "/operation/" + std::string(name);
        if (std::ranges::find(error.fields, pointer, &base::FieldError::pointer) !=
            error.fields.end())
            told.fields.push_back({pointer, "not_allowed", "The venue does not take it so."});
    }
    if (error.code == base::Errc::invalid_argument && !told.fields.empty()) return told;
    return {.code = base::Errc::bad_gateway,
            .reason = "host_failed",
            .detail = "The exchange host failed at this."};
}

}  // namespace obscura::citadel
