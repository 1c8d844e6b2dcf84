// What an exchange host answers: a request, line by line (method, URL, a header's name and value,
// and the rest as body), or an error. The first byte chooses.
#include "citadel/hosted_request.hpp"
#include "fuzz/target.hpp"
#include "net/http.hpp"
#include "ports/exchange_host.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <string>

namespace obscura::fuzz {
namespace {

constexpr std::string_view secret = "a&secret+of/theirs";
constexpr std::string_view origin = "https://api.fakex.test";

std::map<std::string, base::Secret> credentials() {
    std::map<std::string, base::Secret> out;
    out.emplace("api_key", base::Secret(std::string_view("a-key")));
    out.emplace("secret", base::Secret(secret));
    return out;
}

std::string lower(std::string text) {
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return text;
}

/// Neither as it is nor as a server would read it.
bool is_nowhere_in(std::string const& text, std::string_view part, auto as) {
    auto const read = net::percent_decode(text);
    return as(text).find(part) == std::string::npos &&
           (!read || as(*read).find(part) == std::string::npos);
}

bool is_one_line(std::string const& text) {
    return text.find_first_of("\r\n") == std::string::npos;
}

void must_be_safe(ports::SignedRequest const& request) {
    must(request.url.starts_with(origin), "it goes to the venue");
    auto const url = net::parse_url(request.url);
    must(url && url->host == "api.fakex.test" && url->port == 443, "and to no other");
    must(is_one_line(request.url) && is_one_line(request.method), "its first line is one");
    must(request.url.size() <= ports::ExchangeHost::max_url &&
             request.body.size() <= ports::ExchangeHost::max_body,
         "it is as large as it may be");
    for (auto const& [name, value] : request.headers)
        must(is_one_line(name) && is_one_line(value) && lower(name) != "host", "a header is one");
    for (auto const& text : {request.url, request.body, request.headers.at(0).second}) {
        must(is_nowhere_in(text, "withdraw", lower), "it withdraws nothing");
        must(is_nowhere_in(text, secret, std::identity()), "it tells no secret");
    }
}

void read_request(std::string_view input) {
    static auto const fields = credentials();
    ports::SignedRequest request{.expires_at = base::from_unix_ms(1'764'000'005'000)};
    request.method = take_line(input);
    request.url = take_line(input);
    request.headers.emplace_back(take_line(input), "");
    request.headers.back().second = take_line(input);
    request.body = input;
    auto const checked = citadel::check_hosted_request(
        request, {.origin = "https://api.fakex.test:443",
                  .operation = model::CancelOrder{"BTC-USDT", "leg-1"},
                  .credentials = fields,
                  .venue_now = base::from_unix_ms(1'764'000'000'000),
                  .not_after = base::from_unix_ms(1'764'000'005'000)});
    if (checked) return must_be_safe(request);
    must(checked.error().reason.starts_with("host_"), "a refusal has a name");
}

/// The host's own words are none of ours.
void read_error(std::string_view input) {
    auto const code =
        static_cast<base::Errc>(input.empty() ? 0 : static_cast<unsigned char>(input.front()) % 17);
    auto const reason = std::string(take_line(input));
    base::Error error{.code = code, .reason = reason, .detail = std::string(secret)};
    error.internal = secret;
    error.fields.push_back(
        {std::string(take_line(input)), std::string(secret), std::string(secret)});
    auto const told = citadel::told_of_host_error(error);
    must(!told.reason.empty() && !told.detail.empty(), "an error says something");
    must(told.detail.find(secret) == std::string::npos && told.internal.empty(), "of our own");
    for (auto const& field : told.fields) {
        must(field.pointer.starts_with("/operation/"), "about what was asked");
        must((field.code + field.detail).find(secret) == std::string::npos, "in our words");
    }
}

}  // namespace

void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    return choice % 2 == 0 ? read_request(rest) : read_error(rest);
}

}  // namespace obscura::fuzz
