#pragma once

#include "app/stack.hpp"

#include <string>

namespace obscura::app::demo {

// What the demo data is called, for the tour that plays on it.
inline constexpr int followers = 50;
inline constexpr auto tenant_slug = "acme";
inline constexpr auto leader_email = "leader@demo.obscura.local";
inline constexpr auto leader_label = "demo-leader";
inline constexpr auto futures_leader_email = "grace@demo.obscura.local";
inline constexpr auto futures_leader_label = "demo-futures-leader";
inline constexpr auto curated_pool = "Spot majors";
inline constexpr auto second_pool = "Spot majors, second row";
inline constexpr auto futures_pool = "Perpetuals";
inline constexpr auto partner_pool = "Acme signals";
inline constexpr auto tenant_key_login = "acme tour key";

/// How much of it to load.
struct Size {
    int followers = demo::followers;
    bool quiet = false;  ///< no progress on stdout
};
/// `load_demo` with a choice.
[[nodiscard]] int load(StackInfo const& stack, Size size);

[[nodiscard]] std::string follower_email(int index);
[[nodiscard]] std::string follower_label(int index);  ///< of its paper account
/// Every follower puts in another amount, so that sizes differ.
[[nodiscard]] int follower_investment_usd(int index);

}  // namespace obscura::app::demo
