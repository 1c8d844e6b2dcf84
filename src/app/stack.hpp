#pragma once

#include "base/secret.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace obscura::app {

/// The processes of a stack that we wrote, in the order they are started in.
inline constexpr std::string_view service_names[] = {"citadel",   "paper",     "sentinel",
                                                     "conductor", "alchemist", "gateway"};
inline constexpr auto admin_email = "admin@obscura.local";

/// Where everything of a stack is, and what opens it. Whoever holds it can do anything with that
/// stack: it is for the tour, the demo data and the tests of a private one.
struct StackInfo {
    std::string state_dir;
    /// By service, "http://127.0.0.1:8000". Internal ones answer /health and the like there; what
    /// else they do is at `internal_url`.
    std::map<std::string, std::string, std::less<>> urls;
    std::string owner_database_url;   ///< superuser of the private cluster
    std::string app_database_url;     ///< obscura_app
    std::string engine_database_url;  ///< obscura_engine
    std::string redis_url;
    /// X-Internal-API-Key by caller and service, "gateway@citadel": one each, so that no service
    /// holds a key that opens another in a third one's name.
    std::map<std::string, base::Secret, std::less<>> internal_keys;
    std::string admin_email;
    base::Secret admin_password;

    [[nodiscard]] std::string const& url(std::string_view service) const {
        return urls.find(service)->second;
    }
    /// The same address with TLS between services.
    [[nodiscard]] std::string internal_url(std::string_view service) const {
        return "https" + url(service).substr(4);
    }
};

/// Of a stack that was started at least once. Throws std::runtime_error when there is none.
[[nodiscard]] StackInfo load_stack(std::string const& state_dir);

/// Somebody who can log in to this stack, for people to try things with.
struct Login {
    std::string who;   ///< "platform administrator"
    std::string name;  ///< e-mail, or an API key's name
    std::string secret;
};
/// Adds to secrets/logins.json, or replaces the login of that name.
void save_login(std::string const& state_dir, Login const& login);
[[nodiscard]] std::vector<Login> load_logins(std::string const& state_dir);

/// Written in demo.cpp: one leader, pools, followers and a tenant, through the public API. Runs in
/// a process of its own against a stack that is up; returns its exit status.
[[nodiscard]] int load_demo(StackInfo const& stack);

}  // namespace obscura::app
