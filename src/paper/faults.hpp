#pragma once

#include "base/decimal.hpp"
#include "base/json.hpp"

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::paper {

enum class FaultKind {
    latency,
    drop_before_accept,
    drop_after_accept,
    http_5xx,
    reset_mid_body,
    partial_fill,
    mute_socket,
    duplicate_events,
    reorder_events,
    late_events,
};

/// What a fault may be matched against: one request, or one event of an account.
struct FaultSubject {
    std::string_view path;
    std::string_view method;
    std::string_view account;  ///< "" when unknown
    std::string_view symbol;   ///< "" when there is none
};

struct FaultSpec {
    FaultKind kind = FaultKind::latency;
    std::optional<std::string> path;  ///< exact, or a prefix that ends in '*'
    std::optional<std::string> method;
    std::optional<std::string> account;
    std::optional<std::string> symbol;
    std::optional<std::int64_t> count;  ///< how often it fires; without it until deleted
    base::Decimal probability{1};
    std::int64_t seed = 0;
    std::chrono::milliseconds delay{200};
    bool accept = false;  ///< http_5xx: the request is carried out all the same
    /// partial_fill: how much of an order the book gives at once.
    base::Decimal share = base::Decimal::from_scaled(5, 1);
};

/// `body` as a list of faults, strictly: errors name each field.
[[nodiscard]] base::Result<std::vector<FaultSpec>> decode_faults(base::Json const& body);

/// What goes wrong with one request.
struct RequestFaults {
    std::chrono::milliseconds latency{0};
    bool drop_before = false;
    bool drop_after = false;
    bool fail = false;        ///< answer 5xx ...
    bool fail_after = false;  ///< ... but do it first
    bool reset_mid_body = false;
    std::optional<base::Decimal> fill_share;
};
/// What goes wrong with one event.
struct EventFaults {
    bool duplicate = false;
    std::optional<std::chrono::milliseconds> reorder;  ///< at the latest after this
    std::optional<std::chrono::milliseconds> late;
};

/// The faults in force, in the order they were asked for. Seeded: the same subjects in the same
/// order meet the same fate. Pure.
class Faults {
public:
    static constexpr std::size_t max_active = 1000;

    /// Ids, or conflict when there would be more than `max_active`.
    [[nodiscard]] base::Result<std::vector<std::string>> add(std::vector<FaultSpec> specs);
    [[nodiscard]] bool remove(std::string_view id);
    void clear() { active_.clear(); }
    [[nodiscard]] base::Json list() const;
    [[nodiscard]] bool empty() const { return active_.empty(); }

    [[nodiscard]] RequestFaults meet_request(FaultSubject const& subject);
    [[nodiscard]] EventFaults meet_event(FaultSubject const& subject);
    /// Whether a private socket of the account goes silent now; ask once for each message.
    [[nodiscard]] bool mutes(FaultSubject const& subject);

private:
    struct Active {
        std::uint64_t id = 0;
        FaultSpec spec;
        std::uint64_t random = 0;  ///< state of the fault's own generator
        std::int64_t fired = 0;
    };
    /// The first matching fault of a kind that fires, or nullptr.
    [[nodiscard]] FaultSpec const* fire(FaultKind kind, FaultSubject const& subject);

    std::vector<Active> active_;
    std::uint64_t next_id_ = 1;
};

}  // namespace obscura::paper
