#include "paper/protocol/params.hpp"

#include "net/http.hpp"

#include <algorithm>
#include <charconv>

namespace obscura::paper {
namespace {

constexpr std::size_t max_params = 64;
constexpr std::string_view signature_name = "signature";

std::string in_quotes(std::string_view name) { return "'" + std::string(name) + "'"; }

/// `form` without its signature parameter, wherever it stands, and without the '&' that joined it.
std::string without_signature(std::string_view form) {
    std::size_t begin = 0;
    while (begin < form.size()) {
        auto const end = std::min(form.find('&', begin), form.size());
        auto const item = form.substr(begin, end - begin);
        if (item.starts_with(signature_name) &&
            item.substr(signature_name.size()).starts_with('=')) {
            std::string rest(form.substr(0, begin == 0 ? 0 : begin - 1));
            // A first parameter takes the '&' behind it along, any other the one before it.
            if (end < form.size()) rest += form.substr(begin == 0 ? end + 1 : end);
            return rest;
        }
        begin = end + 1;
    }
    return std::string(form);
}

/// A scalar as the venue reads it, or nullopt.
std::optional<std::string> text_of(base::Json const& value) {
    if (value.is_string()) return value.as_string();
    if (value.is_number()) return value.digits();
    if (value.is_bool()) return value.as_bool() ? "true" : "false";
    return std::nullopt;
}

}  // namespace

Outcome<Params> Params::from_http(std::string_view query, std::string_view body) {
    Params params;
    for (auto const form : {query, body}) {
        auto const parsed = params.parse(form);
        if (!parsed) return std::unexpected(parsed.error());
    }
    params.signed_bytes_ = without_signature(query) + without_signature(body);
    return params;
}

Outcome<void> Params::parse(std::string_view form) {
    while (!form.empty()) {
        auto const item = form.substr(0, form.find('&'));
        form.remove_prefix(std::min(item.size() + 1, form.size()));
        if (item.empty()) continue;
        auto const equals = std::min(item.find('='), item.size());
        auto key = net::percent_decode(item.substr(0, equals), true);
        auto value = net::percent_decode(item.substr(std::min(equals + 1, item.size())), true);
        if (!key || !value) return refuse(-1100, "Illegal characters found in a parameter.");
        auto const added = add(std::move(*key), std::move(*value));
        if (!added) return added;
    }
    return {};
}

Outcome<void> Params::add(std::string key, std::string value) {
    if (items_.size() >= max_params)
        return refuse(-1101, "Too many parameters sent for this endpoint.");
    if (find(key))
        return refuse(-1101, "Duplicate values for parameter " + in_quotes(key) + " detected.");
    items_.emplace_back(std::move(key), std::move(value));
    return {};
}

Outcome<Params> Params::from_json(base::Json const& json) {
    Params params;
    if (json.is_null()) return params;
    if (!json.is_object()) return refuse(-1102, "Mandatory parameter 'params' was malformed.");
    for (auto const& [key, value] : json.as_object()) {
        auto text = text_of(value);
        if (!text)
            return refuse(-1100, "Illegal characters found in parameter " + in_quotes(key) + ".");
        auto const added = params.add(key, std::move(*text));
        if (!added) return std::unexpected(added.error());
    }
    auto sorted = params.items_;
    std::ranges::sort(sorted);
    for (auto const& [key, value] : sorted) {
        if (key == signature_name) continue;
        if (!params.signed_bytes_.empty()) params.signed_bytes_ += '&';
        params.signed_bytes_ += key + "=" + value;
    }
    return params;
}

std::optional<std::string_view> Params::find(std::string_view name) const {
    for (auto const& [key, value] : items_) {
        if (key == name) return value;
    }
    return std::nullopt;
}

std::optional<std::string> Params::extract(std::string_view name) {
    auto const found = std::ranges::find(items_, name, [](auto const& item) { return item.first; });
    if (found == items_.end()) return std::nullopt;
    auto value = std::move(found->second);
    items_.erase(found);
    return value;
}

std::optional<std::string_view> ParamReader::take(std::string_view name) {
    std::size_t i = 0;
    for (auto const& [key, value] : params_) {
        if (key == name) {
            read_[i] = true;
            return value;
        }
        ++i;
    }
    return std::nullopt;
}

void ParamReader::add_error(int code, std::string message) {
    if (!error_) error_ = VenueError{code, std::move(message)};
}

std::string_view ParamReader::text(std::string_view name) {
    auto const value = take(name);
    if (value && !value->empty()) return *value;
    add_error(-1102, "Mandatory parameter " + in_quotes(name) +
                         " was not sent, was empty/null, or malformed.");
    return "";
}

std::optional<std::string_view> ParamReader::optional_text(std::string_view name) {
    auto const value = take(name);
    if (value && value->empty()) add_error(-1105, "Parameter " + in_quotes(name) + " was empty.");
    return value;
}

std::optional<base::Decimal> ParamReader::optional_amount(std::string_view name) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::size_t max_digits = 20;
    constexpr std::size_t max_whole = 15;  // more is no amount of anything traded here
    constexpr std::size_t wire_places = 8;
    auto const value = optional_text(name);
    if (!value || value->empty()) return std::nullopt;
    auto const point = std::min(value->find('.'), value->size());
    auto whole = value->substr(0, point);
    auto fraction = value->substr(std::min(point + 1, value->size()));
    bool const has_point = point < value->size();
    bool const legal = !whole.empty() && whole.size() <= max_digits &&
                       fraction.size() <= max_digits && has_point == !fraction.empty() &&
                       whole.find_first_not_of(digits) == std::string_view::npos &&
                       fraction.find_first_not_of(digits) == std::string_view::npos;
    fraction = fraction.substr(0, fraction.find_last_not_of('0') + 1);
    whole.remove_prefix(std::min(whole.find_first_not_of('0'), whole.size()));
    if (!legal || whole.size() > max_whole) {
        add_error(-1100, "Illegal characters found in parameter " + in_quotes(name) +
                             "; legal range is '^([0-9]{1,20})(\\.[0-9]{1,20})?$'.");
        return std::nullopt;
    }
    if (fraction.size() > wire_places) {
        add_error(-1111, "Parameter " + in_quotes(name) + " has too much precision.");
        return std::nullopt;
    }
    auto text = whole.empty() ? std::string("0") : std::string(whole);
    if (!fraction.empty()) text += "." + std::string(fraction);
    return base::Decimal::parse(text);
}

base::Decimal ParamReader::amount(std::string_view name) {
    if (text(name).empty()) return {};
    return optional_amount(name).value_or(base::Decimal{});
}

std::optional<std::int64_t> ParamReader::optional_integer(std::string_view name, std::int64_t min,
                                                          std::int64_t max) {
    auto const value = optional_text(name);
    if (!value || value->empty()) return std::nullopt;
    std::int64_t number = 0;
    auto const [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc{} || end != value->data() + value->size()) {
        add_error(-1100, "Illegal characters found in parameter " + in_quotes(name) +
                             "; legal range is '^[0-9]{1,20}$'.");
        return std::nullopt;
    }
    if (number < min || number > max) {
        add_error(-1130, "Data sent for parameter " + in_quotes(name) + " is not valid.");
        return std::nullopt;
    }
    return number;
}

std::optional<bool> ParamReader::optional_boolean(std::string_view name) {
    auto const value = optional_text(name);
    if (!value || value->empty()) return std::nullopt;
    if (*value == "true" || *value == "TRUE") return true;
    if (*value == "false" || *value == "FALSE") return false;
    add_error(-1130, "Data sent for parameter " + in_quotes(name) + " is not valid.");
    return std::nullopt;
}

void ParamReader::must_be_absent(std::string_view name) {
    if (take(name)) add_error(-1106, "Parameter " + in_quotes(name) + " sent when not required.");
}

Outcome<void> ParamReader::finish() {
    if (error_) return std::unexpected(*error_);
    // These belong to the gate, not to the endpoint.
    for (std::string_view const name : {"timestamp", "recvWindow", "signature", "apiKey"})
        ignore(name);
    auto const read = std::ranges::count(read_, true);
    if (static_cast<std::size_t>(read) == read_.size()) return {};
    return refuse(-1104, "Not all sent parameters were read; read '" + std::to_string(read) +
                             "' parameter(s) but was sent '" + std::to_string(read_.size()) + "'.");
}

}  // namespace obscura::paper
