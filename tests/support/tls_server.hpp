#pragma once

#include "support/tls_authority.hpp"

#include <openssl/ssl.h>

#include <array>
#include <stdexcept>

namespace obscura::test {

/// A TLS server without a socket: bytes in, bytes out, and what was said inside.
class TlsServer {
public:
    explicit TlsServer(TlsAuthority::Files const& files, int version = TLS1_3_VERSION)
        : context_(SSL_CTX_new(TLS_server_method())) {
        SSL_CTX_set_min_proto_version(context_, version);
        SSL_CTX_set_max_proto_version(context_, version);
        bool const good =
            SSL_CTX_use_certificate_chain_file(context_, files.certificate.c_str()) == 1 &&
            SSL_CTX_use_PrivateKey_file(context_, files.key.c_str(), SSL_FILETYPE_PEM) == 1;
        if (!good) throw std::runtime_error("no certificate: " + files.certificate);
        ssl_ = SSL_new(context_);
        in_ = BIO_new(BIO_s_mem());
        out_ = BIO_new(BIO_s_mem());
        BIO_set_mem_eof_return(in_, -1);
        SSL_set_bio(ssl_, in_, out_);
        SSL_set_accept_state(ssl_);
    }
    ~TlsServer() {
        SSL_free(ssl_);
        SSL_CTX_free(context_);
    }
    TlsServer(TlsServer const&) = delete;
    TlsServer& operator=(TlsServer const&) = delete;

    /// Takes what came from the client; `said` grows by what was in it. False when TLS broke.
    bool receive(std::string_view bytes) {
        if (!bytes.empty()) BIO_write(in_, bytes.data(), static_cast<int>(bytes.size()));
        std::array<char, 4096> piece;
        while (true) {
            auto const n = SSL_read(ssl_, piece.data(), static_cast<int>(piece.size()));
            if (n <= 0) return SSL_get_error(ssl_, n) == SSL_ERROR_WANT_READ;
            said.append(piece.data(), static_cast<std::size_t>(n));
        }
    }
    void say(std::string_view text) { SSL_write(ssl_, text.data(), static_cast<int>(text.size())); }
    void say_goodbye() { SSL_shutdown(ssl_); }
    [[nodiscard]] std::string take_output() {
        std::string out(BIO_ctrl_pending(out_), '\0');
        if (!out.empty()) BIO_read(out_, out.data(), static_cast<int>(out.size()));
        return out;
    }

    std::string said;

private:
    SSL_CTX* context_;
    SSL* ssl_ = nullptr;
    BIO* in_ = nullptr;
    BIO* out_ = nullptr;
};

}  // namespace obscura::test
