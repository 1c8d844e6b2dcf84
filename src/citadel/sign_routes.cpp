#include "citadel/sign_routes.hpp"

#include "base/failpoint.hpp"
#include "base/secret.hpp"
#include "citadel/sign_batch.hpp"

#include <algorithm>
#include <exception>

namespace obscura::citadel {
namespace {

using base::Result;
using net::Request;

constexpr std::size_t bulk_body = 4 << 20;
constexpr std::string_view operation = "sign";

base::Labels labels() { return {{"route", std::string(operation)}}; }

}  // namespace

SignRoutes::SignRoutes(OperationSigner& signer, CallGate& gate, CallLog& call_log,
                       Callers const& callers, base::Clock const& clock, base::Metrics& metrics,
                       std::chrono::milliseconds default_validity)
    : signer_(signer),
      gate_(gate),
      call_log_(call_log),
      callers_(callers),
      clock_(clock),
      default_validity_(default_validity),
      seconds_(metrics.histogram("obscura_citadel_request_seconds",
                                 "Time of a request, without the network.", labels())),
      items_(metrics.counter("obscura_citadel_items_total",
                             "Texts sealed or opened, operations signed.", labels())),
      refused_(metrics.counter("obscura_citadel_refused_total",
                               "Operations refused, and requests refused whole.", labels())) {}

void SignRoutes::add_to(net::Router& router, int access) {
    router.add({.method = "POST",
                .pattern = "/sign",
                .access = access,
                .body_limit = bulk_body,
                .handler = [this](Request& request) { return run(request); }});
}

net::Task<SignRoutes::Answer> SignRoutes::run(Request& request) {
    auto const started = clock_.steady();
    auto const caller = callers_.identify(request);
    if (!caller) co_return std::unexpected(caller.error());  // the guard has let it through
    CallNote note;
    // While the log cannot be written exits go on: that is decided item by item.
    Answer answer = std::unexpected(CallLog::unavailable());
    // Who waits for a host or a disk may be cut off: what was signed until then is told all the
    // same.
    std::exception_ptr cut_off;
    try {
        if (call_log_.admission() != Admission::nothing)
            answer = co_await sign(**caller, request, note);
    } catch (...) {
        cut_off = std::current_exception();
        answer = base::fail(base::Errc::internal, "cut_off", "");
    }
    base::cleanse(request.body);
    if (!answer) {
        refused_.add();
        note.refused(answer.error().reason);
    }
    call_log_.add(model::name_of((*caller)->name, caller_names), operation, note);
    seconds_.observe(clock_.steady() - started);
    if (cut_off) std::rethrow_exception(cut_off);
    co_return answer;
}

net::Task<SignRoutes::Answer> SignRoutes::sign(Caller const& caller, Request const& request,
                                               CallNote& note) {
    auto const body = net::json_body(request);
    if (!body) co_return std::unexpected(body.error());
    auto const batch = batch_from_json(*body, clock_.now() + default_validity_);
    if (!batch) co_return std::unexpected(batch.error());
    auto const until = clock_.steady() + longest_wait;
    std::vector<Made> made;
    made.reserve(batch->size());
    for (auto const& [id, item] : *batch) {
        if (!item)
            made.emplace_back(std::unexpected(item.error()));
        else if (auto const in = admit(caller, *item, note); !in)
            made.emplace_back(std::unexpected(in.error()));
        else if (signer_.is_hosted(item->venue))
            made.push_back(co_await sign_hosted(caller, *item, until));
        else
            made.push_back(signer_.sign(caller, *item));
        // Now: whoever is cut off, or not handed out what is not counted, had it signed all the
        // same.
        if (made.back()) note.did(model::kind_of(item->operation));
    }
    co_await settle(made);
    BatchAnswer answer(batch->size());
    std::size_t good = 0;
    for (std::size_t i = 0; i < made.size(); ++i) {
        auto const& id = (*batch)[i].id;
        if (made[i]) {
            ++good;
            answer.add(id, made[i]->request);
        } else {
            note.refused(made[i].error().reason);
            answer.add(id, made[i].error());
        }
    }
    items_.add(static_cast<double>(good));
    refused_.add(static_cast<double>(made.size() - good));
    base::failpoint("citadel.before_answer");
    co_return net::Response{.headers = {{"Content-Type", "application/json"}},
                            .body = answer.finish()};
}

base::Result<void> SignRoutes::admit(Caller const& caller, ports::SignItem const& item,
                                     CallNote& note) {
    note.about(item.context);
    if (call_log_.admission() != Admission::all && !is_exit(item))
        return std::unexpected(CallLog::unavailable());
    return gate_.admit(caller, kind_of(item), item.context);
}

net::Task<SignRoutes::Made> SignRoutes::sign_hosted(Caller const& caller,
                                                    ports::SignItem const& item,
                                                    base::Instant until) {
    using std::chrono::milliseconds;
    auto const left = std::chrono::duration_cast<milliseconds>(until - clock_.steady());
    auto made = co_await signer_.sign_hosted(caller, item, left);
    co_return made;
}

net::Task<void> SignRoutes::settle(std::vector<Made>& made) {
    NotionalBook::Ticket last = 0;
    for (auto const& one : made)
        if (one) last = std::max(last, one->counted);
    if (last == 0) co_return;
    auto const counted = co_await signer_.until_counted(last);
    if (counted) co_return;
    for (auto& one : made)
        if (one && !signer_.is_counted(one->counted)) one = std::unexpected(counted.error());
}

}  // namespace obscura::citadel
