#include "model/receipt.hpp"

#include "base/decode.hpp"

#include <algorithm>
#include <array>

namespace obscura::model {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_legs = 100;

/// Members that may be null must be there all the same: leaving one out is another document.
void expect_members(ObjectReader& in, Json const& json,
                    std::initializer_list<std::string_view> names) {
    for (auto const name : names)
        if (json.is_object() && json.find(name) == nullptr)
            in.add_error(name, "required", "Must be given, be it null.");
}

void read_stages(ObjectReader& in) {
    constexpr std::array stages{"leader_fill", "ingested", "signal",  "planned",
                                "signed",      "sent",     "accepted"};
    auto const* json = in.object("stages");
    if (json == nullptr) return;
    ObjectReader times(*json, in.pointer_to("stages"));
    for (auto const* stage : stages) {
        expect_members(times, *json, {stage});
        (void)times.optional_timestamp(stage);
    }
    in.absorb(times.errors());
}

enum class Depth { first_leg, further_leg };

void read_body(ObjectReader& out, Json const& json, std::string const& pointer, Depth depth) {
    ObjectReader in(json, pointer);
    for (auto const* name : {"market", "position_side", "execution_id", "signal_id", "symbol",
                             "side", "client_order_id"})
        (void)in.text(name);
    for (auto const* name : {"leverage", "leg", "attempts"}) (void)in.integer(name);
    (void)in.decimal("quantity");
    for (auto const* name : {"limit_bound", "venue_order_id"}) (void)in.optional_text(name);
    for (auto const* name : {"leader_price", "follower_price", "slippage_bps"})
        (void)in.optional_decimal(name, {.max = std::nullopt});
    for (auto const* name : {"leader_time", "follower_time"}) (void)in.optional_timestamp(name);
    expect_members(in, json,
                   {"limit_bound", "venue_order_id", "leader_price", "follower_price",
                    "slippage_bps", "leader_time", "follower_time"});
    read_stages(in);
    auto const* further = depth == Depth::first_leg ? in.optional_object("further_legs") : nullptr;
    if (further != nullptr && further->as_object().size() > max_legs)
        in.add_error("further_legs", "out_of_range", "Must have at most 100.");
    else if (further != nullptr)
        for (auto const& [leg, body] : further->as_object())
            read_body(in, body, in.pointer_to("further_legs") + "/" + leg, Depth::further_leg);
    out.absorb(in.errors());
}

/// Whether every number is an integer, written as RFC 8785 does.
bool has_canonical_numbers(Json const& json) {
    if (json.is_number()) {
        auto const value = json.to_int64();
        return value && *value >= -(1LL << 53) && *value <= (1LL << 53) &&
               std::to_string(*value) == json.digits();
    }
    if (json.is_array()) return std::ranges::all_of(json.as_array(), has_canonical_numbers);
    return !json.is_object() || std::ranges::all_of(json.as_object(), [](auto const& member) {
        return has_canonical_numbers(member.second);
    });
}

}  // namespace

base::Result<std::string> receipt_text(Json const& receipt) {
    ObjectReader in(receipt);
    for (auto const* name : {"id", "tenant_id", "subscription_id"}) (void)in.uuid(name);
    (void)in.text("execution_id");
    (void)in.text("created_at");
    (void)in.optional_timestamp("created_at");
    if (auto const* body = in.object("receipt"))
        read_body(in, *body, in.pointer_to("receipt"), Depth::first_leg);
    if (!has_canonical_numbers(receipt))
        in.add_error("receipt", "not_canonical", "Numbers must be integers, written as digits.");
    if (auto good = in.finish(); !good) return std::unexpected(std::move(good.error()));
    return std::string(receipt_label) + "\n" + receipt.dump_canonical();
}

}  // namespace obscura::model
