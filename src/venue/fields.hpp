#pragma once

#include "base/clock.hpp"
#include "base/decimal.hpp"
#include "base/error.hpp"
#include "base/json.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::venue {

/// Reads members of an object that a venue sent. Members nobody asks for are skipped: venues add
/// fields. The first one that is missing or of another form is remembered; look at `done` before
/// using anything that was read.
class Fields {
public:
    Fields(base::Json const& object, std::string_view what);

    /// 1 to `max` bytes without control characters.
    [[nodiscard]] std::string text(std::string_view key, std::size_t max = 64);
    /// "" when absent or null.
    [[nodiscard]] std::string text_or_empty(std::string_view key, std::size_t max = 64);
    /// An id as text, whether the venue wrote a number or a string: 0 or greater.
    [[nodiscard]] std::string number_text(std::string_view key);
    [[nodiscard]] std::int64_t integer(std::string_view key, std::int64_t min = 0);
    /// Magnitude at most 10^15: beyond it a venue talks nonsense.
    [[nodiscard]] base::Decimal decimal(std::string_view key);
    [[nodiscard]] base::Decimal positive(std::string_view key);
    /// nullopt when absent or null.
    [[nodiscard]] std::optional<base::Decimal> optional_decimal(std::string_view key);
    [[nodiscard]] bool boolean(std::string_view key);
    /// Unix milliseconds between 2009 and 2100.
    [[nodiscard]] base::Timestamp unix_ms(std::string_view key);

    /// Remembers a complaint of the caller's own.
    void refuse(std::string_view key, std::string_view why);
    [[nodiscard]] bool ok() const { return complaint_.empty(); }
    /// bad_gateway "venue_answer_unreadable".
    [[nodiscard]] base::Result<void> done() const;

private:
    base::Json const& object_;
    std::string what_;
    std::string complaint_;
};

[[nodiscard]] std::unexpected<base::Error> unreadable(std::string detail);

}  // namespace obscura::venue
