#include "citadel/service.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Result;
using net::Request;
using net::Response;
using net::Task;

std::string_view name_of(CallerName name) {
    return caller_names[static_cast<std::size_t>(name)].name;
}

std::string_view audit_name(Admission admission) {
    return admission == Admission::all ? "ok" : admission == Admission::exits ? "failing" : "full";
}

/// "/encrypt-bulk" as the log and the metrics call it.
std::string operation_of(std::string_view pattern) {
    std::string out(pattern.substr(1));
    std::ranges::replace(out, '-', '_');
    return out;
}

/// Beside the audit log; in memory where there is none.
NotionalBook::Options book_options(Config const& config) {
    if (config.audit.folder.empty()) return {};
    return {.folder = config.audit.folder + "/days",
            .lost_day = config.accept_lost_day,
            .key_file = config.audit.folder + "/audit.key"};
}

}  // namespace

Service::Service(Config config, base::Clock const& clock, base::Random& random,
                 base::Metrics& metrics, ports::PriceSource* prices,
                 attest::EvidenceSource* evidence, HostedVenues* hosted)
    : metrics_(metrics),
      callers_(config.caller_keys, config.decrypt_callers),
      keyring_(master_keys(config), random,
               {.min_decrypt_version = config.min_decrypt_version,
                .min_encrypt_version = config.min_encrypt_version}),
      sealing_keys_(clock, random, {.lifetime = config.sealing_key_lifetime}),
      seal_opener_(keyring_, sealing_keys_),
      call_log_(config.audit, keyring_, clock, random),
      notionals_(book_options(config), call_log_, keyring_, clock, random),
      gate_(config.rates, clock, random, metrics),
      held_keys_(callers_, gate_, call_log_, keyring_, std::move(config.chain), clock, random,
                 metrics),
      attestation_(evidence != nullptr ? *evidence : software_,
                   evidence_material(config.evidence, config.tls), sealing_keys_, clock,
                   [this](Request const& request, std::string_view operation) {
                       note_question(request, operation, {});
                   }),
      statements_(config.evidence.auditors, sealing_keys_, call_log_),
      venues_(std::move(config.venues)),
      version_(std::move(config.version)),
      signer_(keyring_, notionals_, venues_, clock, random, prices, std::move(config.relay_only),
              hosted),
      sign_routes_(signer_, gate_, call_log_, callers_, clock, metrics, config.default_validity),
      relay_routes_(signer_, gate_, call_log_, callers_, venues_, clock, metrics,
                    config.relay_ca_file, config.default_validity),
      texts_(callers_, gate_, call_log_, keyring_, seal_opener_, clock, metrics),
      arena_used_(metrics.gauge("obscura_citadel_arena_bytes",
                                "Of the locked memory for secrets, in use.")),
      arena_exhausted_(metrics.gauge("obscura_citadel_arena_exhausted_total",
                                     "Secrets that found no place in it.")) {}

net::Router Service::router() {
    net::Router out;
    out.set_guard(
        [this](net::Route const& route, Request& request) { return guard(route, request); });
    texts_.add_to(out);
    sign_routes_.add_to(out, static_cast<int>(Access::sign));
    relay_routes_.add_to(out, static_cast<int>(Access::sign));
    held_keys_.add_to(out);
    out.add({.method = "GET",
             .pattern = "/sealing-key",
             .access = static_cast<int>(Access::open_seals),
             .handler = [this](Request& request) { return sealing_key(request); }});
    attestation_.add_to(out);
    statements_.add_to(out);
    out.add({.method = "GET", .pattern = "/audit-head", .handler = [this](Request& request) {
                 return audit_head(request);
             }});
    out.add({.method = "GET", .pattern = "/health", .handler = [this](Request& request) {
                 return health(request);
             }});
    out.add({.method = "GET", .pattern = "/metrics", .handler = [this](Request& request) {
                 return expose_metrics(request);
             }});
    return out;
}

void Service::note_call(std::string_view caller, std::string_view operation, CallNote const& note) {
    if (caller.empty()) return call_log_.add_refused(caller, operation, "unauthenticated");
    call_log_.add(caller, operation, note);
}

Result<Caller const*> Service::caller_of(Request const& request) const {
    return callers_.identify(request);
}

Task<Result<void>> Service::guard(net::Route const& route, Request& request) {
    auto const access = static_cast<Access>(route.access);
    if (access == Access::open) co_return Result<void>();
    auto const caller = caller_of(request);
    auto allowed =
        caller ? check_access(**caller, access) : Result<void>(std::unexpected(caller.error()));
    if (!allowed)
        call_log_.add_refused(caller ? name_of((*caller)->name) : std::string_view(),
                              operation_of(route.pattern), allowed.error().reason);
    co_return allowed;
}

Task<Service::Answer> Service::sealing_key(Request& request) {
    CallNote note;
    note.did("key");
    note_question(request, "sealing_key", std::move(note));
    auto key = co_await attestation_.sealing_key();
    if (!key) co_return std::unexpected(key.error());
    statements_.show_beside(*key);
    co_return net::json_response(200, to_json(*key));
}

void Service::note_question(Request const& request, std::string_view operation, CallNote note) {
    if (auto const caller = caller_of(request))
        call_log_.add(name_of((*caller)->name), operation, note);
}

Task<Service::Answer> Service::audit_head(Request&) {
    auto const head = call_log_.head();
    if (!head) co_return base::fail(base::Errc::not_found, "no_audit_log", "There is no log.");
    co_return net::json_response(200, audit::to_json(*head));
}

Task<Service::Answer> Service::health(Request&) {
    call_log_.settle();
    sealing_keys_.forget_expired();  // somebody asks often: no key outlives its end by long
    auto versions = base::Json::array();
    for (auto const version : keyring_.versions()) versions.push_back(version);
    auto const body = base::Json::object({{"status", "ok"},
                                          {"service", "citadel"},
                                          {"version", version_},
                                          {"tee", attestation_.tee()},
                                          {"attested", attestation_.claims_hardware()},
                                          {"audit", audit_name(call_log_.admission())},
                                          {"algorithm", "AES-256-GCM"},
                                          {"key_versions", std::move(versions)},
                                          {"current_key_version", keyring_.current_version()}});
    co_return net::json_response(200, body);
}

Task<Service::Answer> Service::expose_metrics(Request&) {
    if (auto const* const arena = base::arena_of_secrets()) {
        arena_used_.set(static_cast<double>(arena->used()));
        arena_exhausted_.set(static_cast<double>(arena->exhausted()));
    }
    co_return net::text_response(200, metrics_.expose(), "text/plain; version=0.0.4");
}

}  // namespace obscura::citadel
