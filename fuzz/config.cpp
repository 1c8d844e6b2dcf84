// A configuration file, as a service reads it: settings, or complaints that say where.
#include "base/config.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>
#include <vector>

namespace obscura::fuzz {
namespace {

constexpr std::string_view file = "fuzz.toml";

/// One setting of every type but a secret, which may name a file to be read.
struct Settings {
    std::string host = "127.0.0.1";
    bool secure = false;
    std::int64_t offset = 0;
    std::uint16_t port = 8000;
    std::size_t limit = 10;
    std::chrono::milliseconds timeout{1'000};
    std::vector<std::string> venues{"paper"};
    base::ConfigTable table;

    Settings() {
        table.bind("gateway.host", host, "address");
        table.bind("gateway.secure", secure, "TLS");
        table.bind("gateway.offset", offset, "any integer", {.min = -10, .max = 10});
        table.bind("gateway.port", port, "TCP port");
        table.bind("gateway.limit", limit, "requests", {.min = 1, .max = 1'000});
        table.bind("gateway.db.timeout", timeout, "duration", {.min = 1, .max = 60'000});
        table.bind("gateway.venues", venues, "venues");
    }
};

void must_say_where(std::string_view complaint, std::string_view toml) {
    must(complaint.starts_with(file), "a complaint names the file");
    must(!complaint.contains('\n'), "a complaint is one line");
    complaint.remove_prefix(file.size());
    constexpr std::string_view at_line = ": line ";
    if (!complaint.starts_with(at_line)) {
        must(complaint.starts_with(": ") && complaint.size() > 4, "a complaint names the key");
        return;
    }
    complaint.remove_prefix(at_line.size());
    std::int64_t line = 0;
    auto const [end, error] =
        std::from_chars(complaint.data(), complaint.data() + complaint.size(), line);
    must(error == std::errc{}, "a complaint about the form has a line");
    must(line >= 1 && line <= std::ranges::count(toml, '\n') + 1, "the line is one of the file");
    must(std::string_view(end, complaint.data() + complaint.size()).size() > 2,
         "a complaint says what to change");
}

}  // namespace

void try_input(std::string_view input) {
    Settings settings;
    auto const complaints = settings.table.load(input, file, {});
    for (auto const& complaint : complaints) must_say_where(complaint, input);
    must(settings.offset >= -10 && settings.offset <= 10, "a refused integer changes nothing");
    must(settings.limit >= 1 && settings.limit <= 1'000, "a refused size changes nothing");
    must(settings.timeout.count() >= 1 && settings.timeout.count() <= 60'000,
         "a refused duration changes nothing");
    must(std::ranges::count(settings.venues, "") == 0, "a refused list changes nothing");

    Settings again;
    must(again.table.load(input, file, {}) == complaints, "the same file, the same complaints");
}

}  // namespace obscura::fuzz
