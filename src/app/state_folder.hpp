#pragma once

#include "base/secret.hpp"

#include <sys/types.h>
#include <string>

namespace obscura::app {

/// The folder that one stack keeps everything in. Only its owner may look into config, secrets and
/// logs; the folder itself can be passed through, since PostgreSQL and citadel may run under
/// accounts of their own.
///
///     config/   generated at every start; config/<service>.env adds environment variables,
///               config/<service>.once.env does so for one start only
///     secrets/  one secret a file
///     logs/     one file a process
///     postgres/ redis/ the data
///     audit/    citadel's log of its calls
///     tls/      the authority of the services' certificates, and the certificates
///     status.json   while the stack runs, and after
///     lock      held by the supervisor; holds its process id
class StateFolder {
public:
    /// Makes what is missing. `path` may be relative.
    explicit StateFolder(std::string const& path);

    [[nodiscard]] std::string const& path() const { return path_; }
    [[nodiscard]] std::string file(std::string const& name) const { return path_ + "/" + name; }
    [[nodiscard]] std::string config(std::string const& service) const {
        return path_ + "/config/" + service + ".toml";
    }
    [[nodiscard]] std::string log(std::string const& process) const {
        return path_ + "/logs/" + process + ".log";
    }
    /// The text of secrets/<name>; made of `bytes` random bytes in hex when it is not there yet.
    [[nodiscard]] base::Secret secret(std::string const& name, std::size_t bytes = 24) const;

private:
    std::string path_;
};

/// Held for the life of a supervisor, so that two never share a folder. The kernel lets go of it
/// when the process ends, however it ends.
class StateLock {
public:
    /// False when another process holds it.
    [[nodiscard]] bool try_acquire(std::string const& state_path);
    StateLock() = default;
    ~StateLock();
    StateLock(StateLock const&) = delete;
    StateLock& operator=(StateLock const&) = delete;

private:
    int fd_ = -1;
};

/// The process that holds the lock of a state folder, or 0.
[[nodiscard]] pid_t lock_holder(std::string const& state_path);

}  // namespace obscura::app
