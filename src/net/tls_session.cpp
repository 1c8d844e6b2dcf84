#include "net/tls_session.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace obscura::net {
namespace {

SSL_CTX* make_context(std::string const& ca_file, int oldest_version) {
    ERR_clear_error();
    auto* const context = SSL_CTX_new(TLS_client_method());
    if (context == nullptr) throw std::bad_alloc();
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    SSL_CTX_set_options(context,
                        SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CLEANSE_PLAINTEXT);
    SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    bool const is_strict =
        SSL_CTX_set_min_proto_version(context, oldest_version) == 1 &&
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL") == 1;
    bool const trusts = ca_file.empty()
                            ? SSL_CTX_set_default_verify_paths(context) == 1
                            : SSL_CTX_load_verify_locations(context, ca_file.c_str(), nullptr) == 1;
    ERR_clear_error();
    if (is_strict && trusts) return context;
    SSL_CTX_free(context);
    throw std::runtime_error("TLS: " + (ca_file.empty() ? "the system's roots" : ca_file) +
                             " cannot be used");
}

void use_key_pair(SSL_CTX* context, std::string const& certificate, std::string const& key) {
    bool const good = SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) == 1 &&
                      SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) == 1;
    ERR_clear_error();
    if (!good)
        throw std::runtime_error("TLS: " + certificate + " and " + key +
                                 " are no certificate and its key, or cannot be read");
}

/// The name or the address that the certificate must carry; SNI has names only (RFC 6066).
bool expect(SSL* ssl, std::string const& host) {
    auto* const parameters = SSL_get0_param(ssl);
    X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    if (X509_VERIFY_PARAM_set1_ip_asc(parameters, host.c_str()) == 1) return true;
    ERR_clear_error();
    // The macro SSL_set_tlsext_host_name casts away const.
    return !host.empty() && SSL_set1_host(ssl, host.c_str()) == 1 &&
           SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                    const_cast<char*>(host.c_str())) == 1;
}

void free_context(void* context) { SSL_CTX_free(static_cast<SSL_CTX*>(context)); }

base::Error failure(SSL* ssl) {
    std::array<char, 160> text{};
    ERR_error_string_n(ERR_peek_last_error(), text.data(), text.size());
    ERR_clear_error();
    auto const verdict = SSL_get_verify_result(ssl);
    bool const is_certificate = verdict != X509_V_OK;
    return {.code = base::Errc::bad_gateway,
            .reason = is_certificate ? "tls_certificate" : "tls_failed",
            .detail = is_certificate ? std::string("The server's certificate does not convince: ") +
                                           X509_verify_cert_error_string(verdict) + "."
                                     : "TLS with the server failed.",
            .internal = text.data()};
}

}  // namespace

TlsTrust::TlsTrust(std::string const& ca_file)
    : context_(make_context(ca_file, TLS1_2_VERSION), free_context) {}

TlsTrust::TlsTrust(TlsClientConfig const& config)
    : context_(make_context(config.ca_file, TLS1_3_VERSION), free_context) {
    if (!config.certificate_file.empty())
        use_key_pair(static_cast<SSL_CTX*>(context_.get()), config.certificate_file,
                     config.key_file);
}

struct TlsSession::State {
    explicit State(std::shared_ptr<void> trust) : context(std::move(trust)) {}
    ~State() { SSL_free(ssl); }  // and both BIOs

    std::shared_ptr<void> context;
    SSL* ssl = nullptr;
    BIO* from_server = nullptr;
    BIO* to_server = nullptr;
    std::string plaintext;
    bool open = false;
    bool closed = false;
    bool broken = false;

    [[nodiscard]] base::Result<void> broke() {
        broken = true;
        open = false;
        return std::unexpected(failure(ssl));
    }
    /// Whether the handshake goes on or is done; the error otherwise.
    [[nodiscard]] base::Result<void> shake_hands() {
        auto const done = SSL_do_handshake(ssl);
        if (done == 1) {
            open = SSL_get_verify_result(ssl) == X509_V_OK;
            return open ? base::Result<void>() : broke();
        }
        if (SSL_get_error(ssl, done) == SSL_ERROR_WANT_READ) return {};
        return broke();
    }
    [[nodiscard]] base::Result<void> read() {
        std::array<char, 16 * 1024> piece;
        while (true) {
            auto const n = SSL_read(ssl, piece.data(), static_cast<int>(piece.size()));
            if (n > 0) {
                plaintext.append(piece.data(), static_cast<std::size_t>(n));
                continue;
            }
            auto const why = SSL_get_error(ssl, n);
            if (why == SSL_ERROR_WANT_READ) return {};
            if (why != SSL_ERROR_ZERO_RETURN) return broke();
            closed = true;
            open = false;
            return {};
        }
    }
};

TlsSession::TlsSession(TlsTrust const& trust, std::string const& host)
    : state_(std::make_unique<State>(trust.context_)) {
    auto& s = *state_;
    s.ssl = SSL_new(static_cast<SSL_CTX*>(s.context.get()));
    s.from_server = BIO_new(BIO_s_mem());
    s.to_server = BIO_new(BIO_s_mem());
    if (s.ssl == nullptr || s.from_server == nullptr || s.to_server == nullptr)
        throw std::bad_alloc();
    // An empty BIO is no end of the stream: more comes with the next `receive`.
    BIO_set_mem_eof_return(s.from_server, -1);
    SSL_set_bio(s.ssl, s.from_server, s.to_server);
    if (!expect(s.ssl, host)) throw std::runtime_error("TLS: not a server's name: " + host);
    SSL_set_connect_state(s.ssl);
    ERR_clear_error();
    if (!s.shake_hands()) throw std::runtime_error("TLS: the handshake cannot be begun");
}

TlsSession::~TlsSession() = default;

base::Result<void> TlsSession::receive(std::string_view bytes) {
    auto& s = *state_;
    ERR_clear_error();
    if (s.broken || s.closed) return s.broke();
    if (bytes.empty()) return {};
    if (BIO_write(s.from_server, bytes.data(), static_cast<int>(bytes.size())) !=
        static_cast<int>(bytes.size()))
        return s.broke();
    if (!s.open) {
        if (auto const going = s.shake_hands(); !going) return going;
        if (!s.open) return {};
    }
    return s.read();
}

base::Result<void> TlsSession::write(std::string_view plaintext) {
    auto& s = *state_;
    ERR_clear_error();
    if (!s.open || plaintext.empty()) return s.broke();
    std::size_t written = 0;
    // A memory BIO takes everything at once.
    bool const all = SSL_write_ex(s.ssl, plaintext.data(), plaintext.size(), &written) == 1 &&
                     written == plaintext.size();
    return all ? base::Result<void>() : s.broke();
}

std::string TlsSession::take_output() {
    std::string out(BIO_ctrl_pending(state_->to_server), '\0');
    if (out.empty()) return out;
    auto const n = BIO_read(state_->to_server, out.data(), static_cast<int>(out.size()));
    out.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return out;
}

std::string TlsSession::take_plaintext() { return std::exchange(state_->plaintext, {}); }
bool TlsSession::is_open() const { return state_->open; }
bool TlsSession::is_closed() const { return state_->closed; }

}  // namespace obscura::net
