#include "audit/log_check.hpp"

#include "crypto/hex.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fstream>
#include <system_error>

namespace obscura::audit {
namespace {

std::optional<base::Json> entry_of(std::string_view text) {
    auto json = base::parse_json(text, {.max_depth = 8, .max_members = 1000});
    if (!json || !json->is_object()) return std::nullopt;
    return std::move(*json);
}

std::optional<std::int64_t> sequence_of(base::Json const& entry) {
    return entry["sequence"].is_number() ? entry["sequence"].to_int64() : std::nullopt;
}

bool has_kind(base::Json const& entry, std::string_view kind) {
    return entry["kind"].is_string() && entry["kind"].as_string() == kind;
}

Finding finding_of(Fault fault, std::int64_t sequence, std::string detail) {
    return {.fault = fault, .sequence = sequence, .detail = std::move(detail)};
}

}  // namespace

std::string_view to_string(Fault fault) {
    switch (fault) {
        case Fault::edited:
            return "edited";
        case Fault::deleted:
            return "deleted";
        case Fault::reordered:
            return "reordered";
        case Fault::wrong_signature:
            return "wrong_signature";
        case Fault::unsigned_run:
            return "unsigned_run";
        case Fault::truncated:
            return "truncated";
        case Fault::rewritten:
            return "rewritten";
        case Fault::another_log:
            return "another_log";
    }
    std::unreachable();
}

LogCheck::LogCheck(Known known, EntryReader reader)
    : known_(std::move(known)), reader_(std::move(reader)) {
    report_.link = chain_start();
}

void LogCheck::fault(Fault fault, std::int64_t sequence, std::string detail) {
    report_.finding = finding_of(fault, sequence, std::move(detail));
}

void LogCheck::take(std::string_view line) {
    if (!report_.finding) return take_entry(line);
    if (!missing_is_sought_ && !claimed_) return;
    auto const parts = line_of(line);
    auto const entry = parts ? entry_of(parts->entry) : std::nullopt;
    auto const sequence = entry ? sequence_of(*entry) : std::nullopt;
    auto const missing = report_.finding->sequence;
    // Where the next entry follows the link at fault, what was changed is the number and no place.
    if (auto const link = std::exchange(claimed_, std::nullopt);
        link && sequence == missing + 1 && chain_link(*link, parts->entry) == parts->link) {
        missing_is_sought_ = false;
        return fault(Fault::edited, missing, "the entry does not fit its link");
    }
    if (!missing_is_sought_ || sequence != missing) return;
    missing_is_sought_ = false;
    fault(Fault::reordered, missing, "the entry stands further down");
}

void LogCheck::take_entry(std::string_view line) {
    auto const parts = line.size() <= max_line ? line_of(line) : std::nullopt;
    auto const entry = parts ? entry_of(parts->entry) : std::nullopt;
    auto const sequence = entry ? sequence_of(*entry) : std::nullopt;
    bool const is_first = report_.key == decltype(report_.key){};
    if (is_first && entry && has_kind(*entry, "continue")) {
        if (auto found = begin_within(*entry)) {
            report_.finding = std::move(found);
            return;
        }
    }
    auto const expected = report_.entries + 1;
    if (!sequence) return fault(Fault::edited, expected, "the line is no entry");
    auto const link = chain_link(report_.link, parts->entry);
    if (link != parts->link || *sequence != expected) {
        if (*sequence == expected || link == parts->link)
            return fault(Fault::edited, expected, "the entry does not fit its link");
        claimed_ = parts->link;
        auto const there = "entry " + std::to_string(*sequence) + " stands in its place";
        if (*sequence < expected) return fault(Fault::reordered, expected, there);
        missing_is_sought_ = true;  // until it is found it is gone
        return fault(Fault::deleted, expected, there);
    }
    bool const goes_on = has_kind(*entry, "continue");
    bool const is_head = goes_on || has_kind(*entry, "head");
    auto const unsigned_before = report_.unsigned_entries;
    auto found = goes_on ? take_continuation(*entry) : is_first ? open(*entry) : std::nullopt;
    if (!found && is_head) found = take_head(*entry);
    if (found) {
        report_.finding = std::move(found);
        return;
    }
    count_adopted(*entry, unsigned_before);
    report_.entries = expected;
    report_.link = link;
    if (reader_) reader_(*entry);
    if (!is_head && ++report_.unsigned_entries > head_entries_)
        return fault(Fault::unsigned_run, expected,
                     "there is no head within " + std::to_string(head_entries_) + " entries");
    report_.finding = compare_with_known();
}

void LogCheck::count_adopted(base::Json const& entry, std::int64_t unsigned_before) {
    // Where a start begins a file, the continuation before it has signed them.
    if (has_kind(entry, "start")) report_.adopted_entries += unsigned_before + continued_over_;
    continued_over_ = has_kind(entry, "continue") ? unsigned_before : 0;
}

std::optional<Finding> LogCheck::open(base::Json const& entry) {
    if (known_.after)
        return finding_of(Fault::reordered, 1,
                          "the log begins here, and entry " +
                              std::to_string(known_.after->sequence) + " is said to be before it");
    if (!has_kind(entry, "open"))
        return finding_of(Fault::edited, 1, "a log begins with its opening");
    return take_names(entry);
}

std::optional<Finding> LogCheck::begin_within(base::Json const& entry) {
    auto const sequence = sequence_of(entry).value_or(0);
    crypto::Digest link{};
    bool const is_one = sequence > 1 && entry["link"].is_string() &&
                        crypto::hex_decode_into(entry["link"].as_string(), link);
    if (!is_one) return finding_of(Fault::edited, 1, "a file goes on from no entry");
    auto const before = sequence - 1;
    auto const& after = known_.after;
    if (!after && !known_.may_begin_anywhere)
        return finding_of(
            Fault::deleted, 1,
            "the files with the entries up to " + std::to_string(before) + " are not here");
    if (after && after->sequence < before)
        return finding_of(Fault::deleted, after->sequence + 1,
                          "entry " + std::to_string(sequence) + " stands in its place");
    if (after && (after->sequence > before || after->link != link))
        return finding_of(Fault::rewritten, before,
                          "the entry before is another than the one given");
    report_.first = sequence;
    report_.entries = before;
    report_.link = link;
    return compare_with_known();
}

/// Whose log it is, as the first entry of a file says.
std::optional<Finding> LogCheck::take_names(base::Json const& entry) {
    auto const sequence = report_.entries + 1;
    auto const log =
        entry["log"].is_string() ? base::parse_uuid(entry["log"].as_string()) : std::nullopt;
    auto const every = entry["head_entries"].to_int64();
    bool const names_all = log && every && *every > 0 && entry["key"].is_string() &&
                           crypto::hex_decode_into(entry["key"].as_string(), report_.key);
    if (!names_all) return finding_of(Fault::edited, sequence, "a log begins with its opening");
    report_.log = *log;
    head_entries_ = *every;
    if (known_.key && *known_.key != report_.key)
        return finding_of(Fault::another_log, sequence,
                          "the log names another key than the one given");
    if (known_.head && known_.head->head.log != report_.log)
        return finding_of(Fault::another_log, sequence, "the head given is of another log");
    return sequence == report_.first ? choose_heads() : std::nullopt;
}

std::optional<Finding> LogCheck::choose_heads() {
    auto& heads = known_.heads;
    auto const all = heads.size();
    std::erase_if(heads, [&](SignedHead const& head) {
        auto const key = crypto::Ed25519PublicKey::from_bytes(known_.key.value_or(head.key));
        return !key || !is_signed_by(head, *key);
    });
    auto const by_time = [](SignedHead const& a, SignedHead const& b) {
        return a.head.at < b.head.at;
    };
    auto const newest = std::ranges::max_element(heads, by_time);
    if (newest != heads.end() && newest->head.log != report_.log)
        return finding_of(
            Fault::another_log, report_.first,
            "the newest head that was kept is of log " + newest->head.log.to_string());
    std::erase_if(heads, [&](SignedHead const& head) { return head.head.log != report_.log; });
    for (auto const& head : heads)
        if (head.key != report_.key)
            return finding_of(Fault::another_log, report_.first,
                              "a head of this log that was kept is of another key");
    std::ranges::sort(heads, {}, [](SignedHead const& head) { return head.head.sequence; });
    report_.heads_kept = std::ssize(heads);
    report_.heads_ignored = static_cast<std::int64_t>(all - heads.size());
    heads_are_chosen_ = true;
    return compare_with_known();
}

std::optional<Finding> LogCheck::take_continuation(base::Json const& entry) {
    auto const sequence = report_.entries + 1;
    auto const before = std::pair(report_.log, report_.key);
    bool const is_first = report_.key == decltype(report_.key){};
    if (auto found = take_names(entry)) return found;
    if (!is_first && before != std::pair(report_.log, report_.key))
        return finding_of(Fault::another_log, sequence, "the file goes on with another log");
    if (entry["link"].to_text() == crypto::hex_encode(report_.link)) return std::nullopt;
    return finding_of(Fault::edited, sequence, "the file goes on from another entry");
}

std::optional<Finding> LogCheck::take_head(base::Json const& entry) {
    auto const sequence = report_.entries + 1;
    SignedHead head{.head = {.log = report_.log, .sequence = report_.entries, .link = report_.link},
                    .key = report_.key};
    auto const at =
        entry["at"].is_string() ? base::parse_rfc3339(entry["at"].as_string()) : std::nullopt;
    if (at) head.head.at = *at;
    auto const key = crypto::Ed25519PublicKey::from_bytes(report_.key);
    bool const holds = at && key && entry["signature"].is_string() &&
                       crypto::hex_decode_into(entry["signature"].as_string(), head.signature) &&
                       is_signed_by(head, *key);
    if (!holds)
        return finding_of(Fault::wrong_signature, sequence,
                          "the head is not signed for the entries before it");
    ++report_.heads;
    report_.unsigned_entries = 0;
    report_.last_head = std::move(head);
    return std::nullopt;
}

std::optional<Finding> LogCheck::compare_with_known() {
    auto const differs = [&](std::int64_t sequence, crypto::Digest const& link) {
        return sequence == report_.entries && link != report_.link;
    };
    bool is_other = (known_.head && differs(known_.head->head.sequence, known_.head->head.link)) ||
                    (known_.place && differs(known_.place->sequence, known_.place->link));
    for (auto const& heads = known_.heads; heads_are_chosen_ && next_head_ < heads.size() &&
                                           heads[next_head_].head.sequence <= report_.entries;
         ++next_head_)
        is_other |= differs(heads[next_head_].head.sequence, heads[next_head_].head.link);
    if (!is_other) return std::nullopt;
    return finding_of(Fault::rewritten, report_.entries,
                      "the head given is of another entry: it, or one before it, was made anew");
}

Report LogCheck::finish(std::size_t torn_bytes) {
    report_.torn_bytes = torn_bytes;
    if (report_.finding) return std::move(report_);
    if (report_.entries == 0) {
        fault(Fault::deleted, 1, "there is no entry");
        return std::move(report_);
    }
    auto known = known_.place ? known_.place->sequence : 0;
    if (known_.head) known = std::max(known, known_.head->head.sequence);
    if (heads_are_chosen_ && !known_.heads.empty())
        known = std::max(known, known_.heads.back().head.sequence);
    if (known > report_.entries)
        fault(Fault::truncated, report_.entries + 1,
              "the log once had " + std::to_string(known) + " entries and has " +
                  std::to_string(report_.entries));
    return std::move(report_);
}

namespace {

/// A head that is given is signed, or nothing is looked at. Its key is then the log's.
std::optional<Report> refused_head(Known& known) {
    if (!known.head) return std::nullopt;
    auto const key = crypto::Ed25519PublicKey::from_bytes(known.key.value_or(known.head->key));
    if (!key || !is_signed_by(*known.head, *key))
        return Report{.finding = finding_of(Fault::wrong_signature, known.head->head.sequence,
                                            "the head given is not signed by the key")};
    known.key = known.key.value_or(known.head->key);
    return std::nullopt;
}

/// What is left after the last newline.
std::string feed(LogCheck& check, std::istream& in) {
    std::string line;
    std::array<char, 64 * 1024> piece{};
    while (in.read(piece.data(), piece.size()), in.gcount() > 0) {
        std::string_view rest(piece.data(), static_cast<std::size_t>(in.gcount()));
        for (auto end = rest.find('\n'); end != rest.npos; end = rest.find('\n')) {
            line += rest.substr(0, end);
            rest.remove_prefix(end + 1);
            check.take(line);
            line.clear();
        }
        line += rest;
        // No entry is as long: it is at fault now, and nothing more of it is kept.
        if (line.size() > max_line) {
            check.take(line);
            line.resize(max_line);
        }
    }
    return line;
}

}  // namespace

Report check_log(std::istream& in, Known known, EntryReader reader) {
    if (auto refused = refused_head(known)) return std::move(*refused);
    LogCheck check(std::move(known), std::move(reader));
    return check.finish(feed(check, in).size());
}

Report check_files(std::vector<std::string> const& paths, Known known) {
    if (auto refused = refused_head(known)) return std::move(*refused);
    LogCheck check(std::move(known));
    std::string torn;
    for (auto const& path : paths) {
        // Only the last file may end within a line, as a crash leaves it.
        if (!torn.empty()) check.take(torn);
        std::ifstream in(path, std::ios::binary);
        if (!in) throw std::system_error(errno, std::generic_category(), path);
        torn = feed(check, in);
    }
    return check.finish(torn.size());
}

}  // namespace obscura::audit
