#include "support/private_redis.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

namespace obscura::test {

PrivateRedis& PrivateRedis::shared() {
    static PrivateRedis instance{std::vector<std::string>{}};
    return instance;
}

PrivateRedis::PrivateRedis(Tls const& tls)
    : PrivateRedis({"--tls-cert-file", tls.certificate, "--tls-key-file", tls.key,
                    "--tls-ca-cert-file",
                    tls.client_authority.empty() ? tls.certificate : tls.client_authority,
                    "--tls-auth-clients", tls.client_authority.empty() ? "no" : "yes",
                    "--tls-protocols", tls.protocols}) {}

PrivateRedis::PrivateRedis(std::vector<std::string> options)
    : folder_("obscura-redis", ""), options_(std::move(options)), is_tls_(!options_.empty()) {
    for (int attempt = 0; !server_; ++attempt) {
        port_ = free_port();
        try {
            start();
        } catch (std::runtime_error const&) {
            if (attempt == 2) throw;
            server_.reset();
        }
    }
}

std::string PrivateRedis::url(int database) const {
    return (is_tls_ ? "rediss" : "redis") + std::string("://default:test@127.0.0.1:") +
           std::to_string(port_) + "/" + std::to_string(database);
}

void PrivateRedis::start() {
    auto const log = folder_.path() / "server.log";
    std::vector<std::string> argv{"redis-server",
                                  is_tls_ ? "--tls-port" : "--port",
                                  std::to_string(port_),
                                  "--bind",
                                  "127.0.0.1",
                                  "--save",
                                  "",
                                  "--appendonly",
                                  "no",
                                  "--dir",
                                  folder_.path(),
                                  "--requirepass",
                                  "test"};
    if (is_tls_) argv.insert(argv.end(), {"--port", "0"});
    argv.insert(argv.end(), options_.begin(), options_.end());
    server_ = std::make_unique<PrivateProcess>(argv, PrivateProcess::Options{"", log});
    auto const deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!answers()) {
        bool const ended = server_->wait(std::chrono::milliseconds(0)).has_value();
        if (ended || std::chrono::steady_clock::now() > deadline) {
            throw std::runtime_error("Redis did not start: " + read_text(log));
        }
        pause_briefly();
    }
}

bool PrivateRedis::answers() const {
    int const descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    constexpr std::string_view question = "AUTH test\r\n";
    char answer[8] = {};
    bool good = connect(descriptor, reinterpret_cast<sockaddr*>(&address), sizeof(address)) == 0;
    if (!is_tls_)
        good = good && write(descriptor, question.data(), question.size()) > 0 &&
               read(descriptor, answer, sizeof(answer)) > 0 &&
               std::string_view(answer).starts_with("+OK");
    close(descriptor);
    return good;
}

void PrivateRedis::kill9() { server_->kill9(); }
void PrivateRedis::restart() { start(); }
void PrivateRedis::pause() { server_->signal(SIGSTOP); }
void PrivateRedis::resume() { server_->signal(SIGCONT); }

}  // namespace obscura::test
