#include "app/internal_tls.hpp"

#include "net/http.hpp"
#include "net/server.hpp"
#include "ports/service_identity.hpp"

#include <stdexcept>

namespace obscura::app {

void InternalTls::bind_to(base::ConfigTable& table) {
    table.bind("tls.certificate", certificate,
               "PEM file: this service's certificate among the services, whose URI name says which "
               "one it is. With it internal routes are TLS 1.3 only, for callers with one too.");
    table.bind("tls.key", key, "PEM file of the certificate's key.");
    table.bind("tls.authority", authority, "PEM file: whose certificates the services trust.");
}

void InternalTls::require_all_or_none() const {
    if (certificate.empty() != key.empty() || certificate.empty() != authority.empty())
        throw std::runtime_error("tls.certificate, tls.key and tls.authority go together");
}

net::TlsClientConfig InternalTls::client(std::map<std::string, std::string> const& urls) const {
    net::TlsClientConfig out{
        .ca_file = authority, .certificate_file = certificate, .key_file = key};
    if (!is_given()) return out;
    for (auto const& [service, text] : urls)
        if (auto const url = net::parse_url(text); url && url->is_tls())
            out.identities[url->host + ":" + std::to_string(url->port)] =
                ports::service_identity(service);
    return out;
}

void InternalTls::apply_to(net::ServerConfig& http, std::initializer_list<std::string_view> callers,
                           bool is_behind_front) const {
    require_all_or_none();
    if (!is_given()) {
        if (net::is_loopback(http.address) || is_behind_front) return;
        throw std::runtime_error(
            "http.address is reached from other hosts: internal routes need tls.certificate, "
            "tls.key and tls.authority there");
    }
    http.tls = {.certificate_file = certificate, .key_file = key, .client_ca_file = authority};
    for (auto const caller : callers) http.tls->peers.push_back(ports::service_identity(caller));
    // Nothing that a process of this host may not see; for probes and people.
    http.tls->plain_paths = {"/health",     "/livez",       "/readyz",           "/metrics",
                             "/audit-head", "/attestation", "/nilcc/attestation"};
}

std::optional<std::string> is_internal_url(std::string const& text) {
    auto const url = net::parse_url(text);
    if (!url || !url->scheme.starts_with("http")) return "an http or https URL";
    if (url->is_tls() || net::is_loopback(url->host)) return std::nullopt;
    return "https, unless it is on this host";
}

}  // namespace obscura::app
