#pragma once

#include "attest/sealing_statement.hpp"
#include "citadel/call_log.hpp"
#include "citadel/sealing_keys.hpp"
#include "net/router.hpp"

#include <map>
#include <string>
#include <vector>

namespace obscura::citadel {

/// What auditors say of the keys that credentials are sealed to, kept for as long as the key and
/// shown beside it. citadel gains no trust by them and gives none: owners check them against the
/// auditors that they have pinned. So nobody needs a key of ours to bring one; what is not signed
/// by an auditor of the configuration, or is of no key of here, is not kept. Event-loop thread.
class StatementRoutes {
public:
    /// `auditors` are public keys in hex; the others must outlive this.
    StatementRoutes(std::vector<std::string> auditors, SealingKeys& keys, CallLog& log);

    /// `POST /sealing-key/statements`
    void add_to(net::Router& router);
    /// Puts what was said of `key` beside it.
    void show_beside(ports::SealingKey& key);

private:
    using Answer = base::Result<net::Response>;
    [[nodiscard]] net::Task<Answer> take(net::Request& request);
    [[nodiscard]] base::Result<attest::SignedStatement> read(net::Request const& request);
    /// Those of keys that are over.
    void forget();

    std::vector<std::string> auditors_;
    SealingKeys& keys_;
    CallLog& log_;
    /// By key id, then by auditor: the newest of each.
    std::map<std::string, std::map<std::string, base::Json>> statements_;
};

}  // namespace obscura::citadel
