#include "citadel/sign_batch.hpp"

#include "base/decode.hpp"
#include "citadel/caller_context.hpp"
#include "net/problem.hpp"

#include <unordered_set>

namespace obscura::citadel {
namespace {

using base::Json;
using base::ObjectReader;

constexpr std::size_t max_credential_fields = 8;
constexpr std::size_t max_sealed = 16 * 1024;

ports::SealedCredentials read_credentials(ObjectReader& in) {
    ports::SealedCredentials out;
    auto const* json = in.object("credentials");
    if (json == nullptr) return out;
    auto const& members = json->as_object();
    if (members.empty() || members.size() > max_credential_fields) {
        in.add_error("credentials", "out_of_range", "Must have 1 to 8 fields.");
        return out;
    }
    ObjectReader fields(*json, in.pointer_to("credentials"));
    for (auto const& [name, value] : members) {
        out.emplace(name, fields.text(name, {.max = max_sealed}));
    }
    in.absorb(fields.errors());
    return out;
}

void append_headers(std::string& out,
                    std::vector<std::pair<std::string, std::string>> const& headers) {
    out += '{';
    for (bool first = true; auto const& [name, value] : headers) {
        if (!std::exchange(first, false)) out += ',';
        base::append_json_string(out, name);
        out += ':';
        base::append_json_string(out, value);
    }
    out += '}';
}

void append_member(std::string& out, std::string_view name_with_colon, std::string_view value) {
    out += name_with_colon;
    base::append_json_string(out, value);
}

}  // namespace

base::Result<ports::SignItem> item_from_json(Json const& json, base::Timestamp default_not_after) {
    ObjectReader in(json);
    ports::SignItem item;
    item.id = in.text("id", {.max = max_item_id});
    item.venue = in.text("venue", {.max = 32});
    item.environment = in.one_of("environment", model::environment_names);
    item.market = in.optional_one_of("market", model::market_names).value_or(model::Market::spot);
    item.context = read_caller_context(in);
    item.credentials = read_credentials(in);
    // Up to year 2200, so that microseconds stay far from overflow.
    auto const not_after_ms = in.optional_integer("not_after_ms", {.max = 7'258'118'400'000});
    item.not_after = not_after_ms ? base::from_unix_ms(*not_after_ms) : default_not_after;
    auto const venue_now_ms = in.optional_integer("venue_now_ms", {.max = 7'258'118'400'000});
    if (venue_now_ms) item.venue_now = base::from_unix_ms(*venue_now_ms);
    if (auto const* operation = in.object("operation")) {
        auto read = model::operation_from_json(*operation, in.pointer_to("operation"));
        if (read) {
            item.operation = std::move(*read);
        } else {
            in.absorb(std::move(read.error().fields));
        }
    }
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    return item;
}

base::Result<std::vector<BatchItem>> batch_from_json(Json const& body,
                                                     base::Timestamp default_not_after) {
    ObjectReader in(body);
    auto const* items = in.array("items", 1, ports::Signer::max_sign_batch);
    if (auto const good = in.finish(); !good) return std::unexpected(good.error());
    std::vector<BatchItem> out;
    out.reserve(items->as_array().size());
    std::unordered_set<std::string_view> seen;
    for (std::size_t i = 0; i < items->as_array().size(); ++i) {
        auto const& json = items->as_array()[i];
        auto const pointer = "/items/" + std::to_string(i);
        auto const* id = json.find("id");
        if (id == nullptr || !id->is_string() || id->as_string().empty() ||
            id->as_string().size() > max_item_id) {
            return std::unexpected(
                base::field_error(pointer + "/id", "required", "Must be 1 to 64 bytes of text."));
        }
        if (!seen.insert(id->as_string()).second) {
            return std::unexpected(base::field_error(pointer + "/id", "duplicate",
                                                     "Another item of the batch has this id."));
        }
        out.push_back({id->as_string(), item_from_json(json, default_not_after)});
    }
    return out;
}

BatchAnswer::BatchAnswer(std::size_t expected_items) {
    text_.reserve(expected_items * 640 + 16);
    text_ += R"({"items":[)";
}

void BatchAnswer::begin(std::string_view id) {
    if (text_.back() == '}') text_ += ',';
    append_member(text_, R"({"id":)", id);
}

void BatchAnswer::add(std::string_view id, ports::SignedRequest const& request) {
    begin(id);
    append_member(text_, R"(,"method":)", request.method);
    append_member(text_, R"(,"url":)", request.url);
    text_ += R"(,"headers":)";
    append_headers(text_, request.headers);
    append_member(text_, R"(,"body":)", request.body);
    append_member(text_, R"(,"expires_at":)", base::to_rfc3339(request.expires_at));
    text_ += '}';
}

void BatchAnswer::add(std::string_view id, base::Error const& error) {
    begin(id);
    // The problem document that the error would be if it were the only one.
    text_ += R"(,"error":)";
    text_ += net::problem(error, "").body;
    text_ += '}';
}

std::string BatchAnswer::finish() {
    text_ += "]}";
    return std::move(text_);
}

}  // namespace obscura::citadel
