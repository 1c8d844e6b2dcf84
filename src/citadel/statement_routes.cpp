#include "citadel/statement_routes.hpp"

#include <algorithm>
#include <stdexcept>

namespace obscura::citadel {
namespace {

using base::Errc;

constexpr std::size_t statement_body = 4096;
constexpr std::string_view operation = "sealing_statement";

}  // namespace

StatementRoutes::StatementRoutes(std::vector<std::string> auditors, SealingKeys& keys, CallLog& log)
    : auditors_(std::move(auditors)), keys_(keys), log_(log) {
    if (auditors_.size() > ports::SealingKey::Evidence::max_statements)
        throw std::invalid_argument("attestation.auditors: at most four");
}

void StatementRoutes::add_to(net::Router& router) {
    router.add({.method = "POST",
                .pattern = "/sealing-key/statements",
                .body_limit = statement_body,
                .handler = [this](net::Request& request) { return take(request); }});
}

net::Task<StatementRoutes::Answer> StatementRoutes::take(net::Request& request) {
    auto const statement = read(request);
    if (!statement) {
        log_.add_refused("", operation, statement.error().reason);
        co_return std::unexpected(statement.error());
    }
    CallNote note;
    note.did("statement");
    log_.add("auditor", operation, note);
    forget();
    auto const& said = statement->statement;
    statements_[said.key_id()][said.auditor] = to_json(*statement);
    co_return net::json_response(201, base::Json::object({{"key_id", said.key_id()}}));
}

base::Result<attest::SignedStatement> StatementRoutes::read(net::Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto statement = attest::signed_statement_from_json(*body);
    if (!statement) return statement;
    auto const& said = statement->statement;
    // Cheap questions first: anybody may ask.
    if (std::ranges::find(auditors_, said.auditor) == auditors_.end())
        return base::fail(Errc::forbidden, "auditor_unknown",
                          "This auditor is not among citadel's attestation.auditors.");
    auto const* key = keys_.shown(said.key_id());
    if (key == nullptr)
        return base::fail(Errc::not_found, "sealing_key_unknown",
                          "There is no such sealing key (any more).");
    if (base::to_unix_ms(said.expires_at) != base::to_unix_ms(key->expires_at))
        return base::fail(Errc::invalid_argument, "statement_expiry",
                          "The key has another end than the statement says.");
    if (!is_signed(*statement))
        return base::fail(Errc::forbidden, "statement_signature",
                          "The statement is not signed by its auditor.");
    return statement;
}

void StatementRoutes::forget() {
    std::erase_if(statements_, [&](auto const& of_key) { return !keys_.shown(of_key.first); });
}

void StatementRoutes::show_beside(ports::SealingKey& key) {
    forget();
    auto const found = statements_.find(key.id);
    if (found == statements_.end()) return;
    for (auto const& [auditor, statement] : found->second)
        key.evidence.statements.push_back(statement);
}

}  // namespace obscura::citadel
