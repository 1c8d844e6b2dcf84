#pragma once

#include "base/config.hpp"
#include "base/decode.hpp"
#include "ports/signer.hpp"

#include <array>
#include <cstdint>

namespace obscura::citadel {

/// What is counted apart: one of them used up holds up no other, an exit least of all.
enum class CallKind {
    opening,
    exit,
    look,
    encrypt,
    decrypt,
    rewrap,
    open_sealed,
    statement,
    relay
};
inline constexpr std::array<base::EnumName<CallKind>, 9> call_kind_names{
    {{"openings", CallKind::opening},
     {"exits", CallKind::exit},
     {"looks", CallKind::look},
     {"encrypt", CallKind::encrypt},
     {"decrypt", CallKind::decrypt},
     {"rewraps", CallKind::rewrap},
     {"open_sealed", CallKind::open_sealed},
     {"statements", CallKind::statement},
     {"relays", CallKind::relay}}};
[[nodiscard]] CallKind kind_of(ports::SignItem const& item);

/// How many a second, by kind; ten seconds' worth may come at once. 0: as many as come.
struct CallRates {
    using PerSecond = std::array<std::int64_t, call_kind_names.size()>;
    bool enabled = true;
    /// For one service together: ten thousand followers are copied at once, and again a moment
    /// later.
    PerSecond of_caller{20'000, 20'000, 20'000, 20'000, 100, 20'000, 200, 5'000, 50};
    /// For one context, which is one account at a venue: more than any venue takes.
    PerSecond of_account{20, 50, 50, 100, 10, 0, 2, 0, 0};
};

/// Declares its keys; `rates` must outlive `table`.
void bind(base::ConfigTable& table, CallRates& rates);

}  // namespace obscura::citadel
