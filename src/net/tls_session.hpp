#pragma once

#include "base/error.hpp"
#include "net/tls.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace obscura::net {

/// Whom a TLS client trusts, and how it speaks: forward secrecy, AEAD, no renegotiation.
class TlsTrust {
public:
    /// For venues: TLS 1.2 or newer, since they choose their version and 1.3 alone would lose some.
    /// Certificates of `ca_file` (PEM); of the system where it is empty. Throws std::runtime_error
    /// naming a file that cannot be used.
    explicit TlsTrust(std::string const& ca_file);
    /// For servers of our own: TLS 1.3, with a certificate of ours where one is given. Of
    /// `identities` nothing is asked. Throws likewise.
    explicit TlsTrust(TlsClientConfig const& config);

private:
    friend class TlsSession;
    std::shared_ptr<void> context_;
};

/// The client's end of one TLS connection whose bytes somebody else carries: no socket, no clock
/// but the system's for certificates. An error ends it; nothing is written or read after that.
class TlsSession {
public:
    /// The first bytes for the server wait in `take_output`. Its certificate must be `host`'s (a
    /// name or an address).
    TlsSession(TlsTrust const& trust, std::string const& host);
    ~TlsSession();
    TlsSession(TlsSession const&) = delete;
    TlsSession& operator=(TlsSession const&) = delete;

    /// What came from the server. bad_gateway "tls_certificate" for one that does not convince,
    /// "tls_failed" for everything else: a byte was altered, left out or doubled.
    [[nodiscard]] base::Result<void> receive(std::string_view bytes);
    /// Encrypts. Only once the session `is_open`.
    [[nodiscard]] base::Result<void> write(std::string_view plaintext);
    [[nodiscard]] std::string take_output();     ///< for the server
    [[nodiscard]] std::string take_plaintext();  ///< what the server said

    /// The server is known to be who it should, and bytes may be written.
    [[nodiscard]] bool is_open() const;
    /// The server has said that nothing follows. Without it an end may be somebody's cut.
    [[nodiscard]] bool is_closed() const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace obscura::net
