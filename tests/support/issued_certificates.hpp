#pragma once

#include "base/clock.hpp"
#include "base/random.hpp"
#include "crypto/certificate_issuer.hpp"
#include "support/private_process.hpp"

#include <chrono>
#include <fstream>
#include <string>
#include <vector>

namespace obscura::test {

/// An authority such as `obscura up` makes, and certificates of it for servers, as PEM files that
/// go when it goes.
class IssuedCertificates {
public:
    struct Files {
        std::string certificate, key;
    };

    IssuedCertificates() { write("ca.pem", issuer_.to_pem().certificate); }

    [[nodiscard]] std::string authority() const { return path("ca.pem"); }
    /// Valid for a day that ends at `until`.
    [[nodiscard]] Files issue(std::vector<std::string> names, std::vector<std::string> addresses,
                              base::Timestamp until = base::SystemClock{}.now() +
                                                      std::chrono::hours(1)) {
        auto const number = std::to_string(++issued_);
        auto const made = issuer_.issue({.common_name = "server",
                                         .uri = "spiffe://obscura/server",
                                         .names = std::move(names),
                                         .addresses = std::move(addresses),
                                         .not_before = until - std::chrono::hours(24),
                                         .not_after = until},
                                        random_);
        write(number + ".pem", made.value().certificate);
        write(number + ".key", std::string(made->private_key.reveal()));
        std::filesystem::permissions(path(number + ".key"), std::filesystem::perms::owner_read);
        return {path(number + ".pem"), path(number + ".key")};
    }
    /// For this host.
    [[nodiscard]] Files issue() { return issue({"localhost"}, {"127.0.0.1"}); }

private:
    [[nodiscard]] std::string path(std::string const& name) const { return folder_.path() / name; }
    void write(std::string const& name, std::string const& text) const {
        std::ofstream(path(name)) << text;
    }

    PrivateFolder folder_{"obscura-certificates", ""};
    base::SystemRandom random_;
    crypto::CertificateIssuer issuer_ = crypto::CertificateIssuer::make(
        "Obscura test", base::SystemClock{}.now() - std::chrono::hours(48),
        base::SystemClock{}.now() + std::chrono::hours(48), random_);
    int issued_ = 0;
};

}  // namespace obscura::test
