#pragma once

#include "base/secret.hpp"
#include "net/client.hpp"
#include "ports/held_key.hpp"
#include "ports/key_vault.hpp"
#include "ports/signer.hpp"

#include <chrono>
#include <string>

namespace obscura::peers {

struct CitadelClientConfig {
    std::string url = "http://127.0.0.1:8004";
    std::chrono::milliseconds deadline{5'000};  ///< of one call
};

/// citadel over HTTP. Errors of a call: unavailable when citadel is out of reach, slow or busy;
/// bad_gateway when its answer makes no sense; internal when it does not know our key;
/// invalid_argument as citadel gave it. Nothing is sent twice. Event-loop thread.
class CitadelClient final : public ports::Signer,
                            public ports::KeyVault,
                            public ports::StatementSigner {
public:
    /// `http` must allow the origin of `config.url` and outlive this. `key` is this service's own
    /// X-Internal-API-Key. std::invalid_argument when the URL is none.
    CitadelClient(net::HttpClient& http, CitadelClientConfig const& config,
                  base::Secret const& key);

    /// Any number of items: they go in calls of `max_sign_batch`, one after the other. One failed
    /// call fails all, which loses nothing: what was signed simply expires.
    [[nodiscard]] base::Task<base::Result<std::vector<base::Result<ports::SignedRequest>>>> sign(
        std::vector<ports::SignItem> items) override;
    [[nodiscard]] base::Task<base::Result<std::map<std::string, std::string>>> encrypt_fields(
        std::string context, std::map<std::string, base::Secret> fields) override;

    [[nodiscard]] base::Task<base::Result<ports::SealingKey>> sealing_key() override;
    [[nodiscard]] base::Task<base::Result<ports::SealedCredentials>> open_sealed(
        ports::ConnectionRecord connection, ports::SealedCredential sealed) override;

    [[nodiscard]] base::Task<base::Result<ports::HeldKey>> make_key(
        ports::KeyPurpose purpose) override;
    [[nodiscard]] base::Task<base::Result<std::vector<base::Result<ports::StatementSignature>>>>
    sign_statements(std::vector<ports::StatementItem> items) override;

    /// The same secrets under the newest master key. Ciphertexts in, ciphertexts out.
    [[nodiscard]] base::Task<base::Result<std::map<std::string, std::string>>> rewrap_fields(
        std::string context, std::map<std::string, std::string> fields);
    [[nodiscard]] base::Task<base::Result<int>> current_key_version();

private:
    [[nodiscard]] base::Task<base::Result<base::Json>> send(net::Request request);
    [[nodiscard]] base::Task<base::Result<base::Json>> get(std::string path);
    [[nodiscard]] base::Task<base::Result<base::Json>> post(std::string path, std::string body);

    net::HttpClient& http_;
    std::string origin_;
    std::chrono::milliseconds deadline_;
    base::Secret key_;
};

}  // namespace obscura::peers
