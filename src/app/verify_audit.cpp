#include "app/verify_audit.hpp"

#include "app/files.hpp"
#include "app/kept_heads.hpp"
#include "audit/journal.hpp"
#include "audit/log_check.hpp"
#include "base/config.hpp"
#include "crypto/hex.hpp"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

namespace obscura::app {
namespace {

using base::Json;

constexpr std::size_t max_head_file = 64 * 1024;

std::string_view trimmed(std::string_view text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.remove_suffix(1);
    return text;
}

audit::SignedHead head_of(std::string const& option, std::string const& path) {
    auto const text = read_file(path, max_head_file);
    if (!text) throw WrongUsage(option + ": " + path + " is not there");
    auto const json = base::parse_json(trimmed(*text));
    auto const head = json ? audit::head_from_json(*json) : std::nullopt;
    if (!head)
        throw WrongUsage(option + ": " + path + " is no head, as GET /audit-head gives them");
    return *head;
}

/// 64 digits, or a file of them or of a head.
std::array<std::uint8_t, 32> key_of(std::string const& given) {
    std::array<std::uint8_t, 32> key{};
    if (crypto::hex_decode_into(given, key)) return key;
    auto const text = read_file(given, max_head_file);
    if (text && crypto::hex_decode_into(trimmed(*text), key)) return key;
    auto const json = text ? base::parse_json(trimmed(*text)) : Json();
    if (json && (*json)["key"].is_string() &&
        crypto::hex_decode_into((*json)["key"].as_string(), key))
        return key;
    throw WrongUsage("--key must be 64 hexadecimal digits, or a file of them or of a head");
}

audit::Known::Place place_of(std::string const& option, std::string const& text) {
    audit::Known::Place place;
    auto const colon = text.find(':');
    auto const* const end = text.data() + std::min(colon, text.size());
    auto const read = std::from_chars(text.data(), end, place.sequence);
    bool const is_place = colon != text.npos && read.ec == std::errc{} && read.ptr == end &&
                          place.sequence > 0 &&
                          crypto::hex_decode_into(text.substr(colon + 1), place.link);
    if (!is_place) throw WrongUsage(option + " must be SEQUENCE:LINK, the link as 64 hex digits");
    return place;
}

/// A head that was taken at the end of the files that were moved away, or that end as it is
/// printed.
audit::Known::Place end_of(std::string const& given) {
    if (!read_file(given, max_head_file)) return place_of("--after", given);
    auto const head = head_of("--after", given).head;
    return {head.sequence, head.link};
}

std::vector<audit::SignedHead> database_heads(AuditOptions const& o) {
    auto const url = o.database == "-" ? base::process_environment()["DATABASE_URL"] : o.database;
    if (url.empty()) throw WrongUsage("--database: - needs DATABASE_URL in the environment");
    return heads_in_database(url);
}

audit::Known known_of(AuditOptions const& o) {
    audit::Known known;
    if (!o.key.empty()) known.key = key_of(o.key);
    if (!o.head.empty()) known.head = head_of("--head", o.head);
    if (!o.expected.empty()) known.place = place_of("--expect", o.expected);
    if (!o.after.empty()) known.after = end_of(o.after);
    if (!o.heads.empty()) known.heads = heads_in_file(o.heads);
    if (!o.database.empty()) std::ranges::copy(database_heads(o), std::back_inserter(known.heads));
    return known;
}

/// What this check could not have found, in plain words; "" when nothing is left to say.
std::vector<std::string> reservations(audit::Report const& report, AuditOptions const& o) {
    std::vector<std::string> out;
    if (o.key.empty() && o.head.empty())
        out.emplace_back("without --key: the key is the log's own word");
    if (o.head.empty() && o.expected.empty() && report.heads_kept == 0)
        out.emplace_back(
            "without --head, --heads, --database or --expect: a log cut at its end, or set back to "
            "an earlier copy, "
            "looks "
            "whole");
    if (report.heads_ignored > 0)
        out.push_back(std::to_string(report.heads_ignored) +
                      " heads that were kept are of other logs, or signed by nobody that counts");
    if (report.unsigned_entries > 0)
        out.push_back(std::to_string(report.unsigned_entries) +
                      " entries after the last head are held by the chain alone");
    if (report.adopted_entries > 0)
        out.push_back(std::to_string(report.adopted_entries) +
                      " entries had no head when citadel started again and signed what it found: a "
                      "crash leaves such, and whoever can write the file can add some");
    if (report.torn_bytes > 0)
        out.push_back("the last line has no end (" + std::to_string(report.torn_bytes) +
                      " bytes), as a crash leaves it; citadel mends that when it starts");
    return out;
}

void print(audit::Report const& r, AuditOptions const& o) {
    if (r.finding) {
        std::printf("refused: entry %lld: %s: %s\n", static_cast<long long>(r.finding->sequence),
                    std::string(audit::to_string(r.finding->fault)).c_str(),
                    r.finding->detail.c_str());
        auto const before = std::min(r.entries, r.finding->sequence - 1) - (r.first - 1);
        std::printf("the %lld entries before it hold\n", static_cast<long long>(before));
        return;
    }
    std::printf("log %s, key %s\n", r.log.to_string().c_str(), crypto::hex_encode(r.key).c_str());
    auto const entries = r.entries - r.first + 1;
    std::printf("  ok  %lld entries in an unbroken chain, the last %lld:%s\n",
                static_cast<long long>(entries), static_cast<long long>(r.entries),
                crypto::hex_encode(r.link).c_str());
    std::printf("  ok  %lld signed heads", static_cast<long long>(r.heads));
    if (r.last_head)
        std::printf(", the last of %s", base::to_rfc3339(r.last_head->head.at).c_str());
    std::puts("");
    if (r.heads_kept > 0)
        std::printf("  ok  %lld heads that were kept elsewhere\n",
                    static_cast<long long>(r.heads_kept));
    for (auto const& text : reservations(r, o)) std::printf("  --  %s\n", text.c_str());
    std::puts("valid");
}

void print_json(audit::Report const& r, AuditOptions const& o) {
    auto json = Json::object({{"valid", !r.finding.has_value()}});
    if (r.finding) {
        json.set("sequence", r.finding->sequence);
        json.set("fault", audit::to_string(r.finding->fault));
        json.set("detail", r.finding->detail);
    } else {
        json.set("log", r.log.to_string());
        json.set("key", crypto::hex_encode(r.key));
        json.set("first", r.first);
        json.set("entries", r.entries);
        json.set("link", crypto::hex_encode(r.link));
        json.set("heads", r.heads);
        json.set("heads_kept", r.heads_kept);
        json.set("unsigned_entries", r.unsigned_entries);
        json.set("adopted_entries", r.adopted_entries);
        json.set("torn_bytes", static_cast<std::uint64_t>(r.torn_bytes));
        if (r.last_head) json.set("last_head", audit::to_json(*r.last_head));
        auto texts = Json::array();
        for (auto const& text : reservations(r, o)) texts.push_back(text);
        json.set("reservations", std::move(texts));
    }
    std::puts(json.dump().c_str());
}

/// In a folder: the files of the log that is written there, oldest first.
std::vector<std::string> files_of(std::string const& path) {
    auto files = std::filesystem::is_directory(path) ? audit::files_of_log(path)
                                                     : std::vector<std::string>{path};
    if (files.empty()) throw WrongUsage(path + " has no log in it");
    for (auto const& file : files)
        if (!std::ifstream(file)) throw WrongUsage(file + " cannot be read");
    return files;
}

}  // namespace

int verify_audit(AuditOptions const& o) {
    auto known = known_of(o);
    auto const report = audit::check_files(files_of(o.path), std::move(known));
    o.as_json ? print_json(report, o) : print(report, o);
    return report.finding ? 1 : 0;
}

void add_audit(CLI::App& app, AuditOptions& o) {
    auto* const sub = app.add_subcommand(
        "audit", "citadel's log: nothing edited, deleted, reordered or rolled back");
    sub->add_option("path", o.path, "the log, or its folder")->required();
    sub->add_option("--key", o.key, "citadel's audit key: hex, or a file of it or of a head");
    sub->add_option("--head", o.head,
                    "a head kept elsewhere (GET /audit-head): the log must go on from it");
    sub->add_option("--heads", o.heads,
                    "heads kept elsewhere, one a line: the log must have been all of them");
    sub->add_option("--database", o.database,
                    "the heads that sentinel keeps in PostgreSQL: its URL, or - for DATABASE_URL");
    sub->add_option("--after", o.after,
                    "where older files were moved away: the end of the last of them, SEQUENCE:LINK "
                    "as this command prints it, or a head of there");
    sub->add_option("--expect", o.expected, "the same without a signature, SEQUENCE:LINK");
    sub->add_flag("--json", o.as_json, "one JSON document");
}

}  // namespace obscura::app
