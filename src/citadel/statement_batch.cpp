#include "citadel/statement_batch.hpp"

#include "model/types.hpp"
#include "net/problem.hpp"

#include <unordered_set>

namespace obscura::citadel {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_id = 64;
constexpr std::size_t max_sealed_key = 512;

base::Result<ports::StatementItem> item_from_json(Json const& json) {
    ObjectReader in(json);
    ports::StatementItem item;
    item.id = in.text("id", {.max = max_id});
    item.sealed_key = in.text("key", {.max = max_sealed_key});
    item.purpose = in.one_of("purpose", ports::key_purpose_names);
    if (auto const* statement = in.object("statement")) item.statement = *statement;
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return item;
}

}  // namespace

base::Result<ports::KeyPurpose> key_request_from_json(Json const& body) {
    ObjectReader in(body);
    auto const purpose = in.one_of("purpose", ports::key_purpose_names);
    auto const algorithm = in.optional_one_of("algorithm", ports::key_algorithm_names);
    if (algorithm && *algorithm != ports::algorithm_of(purpose))
        in.add_error("algorithm", "wrong_algorithm", "Keys of this purpose have another one.");
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return purpose;
}

Json to_json(ports::HeldKey const& key) {
    auto out = Json::object({{"key_id", key.id},
                             {"purpose", model::name_of(key.purpose, ports::key_purpose_names)},
                             {"algorithm", model::name_of(ports::algorithm_of(key.purpose),
                                                          ports::key_algorithm_names)},
                             {"public_key", key.public_key}});
    if (!key.address.empty()) out.set("address", key.address);
    out.set("sealed_key", key.sealed);
    return out;
}

base::Result<std::vector<StatementBatchItem>> statements_from_json(Json const& body) {
    ObjectReader in(body);
    auto const* items = in.array("items", 1, ports::StatementSigner::max_batch);
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    std::vector<StatementBatchItem> out;
    std::unordered_set<std::string_view> seen;
    for (auto const& json : items->as_array()) {
        auto const* id = json.find("id");
        bool const is_good = id != nullptr && id->is_string() && !id->as_string().empty() &&
                             id->as_string().size() <= max_id;
        auto const pointer = "/items/" + std::to_string(out.size()) + "/id";
        if (!is_good)
            return std::unexpected(
                base::field_error(pointer, "required", "Must be 1 to 64 bytes of text."));
        if (!seen.insert(id->as_string()).second)
            return std::unexpected(
                base::field_error(pointer, "duplicate", "Another item of the batch has this id."));
        out.push_back({id->as_string(), item_from_json(json)});
    }
    return out;
}

Json to_json(std::string_view id, base::Result<ports::StatementSignature> const& made) {
    auto out = Json::object({{"id", id}});
    if (!made) {
        // The problem document that the error would be if it were the only one.
        auto problem = base::parse_json(net::problem(made.error(), "").body);
        out.set("error", problem ? std::move(*problem) : Json());
        return out;
    }
    out.set("key_id", made->key_id);
    out.set("signature", made->signature);
    if (!made->raw_transaction.empty()) out.set("raw_transaction", made->raw_transaction);
    return out;
}

}  // namespace obscura::citadel
