#pragma once

#include <CLI/CLI.hpp>

#include <string>

namespace obscura::app {

struct ReceiptOptions {
    std::string path;
    std::string keys;
    bool as_json = false;
};

void add_receipt(CLI::App& app, ReceiptOptions& o);
/// 0, or 1 with the check that failed.
[[nodiscard]] int verify_receipt(ReceiptOptions const& o);

}  // namespace obscura::app
