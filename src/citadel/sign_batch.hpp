#pragma once

#include "base/json.hpp"
#include "ports/signer.hpp"

#include <chrono>
#include <string>
#include <vector>

namespace obscura::citadel {

/// One item of `POST /sign` as it was sent: its id, and what it asks for or what is wrong with it.
struct BatchItem {
    std::string id;
    base::Result<ports::SignItem> item;
};

inline constexpr std::size_t max_item_id = 64;
/// One of them, or its fields that are wrong.
[[nodiscard]] base::Result<ports::SignItem> item_from_json(base::Json const& json,
                                                           base::Timestamp default_not_after);

/// `{items: [...]}`. The whole batch is refused only where answers could not be told apart: no
/// array, an item without an id, an id twice. Anything else is wrong with one item alone; its
/// pointers start at the item. An item without `not_after_ms` is valid until `default_not_after`.
[[nodiscard]] base::Result<std::vector<BatchItem>> batch_from_json(
    base::Json const& body, base::Timestamp default_not_after);

/// `{items: [{id, method, url, headers, body, expires_at} | {id, error}]}`, written in one pass.
class BatchAnswer {
public:
    explicit BatchAnswer(std::size_t expected_items);
    void add(std::string_view id, ports::SignedRequest const& request);
    void add(std::string_view id, base::Error const& error);
    [[nodiscard]] std::string finish();

private:
    void begin(std::string_view id);
    std::string text_;
};

}  // namespace obscura::citadel
