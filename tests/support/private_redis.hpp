#pragma once

#include "support/private_process.hpp"

#include <memory>
#include <string>

namespace obscura::test {

/// A Redis of our own on a free port of the loopback interface: nothing on disk, the password
/// "test" for the user `default`. One per test executable.
class PrivateRedis {
public:
    static PrivateRedis& shared();
    PrivateRedis(PrivateRedis const&) = delete;
    PrivateRedis& operator=(PrivateRedis const&) = delete;

    [[nodiscard]] std::string url(int database = 0) const;
    [[nodiscard]] int port() const { return port_; }

    void kill9();
    void restart();  ///< after `kill9`; on the same port, empty. Waits until it answers
    void pause();    ///< connections stay open and nothing answers
    void resume();

private:
    PrivateRedis();
    void start();
    [[nodiscard]] bool answers() const;

    PrivateFolder folder_;
    int port_ = 0;
    std::unique_ptr<PrivateProcess> server_;
};

}  // namespace obscura::test
