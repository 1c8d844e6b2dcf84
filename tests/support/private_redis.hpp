#pragma once

#include "support/private_process.hpp"

#include <memory>
#include <string>
#include <vector>

namespace obscura::test {

/// A Redis of our own on a free port of the loopback interface: nothing on disk, the password
/// "test" for the user `default`. One per test executable, and those that speak TLS.
class PrivateRedis {
public:
    /// TLS alone, with these PEM files; with `client_authority` for whom that vouches.
    struct Tls {
        std::string certificate, key, client_authority;
        std::string protocols = "TLSv1.2 TLSv1.3";
    };
    static PrivateRedis& shared();
    explicit PrivateRedis(Tls const& tls);
    PrivateRedis(PrivateRedis const&) = delete;
    PrivateRedis& operator=(PrivateRedis const&) = delete;

    [[nodiscard]] std::string url(int database = 0) const;
    [[nodiscard]] int port() const { return port_; }

    void kill9();
    void restart();  ///< after `kill9`; on the same port, empty. Waits until it answers
    void pause();    ///< connections stay open and nothing answers
    void resume();

private:
    explicit PrivateRedis(std::vector<std::string> options);
    void start();
    [[nodiscard]] bool answers() const;

    PrivateFolder folder_;
    std::vector<std::string> options_;
    bool is_tls_ = false;
    int port_ = 0;
    std::unique_ptr<PrivateProcess> server_;
};

}  // namespace obscura::test
