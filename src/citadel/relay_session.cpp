#include "citadel/relay_session.hpp"

#include "base/json.hpp"
#include "base/secret.hpp"
#include "citadel/call_log.hpp"
#include "citadel/secret_echo.hpp"

#include <algorithm>
#include <utility>

namespace obscura::citadel {
namespace {

base::Error error_of(base::Errc code, std::string reason, std::string detail) {
    return {.code = code, .reason = std::move(reason), .detail = std::move(detail)};
}

base::Error not_of_this_relay() {
    return error_of(base::Errc::invalid_argument, "wrong_relay",
                    "The item is for another venue, environment or market than this relay.");
}

void add_signature_of_form(std::string_view form, std::vector<std::string>& out) {
    auto const parameters = net::parse_form(form);
    if (!parameters) return;
    for (auto const& [name, value] : *parameters)
        if (name == "signature" || name == "Signature") out.push_back(value);
}

/// Hyperliquid's has two numbers.
void add_signature_of_json(std::string_view body, std::vector<std::string>& out) {
    auto const json = base::parse_json(body);
    if (!json || !json->is_object()) return;
    auto const& signature = (*json)["signature"];
    if (auto const text = signature.to_text()) out.emplace_back(*text);
    if (!signature.is_object()) return;
    for (auto const& [name, value] : signature.as_object())
        if (auto const text = value.to_text()) out.emplace_back(*text);
}

/// What signs a request, wherever it is in it: as good as the request, whose other parts the caller
/// knows.
std::vector<std::string> signatures_of(ports::SignedRequest const& request) {
    std::vector<std::string> out;
    for (auto const& [name, value] : request.headers)
        if (name.ends_with("SIGN") || name.ends_with("Signature")) out.push_back(value);
    auto const question = request.url.find('?');
    if (question != std::string::npos)
        add_signature_of_form(std::string_view(request.url).substr(question + 1), out);
    if (request.body.starts_with('{'))
        add_signature_of_json(request.body, out);
    else
        add_signature_of_form(request.body, out);
    return out;
}

/// The request's bytes on the connection; nullopt when it goes anywhere else.
std::optional<std::string> text_of(ports::SignedRequest& request, net::Url const& origin) {
    auto const url = net::parse_url(request.url);
    if (!url || url->origin() != origin.origin()) return std::nullopt;
    net::Request out{.method = request.method, .target = url->target};
    for (auto const& [name, value] : request.headers) out.headers.add(name, value);
    out.body = request.body;
    auto text = net::request_text(out, origin);
    for (auto& [name, value] : request.headers) base::cleanse(value);
    return text;
}

}  // namespace

RelaySession::RelaySession(RelayPlace place, net::TlsTrust const& trust, RelaySigner& signer,
                           base::Clock const& clock, RelayLimits const& limits)
    : place_(std::move(place)),
      signer_(signer),
      clock_(clock),
      limits_(limits),
      tls_(trust, place_.origin.host),
      deadline_(clock.steady() + limits.handshake) {}

void RelaySession::on_frame(std::string_view text, std::chrono::milliseconds default_validity) {
    if (is_over_) return;
    std::string id;
    auto frame = text.size() <= limits_.max_frame_bytes
                     ? relay_frame(text, clock_.now() + default_validity, id)
                     : base::Result<RelayFrame>(std::unexpected(error_of(
                           base::Errc::payload_too_large, "bad_frame", "The frame is too long.")));
    // Two answers under one id could not be told apart.
    if (!frame && (id.empty() || open_ids_.contains(id))) return fail(frame.error());
    if (!frame) return refuse(id, "", RelayOutcome::refused, frame.error());
    if (std::holds_alternative<VenueClosed>(*frame)) return on_venue_closed();
    accept(std::move(std::get<ports::SignItem>(*frame)));
}

void RelaySession::accept(ports::SignItem item) {
    if (open_ids_.contains(item.id))
        return fail(error_of(base::Errc::invalid_argument, "bad_frame",
                             "Another item under way has this id."));
    bool const is_ours = item.venue == place_.venue && item.environment == place_.environment &&
                         item.market == place_.market;
    if (!is_ours) return refuse(item.id, item.context, RelayOutcome::refused, not_of_this_relay());
    if (waiting_.size() >= limits_.max_waiting)
        return refuse(item.id, item.context, RelayOutcome::not_sent,
                      error_of(base::Errc::unavailable, "relay_busy",
                               "Too many items wait for this relay already."));
    open_ids_.insert(item.id);
    // What closes waits for nothing that opens.
    auto place = waiting_.end();
    if (is_exit(item))
        place =
            std::ranges::find_if(waiting_, [](Waiting const& one) { return !is_exit(one.item); });
    waiting_.insert(place, {std::move(item), clock_.now()});
    start_next();
}

void RelaySession::start_next() {
    while (!is_over_ && tls_.is_open() && !in_flight_ && !waiting_.empty()) {
        auto next = std::move(waiting_.front());
        waiting_.pop_front();
        if (!start(std::move(next))) return;
    }
}

/// False when the session is over.
bool RelaySession::start(Waiting waiting) {
    auto& item = waiting.item;
    auto const now = clock_.now();
    // The caller has read the venue's clock when it sent the item; it has gone on since.
    if (item.venue_now) *item.venue_now += std::max(now - waiting.received_at, {});
    auto request = signer_.sign(item);
    if (!request) {
        report(item.id, RelayOutcome::refused, request.error());
        return true;
    }
    auto signatures = signatures_of(*request);
    auto text = text_of(*request, place_.origin);
    if (!text) {
        report(item.id, RelayOutcome::refused,
               error_of(base::Errc::invalid_argument, "not_relayed",
                        "This goes over another connection than the relay's."));
        return true;
    }
    auto const valid = item.not_after - item.venue_now.value_or(now);
    deadline_ = clock_.steady() + valid + limits_.answer_grace;
    in_flight_.emplace(std::move(item), std::move(signatures),
                       net::ResponseReader(limits_.response));
    auto const written = tls_.write(*text);
    base::cleanse(*text);
    if (written) return true;
    fail(written.error());
    return false;
}

void RelaySession::on_venue_bytes(std::string_view bytes) {
    if (is_over_) return;
    bool const was_open = tls_.is_open();
    auto const good = tls_.receive(bytes);
    auto text = tls_.take_plaintext();
    // What the venue said before something went wrong it has said.
    if (!text.empty()) on_plaintext(text);
    base::cleanse(text);
    if (is_over_) return;
    if (!good) return fail(good.error());
    if (tls_.is_closed()) return on_venue_closed();
    if (!was_open && tls_.is_open() && !in_flight_) deadline_.reset();
    start_next();
}

void RelaySession::on_plaintext(std::string const& text) {
    if (!in_flight_)
        return fail(error_of(base::Errc::bad_gateway, "bad_response",
                             "The venue said something that nobody asked for."));
    auto const whole = in_flight_->reader.receive(text);
    if (!whole) return fail(whole.error());
    if (*whole) finish_exchange();
}

void RelaySession::on_venue_closed() {
    // Without the venue's own word, and inside TLS, a body may have been cut off by the carrier.
    if (in_flight_ && tls_.is_closed()) {
        if (auto const whole = in_flight_->reader.end(); whole && *whole) finish_exchange();
    }
    if (!is_over_)
        fail(error_of(base::Errc::unavailable, "venue_closed",
                      "The connection to the venue has ended."));
}

void RelaySession::finish_exchange() {
    auto response = in_flight_->reader.take();
    bool const is_last = response.close;
    answer(std::move(response));
    open_ids_.erase(in_flight_->item.id);
    in_flight_.reset();
    deadline_.reset();
    if (is_last)
        return fail(error_of(base::Errc::unavailable, "venue_closed",
                             "The venue takes no more requests on this connection."));
    start_next();
}

void RelaySession::answer(net::Response response) {
    auto const& item = in_flight_->item;
    response.headers = relayed_headers(response.headers);
    auto scanned = response.body;
    for (auto const& [name, value] : response.headers) scanned += "\n" + value;
    std::vector<std::string_view> const signatures(in_flight_->signatures.begin(),
                                                   in_flight_->signatures.end());
    bool const tells = tells_any(scanned, signatures) || signer_.tells_secret(item, scanned);
    base::cleanse(scanned);
    if (!tells) {
        to_caller_.push_back(relay_answer(item.id, response));
        return;
    }
    base::cleanse(response.body);
    report(item.id, RelayOutcome::unknown,
           error_of(base::Errc::bad_gateway, "secret_echoed",
                    "The venue's answer has a secret of the account in it and is not passed on."));
}

void RelaySession::on_time() {
    if (is_over_ || !deadline_ || clock_.steady() < *deadline_) return;
    fail(error_of(base::Errc::upstream_timeout, "venue_timeout",
                  in_flight_ ? "The venue did not answer in time."
                             : "The venue did not finish the TLS handshake in time."));
}

void RelaySession::end() {
    if (!is_over_)
        fail(error_of(base::Errc::unavailable, "relay_closed", "The relay has been closed."));
}

void RelaySession::refuse(std::string const& id, std::string_view context, RelayOutcome outcome,
                          base::Error const& error) {
    signer_.refused(context, error.reason);
    report(id, outcome, error);
}

void RelaySession::report(std::string const& id, RelayOutcome outcome, base::Error const& error) {
    to_caller_.push_back(relay_failure(id, outcome, error));
    open_ids_.erase(id);
}

void RelaySession::fail(base::Error const& error) {
    is_over_ = true;
    deadline_.reset();
    if (in_flight_) {
        auto const id = in_flight_->item.id;
        in_flight_.reset();
        report(id, RelayOutcome::unknown, error);
    }
    for (auto const& left : std::exchange(waiting_, {}))
        report(left.item.id, RelayOutcome::not_sent, error);
    to_caller_.push_back(relay_failure("", RelayOutcome::not_sent, error));
}

RelaySession::Output RelaySession::take() {
    return {.to_venue = tls_.take_output(), .to_caller = std::exchange(to_caller_, {})};
}

}  // namespace obscura::citadel
