#include "app/verify_receipt.hpp"

#include "app/commands.hpp"
#include "app/files.hpp"
#include "app/receipt_check.hpp"
#include "app/verify_audit.hpp"
#include "base/json.hpp"

#include <cstdio>
#include <filesystem>

namespace obscura::app {
namespace {

using base::Json;

std::string text_of(std::string const& path) {
    auto const text = read_file(path);
    if (!text) throw WrongUsage(path + " is not there");
    return *text;
}

/// Beside the receipt, under the name that it is served as.
std::string keys_of(ReceiptOptions const& o) {
    if (!o.keys.empty()) return o.keys;
    auto const beside = std::filesystem::path(o.path).parent_path() / "obscura-receipt-keys.json";
    if (std::filesystem::exists(beside)) return beside;
    throw WrongUsage(
        "--keys: name the file of /.well-known/obscura-receipt-keys; without a key that is known "
        "from elsewhere a signature proves nothing");
}

}  // namespace

void add_receipt(CLI::App& app, ReceiptOptions& o) {
    auto* const sub = app.add_subcommand("receipt", "a receipt, as GET /v2/receipts/{id} gave it");
    sub->add_option("path", o.path, "the JSON document")->required();
    sub->add_option("--keys", o.keys, "the keys (else obscura-receipt-keys.json beside it)");
    sub->add_flag("--json", o.as_json, "one JSON document");
}

int verify_receipt(ReceiptOptions const& o) {
    auto const checked = check_receipt(text_of(o.path), text_of(keys_of(o)));
    if (o.as_json) {
        auto json = Json::object({{"valid", checked.has_value()}});
        if (checked) {
            json.set("receipt", checked->id);
            json.set("key_id", checked->key_id);
        } else {
            json.set("check", checked.error().reason);
            json.set("detail", checked.error().detail);
        }
        std::puts(json.dump().c_str());
    } else if (checked) {
        std::printf("receipt %s is as it was signed by %s\n", checked->id.c_str(),
                    checked->key_id.c_str());
    } else {
        std::printf("refused: %s: %s\n", checked.error().reason.c_str(),
                    checked.error().detail.c_str());
        for (auto const& field : checked.error().fields)
            std::printf("  %s: %s\n", field.pointer.c_str(), field.detail.c_str());
    }
    return checked ? 0 : 1;
}

}  // namespace obscura::app
