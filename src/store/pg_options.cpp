#include "store/detail/pg_options.hpp"

#include "net/http.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <memory>
#include <stdexcept>
#include <string_view>
#include <vector>

namespace obscura::store {
namespace {

struct Free {
    void operator()(PQconninfoOption* options) const { PQconninfoFree(options); }
};

/// Of the URL, completed by the environment.
PgOptions options_of(std::string const& url, base::Environment const& environment) {
    char* complaint = nullptr;
    std::unique_ptr<PQconninfoOption, Free> const parsed(PQconninfoParse(url.c_str(), &complaint));
    // Its words quote what they complain of, and that may be a password.
    if (complaint != nullptr) PQfreemem(complaint);
    if (!parsed)
        throw std::invalid_argument(
            "PostgreSQL: database.url is not postgresql://user@host:port/database?option=value");
    PgOptions out;
    for (auto const* option = parsed.get(); option->keyword != nullptr; ++option) {
        std::string value = option->val != nullptr ? option->val : "";
        if (auto const found = environment.find(option->envvar != nullptr ? option->envvar : "");
            value.empty() && found != environment.end())
            value = found->second;
        if (!value.empty()) out.emplace(option->keyword, std::move(value));
    }
    return out;
}

std::string value_of(PgOptions const& options, char const* keyword) {
    auto const found = options.find(keyword);
    return found == options.end() ? "" : found->second;
}

std::vector<std::string> items_of(std::string const& list) {
    std::vector<std::string> out;
    for (std::size_t from = 0;;) {
        auto const comma = list.find(',', from);
        out.push_back(list.substr(from, comma - from));
        if (comma == list.npos) return out;
        from = comma + 1;
    }
}

/// As libpq takes them: an address goes before the host's name, which then only is what the
/// certificate must carry. Without either it is the socket of this host.
bool is_here(std::string const& host, std::string const& address) {
    if (!address.empty()) return net::is_loopback(address);
    bool const is_socket = host.empty() || host.starts_with('/') || host.starts_with('@');
    return is_socket || net::is_loopback(host);
}

/// The first of the hosts that is another one than this, or "".
std::string first_elsewhere(PgOptions const& options) {
    auto hosts = items_of(value_of(options, "host"));
    auto addresses = items_of(value_of(options, "hostaddr"));
    auto const count = std::max(hosts.size(), addresses.size());
    hosts.resize(count);
    addresses.resize(count);
    for (std::size_t i = 0; i < count; ++i)
        if (!is_here(hosts[i], addresses[i])) return hosts[i].empty() ? addresses[i] : hosts[i];
    return "";
}

void check_files(net::TlsClientConfig const& tls) {
    bool const has_certificate = !tls.certificate_file.empty();
    if (has_certificate != !tls.key_file.empty() || (has_certificate && tls.ca_file.empty()))
        throw std::invalid_argument(
            "PostgreSQL: database.certificate and database.key go together, and with "
            "database.authority");
}

void add(net::TlsClientConfig const& tls, PgOptions& options) {
    if (tls.ca_file.empty()) return;
    options.try_emplace("sslmode", "verify-full");
    options["sslrootcert"] = tls.ca_file;
    if (tls.certificate_file.empty()) return;
    options["sslcert"] = tls.certificate_file;
    options["sslkey"] = tls.key_file;
}

void check_verified(PgOptions const& options, std::string const& elsewhere) {
    auto const root = value_of(options, "sslrootcert");
    if (root == "system" && PQlibVersion() < 160'000)
        throw std::invalid_argument(
            "PostgreSQL: sslrootcert=system needs libpq 16: name a file, such as "
            "/etc/ssl/certs/ca-certificates.crt");
    if (value_of(options, "sslmode") == "verify-full" && !root.empty()) return;
    auto const where = elsewhere.empty() ? std::string("With database.authority PostgreSQL")
                                         : "PostgreSQL at " + elsewhere + " is on another host: it";
    throw std::invalid_argument(
        where +
        " must be reached over TLS that verifies it. Set database.authority to the PEM file of the "
        "authority that its certificate comes from, without an sslmode (PGSSLMODE), or write "
        "sslmode=verify-full&sslrootcert=FILE into the URL");
}

}  // namespace

PgOptions pg_options(std::string const& url, net::TlsClientConfig const& tls,
                     base::Environment const& environment) {
    auto options = options_of(url, environment);
    if (options.contains("service"))
        throw std::invalid_argument(
            "PostgreSQL: service (PGSERVICE) names a file that only libpq reads: write what is in "
            "it into database.url");
    check_files(tls);
    auto const elsewhere = first_elsewhere(options);
    if (elsewhere.empty() && tls.ca_file.empty()) return options;
    add(tls, options);
    check_verified(options, elsewhere);
    options["ssl_min_protocol_version"] = "TLSv1.3";
    // With a Kerberos ticket at hand libpq would take GSSAPI's encryption instead, which knows
    // nothing of certificates.
    options["gssencmode"] = "disable";
    return options;
}

}  // namespace obscura::store
