// What a relay reads: a venue's answer inside TLS, a caller's frames, citadel's frames at the
// caller, and answers that may have a secret in them. The first byte chooses.
#include "citadel/relay_wire.hpp"
#include "citadel/secret_echo.hpp"
#include "fuzz/target.hpp"
#include "net/http_exchange.hpp"
#include "peers/relay_wire.hpp"

#include <algorithm>
#include <optional>
#include <string>

namespace obscura::fuzz {
namespace {

constexpr net::ResponseReader::Limits limits{.header_bytes = 512, .body_bytes = 1024};

/// The answer in pieces of `size`; nullopt where there is none.
std::optional<net::Response> answer_in(std::string_view bytes, std::size_t size) {
    net::ResponseReader reader(limits);
    while (!bytes.empty()) {
        auto const piece = bytes.substr(0, size);
        bytes.remove_prefix(piece.size());
        auto const whole = reader.receive(piece);
        if (!whole) {
            must(whole.error().reason == "bad_response", "an error has a name");
            return std::nullopt;
        }
        if (*whole) return reader.take();
    }
    auto const whole = reader.end();
    if (!whole) return std::nullopt;
    must(*whole, "an end that is none is an error");
    return reader.take();
}

void read_answer(std::string_view bytes) {
    auto const at_once = answer_in(bytes, bytes.size());
    for (std::size_t const size : {1U, 2U, 7U, 64U}) {
        auto const in_pieces = answer_in(bytes, size);
        must(at_once.has_value() == in_pieces.has_value(), "cuts change nothing");
        if (!at_once) continue;
        must(at_once->status == in_pieces->status && at_once->body == in_pieces->body &&
                 std::ranges::equal(at_once->headers, in_pieces->headers),
             "cuts change nothing of the answer");
    }
    if (!at_once) return;
    must(at_once->status >= 200 || at_once->status < 100, "an interim answer is none");
    must(at_once->body.size() <= limits.body_bytes, "a body keeps its limit");
    auto answer = *at_once;
    answer.headers = citadel::relayed_headers(answer.headers);
    must(!answer.headers.find("Set-Cookie"), "a cookie is not passed on");
    auto const heard = peers::relay_wire::read_frame(citadel::relay_answer("id", answer));
    if (answer.status < 200) return;
    must(heard && heard->id == "id" && heard->answer.has_value(), "the caller reads an answer");
    must(heard->answer->status == answer.status, "and its status");
}

void read_item(std::string_view text) {
    std::string id;
    auto const frame = citadel::relay_frame(text, base::from_unix_ms(1'764'000'000'000), id);
    if (!frame) {
        auto const told = citadel::relay_failure(id, citadel::RelayOutcome::refused, frame.error());
        auto const heard = peers::relay_wire::read_frame(told);
        must(heard && heard->id == id && !heard->answer, "the caller reads a refusal");
        must(heard->answer.error().kind == peers::RelayFailure::Kind::refused, "as one");
        return;
    }
    auto const* item = std::get_if<ports::SignItem>(&*frame);
    if (item == nullptr) return;
    must(item->id == id, "an item has the id that was told");
    auto const again = peers::relay_wire::item_frame(*item);
    std::string same;
    auto const read = citadel::relay_frame(again, {}, same);
    must(read && std::holds_alternative<ports::SignItem>(*read), "an item is written as one");
    must(peers::relay_wire::item_frame(std::get<ports::SignItem>(*read)) == again, "as itself");
}

void read_secret(std::string_view text) {
    constexpr std::string_view secret = "a-secret/of+hers";
    std::string_view const secrets[] = {secret};
    bool const told = citadel::tells_any(text, secrets);
    if (text.find(secret) != text.npos) must(told, "a secret is found");
    std::string quoted, holding(text);
    holding += secret;
    base::append_json_string(quoted, holding);
    must(citadel::tells_any(quoted, secrets), "a secret is found in JSON");
    must(citadel::tells_any(net::percent_encode(holding), secrets), "a secret is found in a URL");
}

}  // namespace

void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    switch (choice % 4) {
        case 0:
            return read_answer(rest);
        case 1:
            return read_item(rest);
        case 2:
            (void)peers::relay_wire::read_frame(rest);
            return;
        default:
            return read_secret(rest);
    }
}

}  // namespace obscura::fuzz
