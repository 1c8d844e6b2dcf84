#include "citadel/service.hpp"

#include "citadel/credential_limits.hpp"
#include "citadel/seal_request.hpp"
#include "citadel/secret_json.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using base::Result;
using net::Request;
using net::Response;
using net::Task;

constexpr std::size_t single_body = 1 << 20;
constexpr std::size_t bulk_body = 4 << 20;

Response json_text(std::string body) {
    return Response{.headers = {{"Content-Type", "application/json"}}, .body = std::move(body)};
}

/// `{"<field>":"<text>"}`, built without copies that nobody wipes.
std::string one_field(std::string_view field, std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8 + field.size() + 16);
    out += '{';
    base::append_json_string(out, field);
    out += ':';
    base::append_json_string(out, text);
    out += '}';
    return out;
}

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

/// A context of held keys reaches this by rewrapping alone (`read_caller_context`).
Sealing sealing_of(std::string_view context) {
    return ports::held_key_purpose(context) ? Sealing::held_key : Sealing::record;
}

/// Beside the audit log; in memory where there is none.
NotionalBook::Options book_options(Config const& config) {
    if (config.audit.folder.empty()) return {};
    return {.folder = config.audit.folder + "/days",
            .lost_day = config.accept_lost_day,
            .key_file = config.audit.folder + "/audit.key"};
}

/// Whose seals are opened: before there is a connection, a user is who has one made.
std::string user_of(SealRequest const& asked) {
    return asked.connection.tenant.to_string() + "|" + asked.connection.user.to_string();
}

Result<SecretJson> secret_body(Request const& request) {
    auto parsed = net::json_body(request);
    if (!parsed) return std::unexpected(std::move(parsed.error()));
    return SecretJson(std::move(*parsed));
}

}  // namespace

Service::Service(Config config, base::Clock const& clock, base::Random& random,
                 base::Metrics& metrics, ports::PriceSource* prices,
                 attest::EvidenceSource* evidence, HostedVenues* hosted)
    : clock_(clock),
      metrics_(metrics),
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
      encrypted_(meters_of("encrypt")),
      decrypted_(meters_of("decrypt")),
      encrypted_bulk_(meters_of("encrypt_bulk")),
      decrypted_bulk_(meters_of("decrypt_bulk")),
      rewrapped_(meters_of("rewrap")),
      rewrapped_bulk_(meters_of("rewrap_bulk")),
      opened_(meters_of("open_sealed")),
      arena_used_(metrics.gauge("obscura_citadel_arena_bytes",
                                "Of the locked memory for secrets, in use.")),
      arena_exhausted_(metrics.gauge("obscura_citadel_arena_exhausted_total",
                                     "Secrets that found no place in it.")) {}

Service::Meters Service::meters_of(std::string const& name) {
    base::Labels const labels{{"route", name}};
    return {.name = name,
            .seconds = metrics_.histogram("obscura_citadel_request_seconds",
                                          "Time of a request, without the network.", labels),
            .items = metrics_.counter("obscura_citadel_items_total",
                                      "Texts sealed or opened, operations signed.", labels),
            .refused = metrics_.counter("obscura_citadel_refused_total",
                                        "Operations refused, and requests refused whole.", labels)};
}

net::Router Service::router() {
    net::Router out;
    out.set_guard(
        [this](net::Route const& route, Request& request) { return guard(route, request); });
    add(out, "/encrypt", Access::encrypt, single_body, &Service::encrypt, encrypted_);
    add(out, "/decrypt", Access::decrypt, single_body, &Service::decrypt, decrypted_);
    add(out, "/encrypt-bulk", Access::encrypt, bulk_body, &Service::encrypt_bulk, encrypted_bulk_);
    add(out, "/decrypt-bulk", Access::decrypt, bulk_body, &Service::decrypt_bulk, decrypted_bulk_);
    add(out, "/rewrap", Access::rewrap, single_body, &Service::rewrap, rewrapped_);
    add(out, "/rewrap-bulk", Access::rewrap, bulk_body, &Service::rewrap_bulk, rewrapped_bulk_);
    sign_routes_.add_to(out, static_cast<int>(Access::sign));
    relay_routes_.add_to(out, static_cast<int>(Access::sign));
    add(out, "/open-sealed", Access::open_sealed, single_body, &Service::open_sealed, opened_);
    held_keys_.add_to(out);
    out.add({.method = "GET",
             .pattern = "/sealing-key",
             .access = static_cast<int>(Access::open_sealed),
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

void Service::add(net::Router& router, std::string const& name, Access access,
                  std::size_t body_limit, Action action, Meters& meters) {
    router.add({.method = "POST",
                .pattern = name,
                .access = static_cast<int>(access),
                .body_limit = body_limit,
                .handler = [this, access, action, &meters](Request& request) {
                    return run(access, action, meters, request);
                }});
}

Result<Caller const*> Service::caller_of(Request const& request) const {
    return callers_.identify(request);
}

Result<void> Service::may(Caller const& caller, Access access) {
    bool const allowed = access == Access::encrypt       ? caller.may_encrypt
                         : access == Access::decrypt     ? caller.may_decrypt
                         : access == Access::rewrap      ? caller.may_rewrap
                         : access == Access::open_sealed ? caller.may_open_sealed
                                                         : !caller.may_sign.empty();
    if (allowed) return {};
    if (access == Access::decrypt)
        return base::fail(base::Errc::forbidden, "decrypt_disabled",
                          "This caller gets no plaintext here.");
    return base::fail(base::Errc::forbidden, "forbidden", "This caller may not do that.");
}

Task<Result<void>> Service::guard(net::Route const& route, Request& request) {
    auto const access = static_cast<Access>(route.access);
    if (access == Access::open) co_return Result<void>();
    auto const caller = caller_of(request);
    auto allowed = caller ? may(**caller, access) : Result<void>(std::unexpected(caller.error()));
    if (!allowed)
        call_log_.add_refused(caller ? name_of((*caller)->name) : std::string_view(),
                              operation_of(route.pattern), allowed.error().reason);
    co_return allowed;
}

Task<Service::Answer> Service::run(Access access, Action action, Meters& meters, Request& request) {
    auto const started = clock_.steady();
    auto const caller = caller_of(request);  // known: the guard let it through
    note_ = {};
    // Nothing here lessens a risk at a venue: it can wait for the log.
    Answer answer = call_log_.admission() != Admission::all
                        ? Answer(std::unexpected(CallLog::unavailable()))
                    : caller ? (this->*action)(**caller, request)
                             : Answer(std::unexpected(caller.error()));
    base::cleanse(request.body);
    if (!answer) {
        meters.refused.add();
        note_.refused(answer.error().reason);
    }
    if (caller && !answer && answer.error().code == base::Errc::rate_limited)
        call_log_.add_limited(name_of((*caller)->name), meters.name, answer.error().reason);
    else if (caller)
        call_log_.add(name_of((*caller)->name), meters.name, note_);
    // A plaintext leaves once it is on the disk that it was asked for, and by whom.
    if (answer && access == Access::decrypt) {
        if (auto const logged = co_await call_log_.until_durable(); !logged) {
            base::cleanse(answer->body);
            answer = std::unexpected(logged.error());
        }
    }
    meters.seconds.observe(clock_.steady() - started);
    co_return answer;
}

Service::Answer Service::encrypt(Caller const& caller, Request const& request) {
    auto const body = secret_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = text_in_context(body->json(), "plaintext");
    if (!input) return std::unexpected(input.error());
    if (auto const in = gate_.admit(caller, CallKind::encrypt, input->context); !in)
        return std::unexpected(in.error());
    encrypted_.items.add();
    note_.about(input->context);
    note_.did("text");
    auto const sealed = keyring_.record(input->context).encrypt(input->text, input->field);
    return json_text(one_field("encrypted_data", sealed));
}

Service::Answer Service::decrypt(Caller const& caller, Request const& request) {
    auto const body = secret_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = text_in_context(body->json(), "encrypted_data");
    if (!input) return std::unexpected(input.error());
    if (auto const in = gate_.admit(caller, CallKind::decrypt, input->context); !in)
        return std::unexpected(in.error());
    note_.about(input->context);
    auto const plaintext = keyring_.record(input->context).decrypt(input->text, input->field);
    if (!plaintext) return std::unexpected(plaintext.error());
    decrypted_.items.add();
    note_.did("text");
    return json_text(one_field("plaintext", plaintext->reveal()));
}

Service::Answer Service::encrypt_bulk(Caller const& caller, Request const& request) {
    auto const body = secret_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = fields_in_context(body->json());
    if (!input) return std::unexpected(input.error());
    if (auto const in =
            gate_.admit(caller, CallKind::encrypt, input->context, std::ssize(input->fields));
        !in)
        return std::unexpected(in.error());
    std::string out = R"({"encrypted_data":{)";
    out.reserve(request.body.size() * 2 + input->fields.size() * 64);
    auto record = keyring_.record(input->context);
    for (bool first = true; auto const& [name, text] : input->fields) {
        if (!std::exchange(first, false)) out += ',';
        base::append_json_string(out, name);
        out += ':';
        base::append_json_string(out, record.encrypt(text, name));
    }
    out += "}}";
    encrypted_bulk_.items.add(static_cast<double>(input->fields.size()));
    note_.about(input->context);
    note_.did("text", std::ssize(input->fields));
    return json_text(std::move(out));
}

Service::Answer Service::decrypt_bulk(Caller const& caller, Request const& request) {
    auto const body = secret_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = fields_in_context(body->json());
    if (!input) return std::unexpected(input.error());
    if (auto const in =
            gate_.admit(caller, CallKind::decrypt, input->context, std::ssize(input->fields));
        !in)
        return std::unexpected(in.error());
    note_.about(input->context);
    std::string out = R"({"plaintext":{)";
    out.reserve(request.body.size());
    auto record = keyring_.record(input->context);
    for (bool first = true; auto const& [name, sealed] : input->fields) {
        auto const plaintext = record.decrypt(sealed, name);
        if (!plaintext) {
            base::cleanse(out);
            auto error = plaintext.error();
            error.detail = "data." + std::string(name) + ": " + error.detail;
            return std::unexpected(std::move(error));
        }
        if (!std::exchange(first, false)) out += ',';
        base::append_json_string(out, name);
        out += ':';
        base::append_json_string(out, plaintext->reveal());
    }
    out += "}}";
    decrypted_bulk_.items.add(static_cast<double>(input->fields.size()));
    note_.did("text", std::ssize(input->fields));
    return json_text(std::move(out));
}

Service::Answer Service::rewrap(Caller const&, Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = text_in_context(*body, "encrypted_data", ContextUse::rewrap);
    if (!input) return std::unexpected(input.error());
    note_.about(input->context);
    auto record = keyring_.record(input->context, sealing_of(input->context));
    auto const renewed = record.rewrap(input->text, input->field);
    if (!renewed) return std::unexpected(renewed.error());
    rewrapped_.items.add();
    note_.did("text");
    return json_text(one_field("encrypted_data", *renewed));
}

Service::Answer Service::rewrap_bulk(Caller const&, Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = fields_in_context(*body, ContextUse::rewrap);
    if (!input) return std::unexpected(input.error());
    note_.about(input->context);
    auto const context = context_of_others(*input);
    if (!context) return std::unexpected(context.error());
    auto const sealing = sealing_of(input->context);
    auto limits = keyring_.record(input->context, sealing);
    auto others = keyring_.record(*context, sealing);
    auto renewed = base::Json::object();
    for (auto const& [name, sealed] : input->fields) {
        auto text = (name == limits_field ? limits : others).rewrap(sealed, name);
        if (!text) {
            auto error = std::move(text.error());
            error.detail = "data." + std::string(name) + ": " + error.detail;
            return std::unexpected(std::move(error));
        }
        renewed.set(name, std::move(*text));
    }
    rewrapped_bulk_.items.add(static_cast<double>(input->fields.size()));
    note_.did("text", std::ssize(input->fields));
    return net::json_response(200, base::Json::object({{"encrypted_data", std::move(renewed)}}));
}

Result<std::string> Service::context_of_others(FieldsInContext const& input) {
    for (auto const& [name, sealed] : input.fields) {
        if (name != limits_field) continue;
        auto const limits = keyring_.record(input.context).decrypt(sealed, name);
        if (limits) return limited_context(input.context, limits->reveal());
        auto error = limits.error();
        error.detail = "data." + std::string(name) + ": " + error.detail;
        return std::unexpected(std::move(error));
    }
    return input.context;
}

Service::Answer Service::open_sealed(Caller const& caller, Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const asked = seal_request_from_json(*body);
    if (!asked) return std::unexpected(asked.error());
    if (auto const in = gate_.admit(caller, CallKind::open_sealed, user_of(*asked)); !in)
        return std::unexpected(in.error());
    note_.about(asked->connection.tenant, asked->connection.id);
    auto const fields = seal_opener_.open(asked->connection, asked->sealed);
    if (!fields) return std::unexpected(fields.error());
    auto encrypted = base::Json::object();
    for (auto const& [name, text] : *fields) encrypted.set(name, text);
    opened_.items.add();
    note_.did("seal");
    return net::json_response(200, base::Json::object({{"encrypted_data", std::move(encrypted)}}));
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
