#include "net/tls.hpp"

#include "net/detail/tls_context.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/system/system_error.hpp>

#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace asio = boost::asio;

namespace obscura::net::detail {

namespace {

void check(ErrorCode const& error, std::string const& file) {
    if (error) throw boost::system::system_error(error, "TLS: " + file);
}

void use_key_pair(asio::ssl::context& context, std::string const& certificate,
                  std::string const& key) {
    ErrorCode error;
    context.use_certificate_chain_file(certificate, error);
    check(error, certificate);
    context.use_private_key_file(key, asio::ssl::context::pem, error);
    check(error, key);
}

void trust(asio::ssl::context& context, std::string const& ca_file) {
    ErrorCode error;
    context.load_verify_file(ca_file, error);
    check(error, ca_file);
}

/// Of a name of another type, or of one with a NUL in it, nothing.
std::string uri_name_of(X509* certificate) {
    auto* const names = static_cast<GENERAL_NAMES*>(
        X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
    std::string out;
    for (int i = 0; out.empty() && i < sk_GENERAL_NAME_num(names); ++i) {
        auto const* const name = sk_GENERAL_NAME_value(names, i);
        if (name->type != GEN_URI) continue;
        auto const* const text = name->d.uniformResourceIdentifier;
        out.assign(reinterpret_cast<char const*>(ASN1_STRING_get0_data(text)),
                   static_cast<std::size_t>(ASN1_STRING_length(text)));
    }
    GENERAL_NAMES_free(names);
    return out.find('\0') == out.npos ? out : "";
}

/// TLS 1.3 or nothing, and no copy of what was read.
void harden(asio::ssl::context& context) {
    // OpenSSL keeps what it has deciphered until the next record comes.
    SSL_CTX_set_options(context.native_handle(), SSL_OP_CLEANSE_PLAINTEXT);
    if (SSL_CTX_set_min_proto_version(context.native_handle(), TLS1_3_VERSION) != 1) {
        throw std::runtime_error("TLS 1.3 is not available");
    }
}

}  // namespace

asio::ssl::context make_server_context(TlsServerConfig const& config) {
    asio::ssl::context context(asio::ssl::context::tls_server);
    harden(context);
    use_key_pair(context, config.certificate_file, config.key_file);
    if (!config.client_ca_file.empty()) {
        trust(context, config.client_ca_file);
        context.set_verify_mode(asio::ssl::verify_peer | asio::ssl::verify_fail_if_no_peer_cert);
        // Needed to resume a session of a client that showed a certificate.
        unsigned char const id[] = "obscura";
        SSL_CTX_set_session_id_context(context.native_handle(), id, sizeof(id) - 1);
    }
    return context;
}

asio::ssl::context make_client_context(TlsClientConfig const& config) {
    asio::ssl::context context(asio::ssl::context::tls_client);
    harden(context);
    if (config.ca_file.empty())
        context.set_default_verify_paths();
    else
        trust(context, config.ca_file);
    if (!config.certificate_file.empty()) {
        use_key_pair(context, config.certificate_file, config.key_file);
    }
    context.set_verify_mode(asio::ssl::verify_peer);
    return context;
}

std::string identity_at(TlsClientConfig const& config, Url const& url) {
    auto const found = config.identities.find(url.host + ":" + std::to_string(url.port));
    return found == config.identities.end() ? "" : found->second;
}

std::string peer_identity(Stream::TlsStream& stream) {
    auto* const certificate = SSL_get1_peer_certificate(stream.native_handle());
    if (certificate == nullptr) return "";
    auto out = uri_name_of(certificate);
    X509_free(certificate);
    return out;
}

void expect_host(Stream::TlsStream& stream, std::string const& host, std::string const& identity) {
    ErrorCode error;
    asio::ip::make_address(host, error);
    if (error) {  // a name: RFC 6066 allows no addresses in SNI
        auto* const ssl = stream.native_handle();
        // The macro SSL_set_tlsext_host_name casts away const.
        SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                 const_cast<char*>(host.c_str()));
    }
    asio::ssl::host_name_verification const is_host(host);
    stream.set_verify_callback([is_host, identity](bool good, asio::ssl::verify_context& context) {
        if (!is_host(good, context)) return false;
        auto* const store = context.native_handle();
        if (identity.empty() || X509_STORE_CTX_get_error_depth(store) > 0) return true;
        return uri_name_of(X509_STORE_CTX_get_current_cert(store)) == identity;
    });
}

PeerKey peer_key_of(Stream::TlsStream& stream) {
    auto* const certificate = SSL_get0_peer_certificate(stream.native_handle());
    if (certificate == nullptr) return nullptr;
    auto* const key = X509_get_X509_PUBKEY(certificate);
    auto const size = i2d_X509_PUBKEY(key, nullptr);
    if (size <= 0) return nullptr;
    std::vector<std::uint8_t> der(static_cast<std::size_t>(size));
    auto* to = der.data();
    (void)i2d_X509_PUBKEY(key, &to);
    return std::make_shared<std::vector<std::uint8_t> const>(std::move(der));
}

}  // namespace obscura::net::detail
