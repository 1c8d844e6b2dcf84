#pragma once

#include "base/error.hpp"
#include "base/secret.hpp"
#include "net/runtime.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace obscura::gateway {

using net::Task;

/// How passwords are hashed; tests take something cheap.
struct PasswordFunctions {
    std::function<std::string(std::string_view)> hash;
    std::function<bool(std::string const&, std::string_view)> verify;
    [[nodiscard]] static PasswordFunctions argon2id();
};

/// Hashing off the event loop, bounded: `unavailable` when too many wait.
class Passwords {
public:
    /// Hashes once, for the look of an unknown user.
    Passwords(net::CpuPool& cpu, PasswordFunctions functions);

    [[nodiscard]] Task<base::Result<std::string>> hash(base::Secret password);
    /// Without a hash (no such user) it does the same work and answers false, so that the time of a
    /// login does not tell who has an account.
    [[nodiscard]] Task<base::Result<bool>> verify(std::optional<std::string> hash,
                                                  base::Secret password);

private:
    net::CpuPool& cpu_;
    std::shared_ptr<PasswordFunctions const> functions_;
    std::string nobodys_hash_;
};

}  // namespace obscura::gateway
