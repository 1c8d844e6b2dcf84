// What citadel signs with held keys: bodies of /sign-statement, and a statement of each purpose.
// What is accepted has one text; what is refused names its fields.
#include "citadel/chain_transaction.hpp"
#include "citadel/checkpoint.hpp"
#include "citadel/statement_batch.hpp"
#include "fuzz/problem.hpp"
#include "fuzz/target.hpp"
#include "model/access_token.hpp"
#include "model/receipt.hpp"

namespace obscura::fuzz {
namespace {

constexpr std::string_view contract = "0x2222222222222222222222222222222222222222";

void try_receipt(base::Json const& json) {
    auto const text = model::receipt_text(json);
    if (!text) return must_be_told(text.error());
    auto const label = std::string(model::receipt_label) + "\n";
    must(text->starts_with(label), "a receipt's text begins with its label");
    auto const parsed = base::parse_json(std::string_view(*text).substr(label.size()));
    must(parsed.has_value(), "the rest of it is JSON");
    must(parsed->dump_canonical() == json.dump_canonical(), "it says what the receipt says");
    auto const again = model::receipt_text(*parsed);
    must(again && *again == *text, "a receipt has one text");
}

void try_checkpoint(base::Json const& json) {
    base::ObjectReader in(json);
    auto const checkpoint = citadel::read_checkpoint(in);
    if (auto const good = in.finish(); !good) return must_be_told(good.error());
    auto other = checkpoint;
    ++other.count;
    must(other.hash() != checkpoint.hash(), "the count is in the hash");
}

void try_transaction(base::Json const& json) {
    citadel::ChainRules const rules{.chain_id = 26514, .contracts = {std::string(contract)}};
    base::ObjectReader in(json);
    auto const transaction = citadel::read_chain_transaction(in, rules);
    if (auto const good = in.finish(); !good) return must_be_told(good.error());
    must(transaction.chain_id == 26514, "a transaction is of the chain");
    must(transaction.to == crypto::EthereumAddress::parse(contract), "it calls what is listed");
    must(transaction.max_fee_per_gas <= 500'000'000'000ULL && transaction.gas_limit <= 30'000'000,
         "it costs no more than it may");
    must(transaction.encode({}).front() == 2, "it is of type 2");
}

void try_access_token(base::Json const& json) {
    auto const token = model::access_token_from_json(json);
    if (!token) return must_be_told(token.error());
    auto const again = model::access_token_from_json(model::statement_of(*token));
    must(again && model::payload_of(*again) == model::payload_of(*token), "it gets across");
    must(token->expires > token->issued &&
             token->expires - token->issued <= model::AccessToken::longest_life,
         "a token lives a day at most");
    auto const payload = base::parse_json(model::payload_of(*token));
    must(payload && (*payload)["sub"].to_text() == token->user.to_string(), "it says whose it is");
}

void try_batch(base::Json const& json) {
    auto const batch = citadel::statements_from_json(json);
    if (!batch) return must_be_told(batch.error());
    for (auto const& [id, item] : *batch) {
        must(!id.empty(), "an item has an id");
        if (!item) must_be_told(item.error());
    }
}

}  // namespace

/// A JSON document, read as each of them.
void try_input(std::string_view input) {
    auto const json = base::parse_json(input);
    if (!json) return;
    try_receipt(*json);
    try_checkpoint(*json);
    try_transaction(*json);
    try_access_token(*json);
    try_batch(*json);
}

}  // namespace obscura::fuzz
