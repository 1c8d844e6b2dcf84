#include "citadel/text_routes.hpp"

#include "citadel/credential_limits.hpp"
#include "citadel/seal_request.hpp"

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

/// A context of held keys reaches this by rewrapping alone (`read_caller_context`).
Sealing sealing_of(std::string_view context) {
    return ports::held_key_purpose(context) ? Sealing::held_key : Sealing::record;
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

TextRoutes::TextRoutes(Callers const& callers, CallGate& gate, CallLog& call_log, Keyring& keyring,
                       SealOpener& seal_opener, base::Clock const& clock, base::Metrics& metrics)
    : callers_(callers),
      gate_(gate),
      call_log_(call_log),
      keyring_(keyring),
      seal_opener_(seal_opener),
      clock_(clock),
      encrypted_(meters_of(metrics, "encrypt")),
      decrypted_(meters_of(metrics, "decrypt")),
      encrypted_bulk_(meters_of(metrics, "encrypt_bulk")),
      decrypted_bulk_(meters_of(metrics, "decrypt_bulk")),
      rewrapped_(meters_of(metrics, "rewrap")),
      rewrapped_bulk_(meters_of(metrics, "rewrap_bulk")),
      opened_(meters_of(metrics, "open_sealed")) {}

TextRoutes::Meters TextRoutes::meters_of(base::Metrics& metrics, std::string const& name) {
    base::Labels const labels{{"route", name}};
    return {.name = name,
            .seconds = metrics.histogram("obscura_citadel_request_seconds",
                                         "Time of a request, without the network.", labels),
            .items = metrics.counter("obscura_citadel_items_total",
                                     "Texts sealed or opened, operations signed.", labels),
            .refused = metrics.counter("obscura_citadel_refused_total",
                                       "Operations refused, and requests refused whole.", labels)};
}

void TextRoutes::add_to(net::Router& router) {
    using enum Access;
    add(router, "/encrypt", encrypt_texts, single_body, &TextRoutes::encrypt, encrypted_);
    add(router, "/decrypt", decrypt_texts, single_body, &TextRoutes::decrypt, decrypted_);
    add(router, "/encrypt-bulk", encrypt_texts, bulk_body, &TextRoutes::encrypt_bulk,
        encrypted_bulk_);
    add(router, "/decrypt-bulk", decrypt_texts, bulk_body, &TextRoutes::decrypt_bulk,
        decrypted_bulk_);
    add(router, "/rewrap", rewrap_texts, single_body, &TextRoutes::rewrap, rewrapped_);
    add(router, "/rewrap-bulk", rewrap_texts, bulk_body, &TextRoutes::rewrap_bulk, rewrapped_bulk_);
    add(router, "/open-sealed", open_seals, single_body, &TextRoutes::open_sealed, opened_);
}

void TextRoutes::add(net::Router& router, std::string const& name, Access access,
                     std::size_t body_limit, Action action, Meters& meters) {
    router.add({.method = "POST",
                .pattern = name,
                .access = static_cast<int>(access),
                .body_limit = body_limit,
                .handler = [this, access, action, &meters](Request& request) {
                    return run(access, action, meters, request);
                }});
}

Task<TextRoutes::Answer> TextRoutes::run(Access access, Action action, Meters& meters,
                                         Request& request) {
    auto const started = clock_.steady();
    auto const caller = callers_.identify(request);  // known: the guard let it through
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
        call_log_.add_limited(model::name_of((*caller)->name, caller_names), meters.name,
                              answer.error().reason);
    else if (caller)
        call_log_.add(model::name_of((*caller)->name, caller_names), meters.name, note_);
    // A plaintext leaves once it is on the disk that it was asked for, and by whom.
    if (answer && access == Access::decrypt_texts) {
        if (auto const logged = co_await call_log_.until_durable(); !logged) {
            base::cleanse(answer->body);
            answer = std::unexpected(logged.error());
        }
    }
    meters.seconds.observe(clock_.steady() - started);
    co_return answer;
}

TextRoutes::Answer TextRoutes::encrypt(Caller const& caller, Request const& request) {
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

TextRoutes::Answer TextRoutes::decrypt(Caller const& caller, Request const& request) {
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

TextRoutes::Answer TextRoutes::encrypt_bulk(Caller const& caller, Request const& request) {
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

TextRoutes::Answer TextRoutes::decrypt_bulk(Caller const& caller, Request const& request) {
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

TextRoutes::Answer TextRoutes::rewrap(Caller const& caller, Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = text_in_context(*body, "encrypted_data", ContextUse::rewrap);
    if (!input) return std::unexpected(input.error());
    if (auto const in = gate_.admit(caller, CallKind::rewrap, input->context); !in)
        return std::unexpected(in.error());
    note_.about(input->context);
    auto record = keyring_.record(input->context, sealing_of(input->context));
    auto const renewed = record.rewrap(input->text, input->field);
    if (!renewed) return std::unexpected(renewed.error());
    rewrapped_.items.add();
    note_.did("text");
    return json_text(one_field("encrypted_data", *renewed));
}

TextRoutes::Answer TextRoutes::rewrap_bulk(Caller const& caller, Request const& request) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const input = fields_in_context(*body, ContextUse::rewrap);
    if (!input) return std::unexpected(input.error());
    if (auto const in =
            gate_.admit(caller, CallKind::rewrap, input->context, std::ssize(input->fields));
        !in)
        return std::unexpected(in.error());
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

Result<std::string> TextRoutes::context_of_others(FieldsInContext const& input) {
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

TextRoutes::Answer TextRoutes::open_sealed(Caller const& caller, Request const& request) {
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

}  // namespace obscura::citadel
