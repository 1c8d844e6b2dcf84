#pragma once

#include "support/private_process.hpp"

#include <memory>
#include <string>

namespace obscura::test {

/// A PostgreSQL of our own: its files under /tmp, a free port of the loopback interface, fsync off,
/// passwords checked. As root it runs as the system's user `postgres`. One per test executable.
class PrivatePostgres {
public:
    static PrivatePostgres& shared();
    ~PrivatePostgres();
    PrivatePostgres(PrivatePostgres const&) = delete;
    PrivatePostgres& operator=(PrivatePostgres const&) = delete;

    /// A new database with the roles and all migrations of db/migrations. Its full name comes back:
    /// `name` with a number, so that a test can be repeated in one process.
    [[nodiscard]] std::string create_database(std::string const& name);
    /// A new database with nothing in it.
    [[nodiscard]] std::string create_empty_database(std::string const& name);

    /// Users: postgres (superuser), obscura_app, obscura_engine.
    [[nodiscard]] std::string url(std::string const& database,
                                  std::string const& user = "postgres") const;
    /// One statement as superuser over a connection of its own; the first value, "" for none.
    std::string execute(std::string const& database, std::string const& sql);

    static std::string password_of(std::string const& user) { return user + "'s \\password"; }

    void kill9();    ///< all its processes at once
    void stop();     ///< orderly, ends its sessions
    void restart();  ///< after one of these; on the same port. Waits until it answers
    /// Shows this certificate to new connections that ask for TLS, of `newest_version` at most, and
    /// asks for theirs, of `client_authority` (all PEM files); `without_tls` takes it back.
    struct Tls {
        std::string certificate, key, client_authority;
        std::string newest_version = "TLSv1.3";
    };
    void use_tls(Tls const& tls);
    void without_tls();

    void pause();  ///< SIGSTOP to the sessions that are open now: they hang
    void resume();

private:
    PrivatePostgres();
    void initialise();
    void start();
    [[nodiscard]] bool answers() const;
    void set(std::string const& name, std::string const& value);
    void reload();
    [[nodiscard]] std::string own_copy(std::string const& file);

    PrivateFolder folder_;
    int port_ = 0;
    std::unique_ptr<PrivateProcess> server_;
    std::vector<pid_t> paused_;
    int databases_ = 0;
    int copies_ = 0;
    bool has_template_ = false;
};

}  // namespace obscura::test
