#pragma once

#include "base/json.hpp"
#include "paper/engine/types.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace obscura::paper {

/// A request's parameters with the exact bytes that its signature covers.
class Params {
public:
    /// From REST: query and form body as on the wire. The signed bytes are both, concatenated,
    /// without the `signature` parameter. -1101 for a repeated parameter, -1100 for broken escapes,
    /// -1101 for more than 64.
    [[nodiscard]] static Outcome<Params> from_http(std::string_view query, std::string_view body);
    /// From a WebSocket call: the signed bytes are `key=value` of all but `signature`, sorted by
    /// key, joined by '&'. -1102 when `params` is neither an object nor null, or has nested values.
    [[nodiscard]] static Outcome<Params> from_json(base::Json const& params);

    [[nodiscard]] std::optional<std::string_view> find(std::string_view name) const;
    /// Takes a parameter out, so that no endpoint meets it; the signed bytes keep it.
    [[nodiscard]] std::optional<std::string> extract(std::string_view name);
    [[nodiscard]] std::size_t size() const { return items_.size(); }
    [[nodiscard]] auto begin() const { return items_.begin(); }
    [[nodiscard]] auto end() const { return items_.end(); }
    [[nodiscard]] std::string const& signed_bytes() const { return signed_bytes_; }

private:
    [[nodiscard]] Outcome<void> parse(std::string_view form);
    [[nodiscard]] Outcome<void> add(std::string key, std::string value);

    std::vector<std::pair<std::string, std::string>> items_;
    std::string signed_bytes_;
};

/// Takes parameters one by one and keeps the first error, in the venue's words. A reader that
/// returns a plain value returns a default after an error: look at `finish()` before using
/// anything.
class ParamReader {
public:
    explicit ParamReader(Params const& params) : params_(params), read_(params.size()) {}

    [[nodiscard]] std::string_view text(std::string_view name);  ///< -1102 when absent or empty
    [[nodiscard]] std::optional<std::string_view> optional_text(
        std::string_view name);  ///< -1105 when empty
    /// Digits with at most 8 places (-1111), not negative (-1100), at most 20 before the point.
    [[nodiscard]] base::Decimal amount(std::string_view name);
    [[nodiscard]] std::optional<base::Decimal> optional_amount(std::string_view name);
    [[nodiscard]] std::optional<std::int64_t> optional_integer(std::string_view name,
                                                               std::int64_t min, std::int64_t max);
    [[nodiscard]] std::optional<bool> optional_boolean(std::string_view name);
    /// -1106 when it is there.
    void must_be_absent(std::string_view name);
    /// Known, and of no consequence here.
    void ignore(std::string_view name) { (void)take(name); }

    void add_error(int code, std::string message);
    [[nodiscard]] bool failed() const { return error_.has_value(); }
    /// The first error; -1104 when parameters were sent that nobody read.
    [[nodiscard]] Outcome<void> finish();

private:
    [[nodiscard]] std::optional<std::string_view> take(std::string_view name);

    Params const& params_;
    std::vector<bool> read_;
    std::optional<VenueError> error_;
};

}  // namespace obscura::paper
