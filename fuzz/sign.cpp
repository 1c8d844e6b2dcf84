// Operations, as callers send them, in front of every venue's signer: what is signed goes where it
// was asked to go, says what was asked, and moves no money out of an account.
#include "citadel/operation_rules.hpp"
#include "citadel/operation_signer.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>

namespace obscura::fuzz {
namespace {

using citadel::Keyring;

constexpr std::string_view context = "an account";
constexpr std::string_view secret = "a5ecretOf0bscuraThatSignsNothingElse";
constexpr std::string_view passphrase = "aPassphraseOf0bscura";
constexpr std::string_view agent_account = "0x1719884eb866cb12b2287399b15f7db5e7d775ea";
constexpr std::string_view agent_key =
    "0123456789012345678901234567890123456789012345678901234567890123";
constexpr std::array<std::string_view, 3> callers{"gateway", "conductor", "sentinel"};

/// "https://spot.testnet.okx.test:443": each place has an address of its own, also where a venue
/// has one host for two, and a venue has no more places than it really has.
std::string address(std::string_view scheme, std::string_view market, std::string_view environment,
                    std::string_view venue) {
    std::string out(scheme);
    for (auto const part : {market, environment, venue}) out.append(part).append(".");
    return out + "test:443";
}

citadel::VenueBook made_up_book() {
    auto out = citadel::public_venue_book();
    for (auto& [venue, places] : out)
        for (auto const& [environment, value] : model::environment_names) {
            auto& at = places[static_cast<std::size_t>(value)];
            auto const move = [&](std::string& to, std::string_view scheme, char const* market) {
                if (!to.empty()) to = address(scheme, market, environment, venue);
            };
            move(at.rest, "https://", "spot");
            move(at.futures, "https://", "futures");
            move(at.websocket, "wss://", "stream");
            move(at.futures_websocket, "wss://", "futures-stream");
        }
    return out;
}

struct Citadel {
    base::ManualClock clock{base::from_unix_ms(1'764'000'000'000)};
    base::SeededRandom random{1};
    Keyring ring{master_keys(), random};
    citadel::CallLog log{{}, ring, clock, random};
    citadel::NotionalBook notionals{{}, log, ring, clock, random};
    citadel::VenueBook venues = made_up_book();
    citadel::Callers known{caller_keys(), {}};

    static Keyring::Keys master_keys() {
        Keyring::Keys out;
        out[0] = base::Secret(std::string(32, '1'));
        return out;
    }
    static citadel::CallerKeys caller_keys() {
        citadel::CallerKeys out;
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = base::Secret(citadel::caller_names[i].name);
        return out;
    }
    [[nodiscard]] ports::SealedCredentials credentials(citadel::CredentialRule const& rule) {
        auto record = ring.record(context);
        auto const seal = [&](char const* name, std::string_view text) {
            return std::pair(std::string(name), record.encrypt(text, name));
        };
        if (rule.is_agent) return {seal("api_key", agent_account), seal("private_key", agent_key)};
        ports::SealedCredentials out{seal("api_key", "aK3yOf0bscura"), seal("secret", secret)};
        if (rule.has_passphrase) out.insert(seal("passphrase", passphrase));
        return out;
    }
};

bool is_any_of(char c, std::string_view those) { return those.find(c) != std::string_view::npos; }
bool is_letter_or_digit(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

/// Whether `word` is in the text, and not as a part of a longer one or of a longer number.
bool says(std::string_view text, std::string_view word) {
    auto const goes_on = [](char c) { return is_letter_or_digit(c) || is_any_of(c, "._"); };
    for (auto at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
        auto const end = at + word.size();
        if ((at == 0 || !goes_on(text[at - 1])) && (end == text.size() || !goes_on(text[end])))
            return true;
    }
    return false;
}

void must_move_nothing(std::string_view segment, model::VenueOperation const& operation) {
    std::string lower(segment);
    std::ranges::transform(lower, lower.begin(),
                           [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    bool const moves = lower.contains("withdraw") || lower.contains("transfer");
    // An order may be called so.
    auto const json = to_json(operation);
    bool const is_a_name = std::ranges::any_of(json.as_object(), [&](auto const& member) {
        return member.second.to_text() == std::string(segment);
    });
    must(!moves || is_a_name, "no money leaves the account");
}

void must_be_path(std::string_view path, model::VenueOperation const& operation) {
    while (!path.empty()) {
        must(path.starts_with('/'), "a path begins where the origin ends");
        auto const segment = path.substr(1, path.find('/', 1) - 1);
        must(!segment.empty() &&
                 std::ranges::all_of(
                     segment, [](char c) { return is_letter_or_digit(c) || is_any_of(c, "-_"); }),
             "a path has plain segments");
        must_move_nothing(segment, operation);
        path.remove_prefix(segment.size() + 1);
    }
}

/// Where it was asked to go, and nowhere else.
void must_go_there(ports::SignedRequest const& request, ports::SignItem const& item,
                   citadel::VenueEndpoints const& there) {
    std::string_view url = request.url;
    if (std::holds_alternative<model::StreamLogin>(item.operation)) {
        must(request.method == "WS", "a login goes over a socket");
        return must(!url.empty() && url == there.stream_of(item.market), "to its stream");
    }
    auto const& origin = there.origin_of(item.market);
    must(!origin.empty() && url.starts_with(origin), "to the venue's own place");
    url.remove_prefix(origin.size());
    must_be_path(url.substr(0, url.find('?')), item.operation);
}

/// One host for real money and for play money: then a header says which.
void must_say_environment(ports::SignedRequest const& request, ports::SignItem const& item) {
    if (item.environment == model::Environment::live || request.method == "WS") return;
    auto const book = citadel::public_venue_book();
    auto const& places = book.at(item.venue);
    auto const origin = [&](model::Environment e) {
        return places[static_cast<std::size_t>(e)].origin_of(item.market);
    };
    if (origin(item.environment) != origin(model::Environment::live)) return;
    must(std::ranges::any_of(request.headers,
                             [](auto const& header) {
                                 return (header.first == "x-simulated-trading" ||
                                         header.first == "PAPTRADING") &&
                                        header.second == "1";
                             }),
         "play money is not real money");
}

void must_say_order(ports::SignedRequest const& request, ports::SignItem const& item) {
    auto const* order = std::get_if<model::PlaceOrder>(&item.operation);
    if (order == nullptr) return;
    must(request.method == "POST", "an order is posted");
    auto const sent = request.url + '\n' + request.body;
    must(says(sent, order->quantity.to_string()), "an order has the quantity that was asked for");
    must(says(sent, order->symbol), "and the symbol");
    must(!order->limit_price || says(sent, order->limit_price->to_string()), "and the price");
    bool const closes = item.market == model::Market::futures &&
                        (order->reduce_only || citadel::closes_position(*order));
    must(closes || request.expires_at <= item.not_after, "what may open ends when it was to end");
}

/// What the caller said is in a request because the caller said it: libFuzzer reads what an input
/// is compared with, the secrets here among it, and tries them as names of orders.
bool says_unasked(std::string_view sent, std::string_view text, std::string_view asked) {
    return sent.contains(text) && !asked.contains(text);
}

void must_tell_no_secret(ports::SignedRequest const& request, ports::SignItem const& item) {
    auto sent = request.url + '\n' + request.body;
    for (auto const& [name, value] : request.headers) {
        must((name + value).find_first_of("\r\n") == std::string::npos, "a header is one line");
        sent += '\n' + value;
    }
    auto const asked = model::to_json(item.operation).dump();
    must(!says_unasked(sent, secret, asked) && !says_unasked(sent, agent_key, asked),
         "a secret stays here");
    must(!says_unasked(request.url, passphrase, asked),
         "nor is a passphrase where addresses are logged");
    must(request.url.find_first_of(" \r\n#") == std::string::npos, "a URL is one");
}

void must_be_refused(base::Error const& error) {
    must(error.code == base::Errc::invalid_argument || error.code == base::Errc::forbidden,
         "what is not signed is refused");
    must(!error.reason.empty() && !error.detail.empty(), "a refusal says what must change");
    for (auto const& field : error.fields)
        must(field.pointer.starts_with("/operation/"), "and where");
}

}  // namespace

/// A byte for the venue, one for the market, the environment, the way and the caller, one for how
/// long the request may live, and the operation.
void try_input(std::string_view input) {
    static Citadel citadel;
    auto const [venue, after_venue] = choice_and_rest(input);
    auto const [place, after_place] = choice_and_rest(after_venue);
    auto const [seconds, body] = choice_and_rest(after_place);
    auto const json = base::parse_json(body);
    auto const operation =
        json ? model::operation_from_json(*json, "/operation") : std::unexpected(json.error());
    if (!operation) return;
    auto const signers = citadel::venue_signers();
    auto const& signer = signers[venue % signers.size()];
    ports::SignItem const item{.id = "1",
                               .venue = std::string(signer.venue),
                               .environment = model::environment_names[place / 2 % 3].value,
                               .market = model::market_names[place % 2].value,
                               .context = std::string(context),
                               .credentials = citadel.credentials(signer.credentials),
                               .operation = *operation,
                               .not_after = citadel.clock.now() + std::chrono::seconds(seconds)};
    bool const is_relayed = place / 6 % 2 != 0;
    auto const* caller = citadel.known.identify(callers[place / 12 % callers.size()]);
    // A new one each time: an agent's nonces would run ahead of a clock that stands.
    citadel::OperationSigner desk(citadel.ring, citadel.notionals, citadel.venues, citadel.clock,
                                  citadel.random, nullptr, citadel::venues_that_must_relay());
    auto const made = is_relayed ? desk.sign_for_relay(*caller, item) : desk.sign(*caller, item);
    if (!made) return must_be_refused(made.error());
    must(caller->may_sign_operation(item.operation), "the caller has the right");
    must(seconds > 0 && made->request.expires_at > citadel.clock.now(), "it is valid for a time");
    bool const is_login = std::holds_alternative<model::StreamLogin>(item.operation);
    bool const is_kept = item.environment == model::Environment::live &&
                         signer.relay != citadel::RelayReason::none &&
                         (!is_login || signer.relay == citadel::RelayReason::passphrase);
    must(is_relayed ? !is_login : !is_kept, "what must be relayed is not handed out");
    auto const& there = citadel.venues.at(item.venue)[static_cast<std::size_t>(item.environment)];
    must_go_there(made->request, item, there);
    must_say_environment(made->request, item);
    must_say_order(made->request, item);
    must_tell_no_secret(made->request, item);
}

}  // namespace obscura::fuzz
