#pragma once

#include <stdexcept>
#include <string>

namespace CLI {
class App;
}

namespace obscura::app {

/// A value of an option that cannot be meant.
class WrongUsage : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

struct AuditOptions {
    std::string path;
    std::string key;
    std::string head;
    std::string expected;
    std::string after;
    std::string heads;
    std::string database;
    bool as_json = false;
};

/// `obscura verify audit`.
void add_audit(CLI::App& app, AuditOptions& options);
/// The exit status. Throws WrongUsage.
[[nodiscard]] int verify_audit(AuditOptions const& options);

}  // namespace obscura::app
