#include "citadel/held_key_routes.hpp"

#include "citadel/statement_batch.hpp"

namespace obscura::citadel {
namespace {

using base::Json;
using base::Result;
using net::Request;

constexpr std::size_t bulk_body = 4 << 20;

std::string_view name_of(Caller const& caller) { return model::name_of(caller.name, caller_names); }

std::unexpected<base::Error> purpose_not_allowed() {
    return base::fail(base::Errc::forbidden, "purpose_not_allowed",
                      "This caller holds no keys of this purpose.");
}

}  // namespace

HeldKeyRoutes::HeldKeyRoutes(Callers const& callers, CallGate& gate, CallLog& log, Keyring& keyring,
                             ChainRules rules, base::Clock const& clock, base::Random& random,
                             base::Metrics& metrics)
    : callers_(callers),
      gate_(gate),
      log_(log),
      keys_(keyring, random),
      signer_(keys_, std::move(rules), clock),
      clock_(clock),
      made_(meters_of(metrics, "keys")),
      signed_(meters_of(metrics, "sign_statement")) {}

HeldKeyRoutes::Meters HeldKeyRoutes::meters_of(base::Metrics& metrics, std::string const& name) {
    base::Labels const labels{{"route", name}};
    return {.seconds = metrics.histogram("obscura_citadel_request_seconds",
                                         "Time of a request, without the network.", labels),
            .items = metrics.counter("obscura_citadel_items_total",
                                     "Texts sealed or opened, operations signed.", labels),
            .refused = metrics.counter("obscura_citadel_refused_total",
                                       "Operations refused, and requests refused whole.", labels)};
}

void HeldKeyRoutes::add_to(net::Router& router) {
    router.add({.method = "POST", .pattern = "/keys", .handler = [this](Request& request) {
                    return run("keys", &HeldKeyRoutes::make_key, made_, request);
                }});
    router.add({.method = "POST",
                .pattern = "/sign-statement",
                .body_limit = bulk_body,
                .handler = [this](Request& request) {
                    return run("sign_statement", &HeldKeyRoutes::sign_statements, signed_, request);
                }});
}

Result<Caller const*> HeldKeyRoutes::caller_of(Request const& request, std::string_view operation) {
    auto caller = callers_.identify(request);
    if (!caller) {
        log_.add_refused("", operation, caller.error().reason);
        return caller;
    }
    if (!(*caller)->may_hold.empty()) return caller;
    log_.add_refused(name_of(**caller), operation, "forbidden");
    return base::fail(base::Errc::forbidden, "forbidden", "This caller may not do that.");
}

net::Task<HeldKeyRoutes::Answer> HeldKeyRoutes::run(std::string_view operation, Action action,
                                                    Meters& meters, Request& request) {
    auto const started = clock_.steady();
    auto const caller = caller_of(request, operation);
    if (!caller) co_return std::unexpected(caller.error());
    CallNote note;
    // Nothing here lessens a risk at a venue: it can wait for the log.
    Answer answer = log_.admission() == Admission::all
                        ? (this->*action)(**caller, request, note)
                        : Answer(std::unexpected(CallLog::unavailable()));
    if (!answer) {
        meters.refused.add();
        note.refused(answer.error().reason);
    }
    log_.add(name_of(**caller), operation, note);
    if (answer)
        if (auto const logged = co_await log_.until_durable(); !logged)
            answer = std::unexpected(logged.error());
    meters.seconds.observe(clock_.steady() - started);
    co_return answer;
}

HeldKeyRoutes::Answer HeldKeyRoutes::make_key(Caller const& caller, Request const& request,
                                              CallNote& note) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const purpose = key_request_from_json(*body);
    if (!purpose) return std::unexpected(purpose.error());
    if (!caller.may_hold_key(*purpose)) return purpose_not_allowed();
    if (auto const in = gate_.admit(caller, CallKind::statement, ""); !in)
        return std::unexpected(in.error());
    auto const key = keys_.make(*purpose);
    made_.items.add();
    note.did(model::name_of(*purpose, ports::key_purpose_names));
    note.with_key(key.id);
    return net::json_response(201, to_json(key));
}

HeldKeyRoutes::Answer HeldKeyRoutes::sign_statements(Caller const& caller, Request const& request,
                                                     CallNote& note) {
    auto const body = net::json_body(request);
    if (!body) return std::unexpected(body.error());
    auto const batch = statements_from_json(*body);
    if (!batch) return std::unexpected(batch.error());
    HeldKeySigner::Opened opened;
    auto items = Json::array();
    for (auto const& [id, item] : *batch) {
        auto const in = gate_.admit(caller, CallKind::statement, "");
        auto const made = !item ? Result<ports::StatementSignature>(std::unexpected(item.error()))
                          : !in ? Result<ports::StatementSignature>(std::unexpected(in.error()))
                                : signer_.sign(caller, *item, opened);
        items.push_back(to_json(id, made));
        if (made) {
            note.did(model::name_of(item->purpose, ports::key_purpose_names));
            note.with_key(made->key_id);
        } else {
            note.refused(made.error().reason);
        }
        (made ? signed_.items : signed_.refused).add();
    }
    return net::json_response(200, Json::object({{"items", std::move(items)}}));
}

}  // namespace obscura::citadel
