#include "citadel/chain_transaction.hpp"

#include "crypto/hex.hpp"
#include "crypto/keccak.hpp"
#include "crypto/rlp.hpp"

#include <algorithm>

namespace obscura::citadel {
namespace {

using crypto::EthereumAddress;

constexpr std::uint8_t dynamic_fee = 0x02;
constexpr std::int64_t wei_per_gwei = 1'000'000'000;
constexpr std::size_t max_data_hex = 2 + 2 * 128 * 1024;

crypto::RlpList fields_of(ChainTransaction const& t) {
    crypto::RlpList out;
    out.add(t.chain_id)
        .add(t.nonce)
        .add(t.max_priority_fee_per_gas)
        .add(t.max_fee_per_gas)
        .add(t.gas_limit)
        .add(crypto::Bytes(t.to.bytes))
        .add(std::uint64_t{0})
        .add(crypto::Bytes(t.data))
        .add(crypto::RlpList());
    return out;
}

std::vector<std::uint8_t> typed(crypto::RlpList const& fields) {
    auto out = fields.encode();
    out.insert(out.begin(), dynamic_fee);
    return out;
}

EthereumAddress read_contract(base::ObjectReader& in, ChainRules const& rules) {
    auto const text = in.text("to", {.max = 42});
    auto const to = EthereumAddress::parse(text);
    if (!to) {
        if (!text.empty()) in.add_error("to", "not_an_address", "Must be an address.");
        return {};
    }
    bool const is_listed = std::ranges::any_of(rules.contracts, [&](std::string const& listed) {
        return EthereumAddress::parse(listed) == to;
    });
    if (!is_listed)
        in.add_error("to", "not_listed", "Must be a contract of citadel's chain.contracts.");
    return *to;
}

std::vector<std::uint8_t> read_data(base::ObjectReader& in) {
    auto const text = in.text("data", {.max = max_data_hex});
    if (text.empty()) return {};
    auto data = text.starts_with("0x") ? crypto::hex_decode(std::string_view(text).substr(2))
                                       : std::nullopt;
    if (!data) in.add_error("data", "not_hex", "Must be 0x and pairs of hex digits.");
    return std::move(data).value_or(std::vector<std::uint8_t>());
}

}  // namespace

crypto::Digest ChainTransaction::signing_hash() const {
    return crypto::keccak256(typed(fields_of(*this)));
}

std::vector<std::uint8_t> ChainTransaction::encode(crypto::Secp256k1Signature const& by) const {
    auto fields = fields_of(*this);
    fields.add(std::uint64_t{by.v} - 27).add_number(by.r).add_number(by.s);
    return typed(fields);
}

ChainTransaction read_chain_transaction(base::ObjectReader& in, ChainRules const& rules) {
    auto const number = [&](std::string_view key, std::int64_t max) {
        return static_cast<std::uint64_t>(in.integer(key, {.max = max}));
    };
    ChainTransaction out;
    out.chain_id = static_cast<std::uint64_t>(
        in.integer("chain_id", {.min = rules.chain_id, .max = rules.chain_id}));
    out.nonce = number("nonce", INT64_MAX);
    auto const max_fee = rules.max_fee_gwei * wei_per_gwei;
    out.max_fee_per_gas = number("max_fee_per_gas", max_fee);
    out.max_priority_fee_per_gas = number("max_priority_fee_per_gas", max_fee);
    if (out.max_priority_fee_per_gas > out.max_fee_per_gas)
        in.add_error("max_priority_fee_per_gas", "out_of_range",
                     "Must be at most max_fee_per_gas.");
    out.gas_limit = number("gas_limit", rules.max_gas);
    out.to = read_contract(in, rules);
    (void)in.integer("value", {.max = 0});
    out.data = read_data(in);
    return out;
}

}  // namespace obscura::citadel
