#include "citadel/operation_signer.hpp"

#include "base/failpoint.hpp"
#include "citadel/credential_limits.hpp"
#include "net/http.hpp"
#include "ports/key_vault.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

/// What is signed for later than that could be kept, and used when nobody may sign it any more.
constexpr std::chrono::minutes farthest_venue_clock{5};

/// "binance, bybit": for an answer that says what there is.
std::string served_venues() {
    std::string out;
    for (auto const& signer : venue_signers()) {
        if (!out.empty()) out += ", ";
        out += signer.venue;
    }
    return out;
}

/// A context that names its use is taken at its word: the ciphertext opens under no other, so that
/// what was sealed for paper signs for nothing but paper, whoever asks.
base::Result<void> check_scope(ports::SignItem const& item) {
    auto const scope = ports::scope_of_context(item.context);
    if (!scope) return {};
    bool const same_place =
        scope->venue == item.venue && scope->environment == to_string(item.environment);
    if (!same_place)
        return base::fail(base::Errc::invalid_argument, "wrong_context",
                          "The credentials belong to another venue or environment.");
    // Accounts that are connected to lead are only watched.
    if (model::is_trading(item.operation) && scope->purpose != "follow")
        return base::fail(base::Errc::invalid_argument, "wrong_purpose",
                          "The credentials were not given for orders.");
    return {};
}

/// Before anything else, so that a caller without the right learns nothing of a ciphertext.
base::Result<void> check_right(Caller const& caller, ports::SignItem const& item) {
    if (caller.may_sign_operation(item.operation)) return {};
    return base::fail(
        base::Errc::forbidden, "operation_not_allowed",
        "This caller may not have " + std::string(kind_of(item.operation)) + " signed.");
}

std::unexpected<base::Error> nowhere(ports::SignItem const& item) {
    return not_supported("There is no " + std::string(to_string(item.environment)) + " at " +
                         item.venue + ".");
}

}  // namespace

base::Result<base::Secret> OperationSigner::open_field(Keyring::Record& record,
                                                       std::string const& name,
                                                       std::string_view sealed) {
    auto value = record.decrypt(sealed, name);
    if (value) return value;
    auto error = std::move(value.error());
    error.detail = "credentials." + name + ": " + error.detail;
    return std::unexpected(std::move(error));
}

base::Result<std::optional<base::Secret>> OperationSigner::limits_text(
    ports::SignItem const& item) {
    auto const found = item.credentials.find(std::string(limits_field));
    if (found == item.credentials.end()) return std::nullopt;
    auto record = keyring_.record(item.context);
    auto text = open_field(record, found->first, found->second);
    if (!text) return std::unexpected(std::move(text.error()));
    return std::move(*text);
}

base::Result<NotionalBook::Ticket> OperationSigner::check_within(base::Secret const& text,
                                                                 ports::SignItem const& item,
                                                                 Way way) {
    auto const json = base::parse_json(text.reveal());
    auto const limits = json ? ports::limits_from_json(*json, "/credentials/limits")
                             : std::unexpected(json.error());
    if (!limits) return std::unexpected(limits.error());
    if (auto const within = check_limits(*limits, item.operation); !within)
        return std::unexpected(within.error());
    return check_notional(*limits, item, way);
}

bool OperationSigner::may_be_handed_out(ports::SignItem const& item) const {
    if (item.environment != model::Environment::paper) return false;
    auto const addresses = venues_.find(item.venue);
    if (addresses == venues_.end()) return false;
    auto const& there = addresses->second[static_cast<std::size_t>(item.environment)];
    auto const origin = net::parse_url(there.origin_of(item.market));
    return origin && !origin->is_tls();
}

base::Result<NotionalBook::Ticket> OperationSigner::check_notional(
    ports::CredentialLimits const& limits, ports::SignItem const& item, Way way) {
    if (!limits.max_order_notional && !limits.max_daily_notional) return 0;
    auto const* order = opening_order(item.market, item.operation);
    if (order == nullptr) return 0;
    auto const price =
        prices_ == nullptr
            ? std::nullopt
            : prices_->price({item.venue, item.market, item.environment}, order->symbol);
    if (!price)
        return base::fail(base::Errc::unavailable, "limit_price_unknown",
                          "The account has a notional limit, and the venue has told no price yet.");
    if (limits.symbols.empty() && !is_quoted_in_dollars(order->symbol))
        return base::fail(base::Errc::invalid_argument, "limit_quote_asset",
                          "Without a list of symbols the account's notionals are of symbols quoted "
                          "in dollars.");
    // Handed out it could be shown to the venue again and again, and each time be an order.
    if (limits.max_daily_notional && way == Way::handed_out && !may_be_handed_out(item))
        return base::fail(base::Errc::invalid_argument, "relay_required",
                          "What opens under a notional of the day leaves citadel through its relay "
                          "only.");
    return notionals_.admit(item.context, limits, opened_notional(*order, *price));
}

base::Result<OperationSigner::Fields> OperationSigner::open(ports::SignItem const& item, Way way,
                                                            NotionalBook::Ticket& counted) {
    auto const limits = limits_text(item);
    if (!limits) return std::unexpected(limits.error());
    if (!*limits) return open_fields(item, item.context);
    auto const within = check_within(**limits, item, way);
    if (!within) return std::unexpected(within.error());
    counted = *within;
    return open_fields(item, limited_context(item.context, (*limits)->reveal()));
}

base::Result<OperationSigner::Fields> OperationSigner::open_fields(ports::SignItem const& item,
                                                                   std::string const& context) {
    Fields fields;
    auto record = keyring_.record(context);
    for (auto const& [name, sealed] : item.credentials) {
        if (name == limits_field) continue;
        auto value = open_field(record, name, sealed);
        if (!value) return std::unexpected(std::move(value.error()));
        fields.emplace(name, std::move(*value));
    }
    return fields;
}

base::Result<OperationSigner::Place> OperationSigner::place_of(Caller const& caller,
                                                               ports::SignItem const& item) {
    if (auto const may = check_right(caller, item); !may) return std::unexpected(may.error());
    auto const* signer = find_signer(item.venue);
    auto const addresses = venues_.find(item.venue);
    if (signer == nullptr || addresses == venues_.end())
        return not_supported("The venue must be one of " + served_venues() + ".");
    auto const& endpoints = addresses->second[static_cast<std::size_t>(item.environment)];
    if (endpoints.rest.empty()) return nowhere(item);
    if (auto const fits = check_scope(item); !fits) return std::unexpected(fits.error());
    return Place{*signer, endpoints};
}

base::Result<OperationSigner::Signed> OperationSigner::sign(Caller const& caller,
                                                            ports::SignItem const& item) {
    auto const place = place_of(caller, item);
    if (!place) return std::unexpected(place.error());
    // No relay carries a stream: what logs into one is handed out unless it shows a passphrase.
    bool const is_kept = !std::holds_alternative<model::StreamLogin>(item.operation) ||
                         place->signer.relay == RelayReason::passphrase;
    bool const is_live = item.environment == model::Environment::live;
    if (is_live && is_kept && std::ranges::find(relay_only_, item.venue) != relay_only_.end()) {
        return base::fail(
            base::Errc::invalid_argument, "relay_required",
            "A live request to " + item.venue + " leaves citadel through its relay only.");
    }
    return sign_at(*place, item, Way::handed_out);
}

base::Result<OperationSigner::Signed> OperationSigner::sign_for_relay(Caller const& caller,
                                                                      ports::SignItem const& item) {
    auto const place = place_of(caller, item);
    if (!place) return std::unexpected(place.error());
    // It would go out in the open: its socket is not the relay's.
    if (std::holds_alternative<model::StreamLogin>(item.operation))
        return not_supported("Streams are not relayed.");
    return sign_at(*place, item, Way::relayed);
}

bool OperationSigner::tells_secret(ports::SignItem const& item, std::string_view text) {
    auto const* signer = find_signer(item.venue);
    auto const limits = limits_text(item);
    if (signer == nullptr || !limits) return true;
    auto const context =
        *limits ? limited_context(item.context, (*limits)->reveal()) : item.context;
    auto fields = open_fields(item, context);
    if (!fields) return true;
    auto const credentials = ApiCredentials::from_fields(signer->credentials, std::move(*fields));
    return !credentials || credentials->is_told_in(text);
}

base::Result<RequestWindow> OperationSigner::window_of(ports::SignItem const& item,
                                                       std::chrono::seconds longest) const {
    // The venue judges by its clock, and the caller may know that better than we do. Ours only
    // bounds how far ahead of its time a request can be had.
    auto const ours = clock_.now();
    auto const now = item.venue_now.value_or(ours);
    if (std::chrono::abs(now - ours) > farthest_venue_clock)
        return base::fail(base::Errc::invalid_argument, "venue_now_too_far",
                          "venue_now must be within five minutes of citadel's clock.");
    // Switched off, what was signed lives as long as the venue lets it.
    auto const not_after = base::guard("request_expiry") ? item.not_after : now + longest;
    return RequestWindow::until(not_after, now, longest);
}

base::Result<OperationSigner::Signed> OperationSigner::sign_at(Place const& place,
                                                               ports::SignItem const& item,
                                                               Way way) {
    auto const& signer = place.signer;
    auto const window = window_of(item, signer.longest_window);
    if (!window) return std::unexpected(window.error());
    NotionalBook::Ticket counted = 0;
    auto fields = open(item, way, counted);
    if (!fields) return std::unexpected(fields.error());
    auto const credentials = ApiCredentials::from_fields(signer.credentials, std::move(*fields));
    if (!credentials) return std::unexpected(credentials.error());
    // Of our own clock: a caller that misjudges the venue's cannot use up an agent's nonces.
    auto const* agent = credentials->agent_key();
    auto const nonce = agent ? nonces_.next(*agent, clock_.now()) : base::Result<std::uint64_t>(0);
    if (!nonce) return std::unexpected(nonce.error());
    auto request = signer.sign({.endpoints = place.endpoints,
                                .credentials = *credentials,
                                .environment = item.environment,
                                .market = item.market,
                                .operation = item.operation,
                                .window = *window,
                                .nonce = *nonce,
                                .random = random_});
    if (!request) return std::unexpected(std::move(request.error()));
    return Signed{std::move(*request), counted};
}

bool OperationSigner::is_hosted(std::string_view venue) const {
    return hosted_ != nullptr && hosted_->find(venue) != nullptr;
}

base::Result<ports::HostTask> OperationSigner::host_task(Caller const& caller,
                                                         ports::SignItem const& item,
                                                         NotionalBook::Ticket& counted) {
    if (auto const may = check_right(caller, item); !may) return std::unexpected(may.error());
    auto const* addresses = hosted_->find(item.venue);
    if (addresses == nullptr) return not_supported("The venue is not one of the exchange host's.");
    auto const& endpoints = (*addresses)[static_cast<std::size_t>(item.environment)];
    if (endpoints.rest.empty()) return nowhere(item);
    if (auto const fits = check_scope(item); !fits) return std::unexpected(fits.error());
    auto const window = window_of(item, HostedVenues::longest_window);
    if (!window) return std::unexpected(window.error());
    auto fields = open(item, Way::hosted, counted);
    if (!fields) return std::unexpected(fields.error());
    return ports::HostTask{.venue = item.venue,
                           .environment = item.environment,
                           .market = item.market,
                           .origin = endpoints.origin_of(item.market),
                           .operation = item.operation,
                           .credentials = std::move(*fields),
                           .venue_now = base::from_unix_ms(window->timestamp_ms),
                           .not_after = window->end()};
}

base::Task<base::Result<OperationSigner::Signed>> OperationSigner::sign_hosted(
    Caller const& caller, ports::SignItem const& item, std::chrono::milliseconds within) {
    NotionalBook::Ticket counted = 0;
    auto task = host_task(caller, item, counted);
    if (!task) co_return std::unexpected(task.error());
    auto made = co_await hosted_->sign(std::move(*task), within);
    if (!made) co_return std::unexpected(std::move(made.error()));
    co_return Signed{std::move(*made), counted};
}

}  // namespace obscura::citadel
