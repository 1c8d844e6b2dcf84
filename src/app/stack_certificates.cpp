#include "app/stack_certificates.hpp"

#include "app/files.hpp"
#include "crypto/certificate_issuer.hpp"
#include "ports/service_identity.hpp"

#include <stdexcept>

namespace obscura::app {
namespace {

using std::chrono::years;

constexpr auto lead_time = std::chrono::days(90);  ///< before the end of what is replaced
constexpr auto clock_error = std::chrono::hours(1);

std::string authority_file(std::string const& state_path) { return state_path + "/tls/ca.pem"; }

bool lasts(std::string const& file, base::Timestamp now) {
    auto const text = read_file(file);
    auto const end = text ? crypto::certificate_end(*text) : std::nullopt;
    return end && *end > now + lead_time;
}

void save(std::string const& base, crypto::CertifiedKey const& made) {
    // The key first: a certificate alone would look finished.
    write_file(base + ".key", made.private_key.reveal(), 0600);
    write_file(base + ".pem", made.certificate, 0600);
}

crypto::CertificateIssuer make_authority(StateFolder const& state, base::Timestamp now,
                                         base::Random& random) {
    auto made = crypto::CertificateIssuer::make("Obscura services of one stack", now - clock_error,
                                                now + years(10), random);
    save(state.file("tls/ca"), made.to_pem());
    return made;
}

crypto::CertificateIssuer authority_of(StateFolder const& state) {
    auto const certificate = read_file(authority_file(state.path()));
    auto key = read_file(state.file("tls/ca.key"));
    base::Secret const secret(key.value_or(""));
    if (key) base::cleanse(*key);
    auto issuer = crypto::CertificateIssuer::from_pem(certificate.value_or(""), secret);
    if (!issuer)
        throw std::runtime_error(state.file("tls") + ": " + issuer.error().detail +
                                 " Remove the folder to have it made anew.");
    return std::move(*issuer);
}

}  // namespace

void make_certificates(StateFolder const& state, base::Clock const& clock, base::Random& random) {
    auto const now = clock.now();
    make_folder(state.file("tls"), 0700);
    bool const is_new = !lasts(authority_file(state.path()), now);
    auto const issuer = is_new ? make_authority(state, now, random) : authority_of(state);
    for (auto const name : certificate_names) {
        auto const base = state.file("tls/" + std::string(name));
        if (!is_new && lasts(base + ".pem", now)) continue;
        auto made = issuer.issue({.common_name = std::string(name),
                                  .uri = ports::service_identity(name),
                                  .names = {"localhost"},
                                  .addresses = {"127.0.0.1", "::1"},
                                  .not_before = now - clock_error,
                                  .not_after = now + years(1)},
                                 random);
        if (!made) throw std::runtime_error(made.error().detail);
        save(base, *made);
    }
}

InternalTls certificate_files(std::string const& state_path, std::string_view name) {
    auto const base = state_path + "/tls/" + std::string(name);
    return {.certificate = base + ".pem",
            .key = base + ".key",
            .authority = authority_file(state_path)};
}

}  // namespace obscura::app
