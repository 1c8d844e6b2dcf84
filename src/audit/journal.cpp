#include "audit/journal.hpp"

#include "base/log.hpp"
#include "crypto/hex.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace obscura::audit {
namespace {

using base::Json;

constexpr std::chrono::milliseconds retry_after{200};

std::int64_t day_of(base::Timestamp t) {
    return std::chrono::floor<std::chrono::days>(t).time_since_epoch().count();
}

std::string stem_of(std::string const& name) { return std::filesystem::path(name).stem().string(); }

/// "audit-01a2272d2600-000000000001.log": sorted by name, logs are in the order of their making (a
/// UUID v7 begins with the time) and files in that of their entries.
std::string finished_name(JournalConfig const& config, base::Uuid const& log, std::int64_t first) {
    auto digits = std::to_string(first);
    digits.insert(0, digits.size() < 15 ? 15 - digits.size() : 0, '0');
    auto const id = log.to_string();
    return stem_of(config.name) + "-" + id.substr(0, 8) + id.substr(9, 4) + "-" + digits + ".log";
}

std::vector<std::string> finished_files(JournalConfig const& config) {
    auto const prefix = stem_of(config.name) + "-";
    std::vector<std::string> out;
    for (auto const& file : std::filesystem::directory_iterator(config.folder)) {
        auto const name = file.path().filename().string();
        if (name.starts_with(prefix) && name.ends_with(".log")) out.push_back(file.path().string());
    }
    std::ranges::sort(out);
    return out;
}

std::string log_path(JournalConfig const& config) {
    std::filesystem::create_directories(config.folder);
    return config.folder + "/" + config.name;
}

/// Of which log a file is, by its first entry; "" where that is none.
std::string log_of(std::string const& path) {
    std::ifstream in(path, std::ios::binary);
    std::string text(8 * 1024, '\0');
    in.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(in.gcount()));
    auto const line = line_of(std::string_view(text).substr(0, text.find('\n')));
    auto const entry = line ? base::parse_json(line->entry) : Json();
    return entry ? std::string((*entry)["log"].to_text().value_or("")) : "";
}

}  // namespace

std::vector<std::string> files_of_log(std::string const& folder, std::string const& name) {
    JournalConfig const config{.folder = folder, .name = name};
    auto out = finished_files(config);
    auto const last = folder + "/" + name;
    if (std::filesystem::exists(last) && std::filesystem::file_size(last) > 0) out.push_back(last);
    if (out.empty()) return out;
    auto const log = log_of(out.back());
    std::erase_if(out, [&](auto const& path) { return log_of(path) != log; });
    return out;
}

Journal::Journal(JournalConfig config, crypto::Ed25519PrivateKey key, base::Clock const& clock,
                 base::Random& random, EntryReader reader)
    : config_(std::move(config)), key_(std::move(key)), clock_(clock), file_(log_path(config_)) {
    link_entry(recover(random, reader).dump());
    add_head();
    // A full disk does not keep the service from starting: it starts as one whose disk refuses.
    if (auto const error = file_.append(group_); error) {
        base::log::error("audit.not_written", {{"log", file_.path()}, {"error", error.message()}});
        is_refused_ = true;
    } else {
        group_.clear();
    }
    head_ = group_head_;
    thread_ = std::thread([this] { run(); });
}

Journal::~Journal() { end(); }

void Journal::end() {
    if (!thread_.joinable()) return;
    {
        std::lock_guard const lock(mutex_);
        is_stopping_ = true;
    }
    wake_.notify_one();
    hurry_.notify_one();
    thread_.join();
}

bool Journal::read_file(std::string const& path, EntryReader const& reader, Report& report) {
    std::ifstream in(path, std::ios::binary);
    bool is_first = true;
    report = check_log(in, {.key = key_.public_key().bytes(), .may_begin_anywhere = true},
                       [&](Json const& entry) {
                           auto const at = base::parse_rfc3339(entry["at"].to_text().value_or(""));
                           if (std::exchange(is_first, false) && at) file_day_ = day_of(*at);
                           if (reader) reader(entry);
                       });
    file_first_ = report.first;
    return !report.finding;
}

bool Journal::goes_on_from_finished(EntryReader const& reader) {
    auto const finished = finished_files(config_);
    Report report;
    if (finished.empty() || !read_file(finished.back(), reader, report)) return false;
    log_ = report.log;
    end_ = {report.entries, report.link, report.unsigned_entries};
    add_continuation();
    return true;
}

Json Journal::recover(base::Random& random, EntryReader const& reader) {
    auto begun = Json::object({{"kind", "open"}, {"at", base::to_rfc3339(clock_.now())}});
    Report report;
    bool const holds = file_.size() > 0 && read_file(file_.path(), reader, report);
    begun.set("torn_bytes", static_cast<std::uint64_t>(report.torn_bytes));
    if (holds) {
        file_.shorten(file_.size() - static_cast<std::int64_t>(report.torn_bytes));
        log_ = report.log;
        end_ = {report.entries, report.link, report.unsigned_entries};
        begun.set("kind", "start");
        return begun;
    }
    // Nothing but a line without its end is a file that was begun and no more.
    if (static_cast<std::int64_t>(report.torn_bytes) == file_.size()) {
        file_.shorten(0);
        if (goes_on_from_finished(reader)) {
            begun.set("kind", "start");
            return begun;
        }
    } else {
        put_aside_ = "entry " + std::to_string(report.finding->sequence) + ": " +
                     std::string(to_string(report.finding->fault));
        auto const path = path_put_aside(file_.path());
        base::log::error("audit.log_put_aside", {{"log", path}, {"fault", put_aside_}});
        file_.set_aside(path);
        begun.set("after", Json::object({{"log", report.log.to_string()},
                                         {"entries", report.entries},
                                         {"link", crypto::hex_encode(report.link)},
                                         {"fault", put_aside_}}));
    }
    log_ = base::make_uuid_v7(clock_.now(), random);
    file_first_ = 1;
    file_day_ = day_of(clock_.now());
    begun.set("log", log_.to_string());
    begun.set("key", crypto::hex_encode(key_.public_key().bytes()));
    begun.set("head_entries", config_.head_entries);
    return begun;
}

void Journal::link_entry(std::string_view fields) {
    auto const sequence = std::to_string(end_.sequence + 1);
    auto const entry = "{\"sequence\":" + sequence + "," + std::string(fields.substr(1));
    end_.link = chain_link(end_.link, entry);
    ++end_.sequence;
    ++end_.unsigned_entries;
    group_ += to_text({.link = end_.link, .entry = entry});
}

void Journal::add_head() {
    group_head_ =
        sign({.log = log_, .sequence = end_.sequence, .link = end_.link, .at = clock_.now()}, key_);
    link_entry(Json::object({{"kind", "head"},
                             {"at", base::to_rfc3339(group_head_.head.at)},
                             {"signature", crypto::hex_encode(group_head_.signature)}})
                   .dump());
    end_.unsigned_entries = 0;
    last_head_ = Steady::now();
}

/// A head as well: it signs all that the file before has.
void Journal::add_continuation() {
    group_head_ =
        sign({.log = log_, .sequence = end_.sequence, .link = end_.link, .at = clock_.now()}, key_);
    auto entry = Json::object({{"kind", "continue"},
                               {"at", base::to_rfc3339(group_head_.head.at)},
                               {"log", log_.to_string()},
                               {"key", crypto::hex_encode(group_head_.key)},
                               {"head_entries", config_.head_entries},
                               {"link", crypto::hex_encode(end_.link)},
                               {"signature", crypto::hex_encode(group_head_.signature)}});
    {
        std::lock_guard const lock(mutex_);
        entry.set("carried", carried_);
    }
    file_first_ = end_.sequence + 1;
    file_day_ = day_of(group_head_.head.at);
    link_entry(entry.dump());
    end_.unsigned_entries = 0;
    last_head_ = Steady::now();
}

bool Journal::is_file_full() const {
    bool const is_large = config_.file_bytes > 0 && file_.size() >= config_.file_bytes;
    bool const is_old = config_.is_daily && day_of(clock_.now()) > file_day_;
    return (is_large || is_old) && Steady::now() >= next_try_;
}

void Journal::begin_file() {
    auto const path = config_.folder + "/" + finished_name(config_, log_, file_first_);
    if (auto const error = file_.begin_next(path); error) {
        // Too large a file is no reason to stop.
        base::log::error("audit.no_next_file", {{"log", path}, {"error", error.message()}});
        next_try_ = Steady::now() + std::chrono::minutes(1);
        return;
    }
    base::log::info("audit.file_finished", {{"log", path}});
    add_continuation();
}

void Journal::carry(Json fields) {
    std::lock_guard const lock(mutex_);
    carried_ = std::move(fields);
}

bool Journal::is_head_due() const {
    if (end_.unsigned_entries == 0) return false;
    return Steady::now() - last_head_ >= config_.head_interval;
}

Journal::Ticket Journal::append(Json fields) {
    auto text = fields.dump();
    std::lock_guard const lock(mutex_);
    if (durable_ == appended_) waiting_since_ = Steady::now();
    waiting_bytes_ += text.size();
    waiting_.push_back(std::move(text));
    wake_.notify_one();
    return ++appended_;
}

bool Journal::is_durable(Ticket ticket) const {
    std::lock_guard const lock(mutex_);
    return durable_ >= ticket;
}

void Journal::when_settled(Ticket ticket, std::function<void()> settled) {
    {
        std::lock_guard const lock(mutex_);
        if (durable_ < ticket && !is_refused_) {
            awaited_.push_back({ticket, std::move(settled)});
            hurry_.notify_one();
            return;
        }
    }
    settled();
}

void Journal::tell_settled(std::unique_lock<std::mutex>& lock) {
    auto const waits = [&](Awaited const& one) { return !is_refused_ && one.ticket > durable_; };
    auto const rest = std::ranges::partition(awaited_, waits);
    std::vector<Awaited> const done(std::make_move_iterator(rest.begin()),
                                    std::make_move_iterator(rest.end()));
    awaited_.erase(rest.begin(), rest.end());
    lock.unlock();
    for (auto const& one : done) one.settled();
    lock.lock();
}

Standing Journal::standing() const {
    std::lock_guard const lock(mutex_);
    if (waiting_bytes_ >= config_.full_bytes) return Standing::full;
    bool const is_stalled =
        durable_ < appended_ && Steady::now() - waiting_since_ > config_.stalled_after;
    if (is_refused_ || is_stalled || waiting_bytes_ >= config_.exits_only_bytes)
        return Standing::failing;
    return Standing::good;
}

void Journal::flush() {
    std::unique_lock lock(mutex_);
    settled_.wait(lock, [&] { return durable_ == appended_ || is_refused_; });
}

SignedHead Journal::head() const {
    std::lock_guard const lock(mutex_);
    return head_;
}

void Journal::run() {
    std::unique_lock lock(mutex_);
    for (;;) {
        auto const until_head =
            end_.unsigned_entries > 0 ? config_.head_interval : std::chrono::milliseconds(60'000);
        wake_.wait_for(lock, until_head,
                       [&] { return is_stopping_ || !waiting_.empty() || !group_.empty(); });
        auto const entries = std::exchange(waiting_, {});
        group_ticket_ = appended_;
        bool const is_last = is_stopping_;
        lock.unlock();
        // Nothing is on its way to the disk: the file is whole as it is.
        if (!entries.empty() && group_.empty() && is_file_full()) begin_file();
        for (auto const& entry : entries) {
            if (end_.unsigned_entries >= config_.head_entries) add_head();
            link_entry(entry);
        }
        if (is_last ? end_.unsigned_entries > 0 : is_head_due()) add_head();
        lock.lock();
        if (!group_.empty()) write_group(lock);
        if (is_last && (group_.empty() || is_refused_)) return;
    }
}

void Journal::write_group(std::unique_lock<std::mutex>& lock) {
    for (;;) {
        lock.unlock();
        auto const error = file_.append(group_);
        auto const after = Steady::now() + config_.flush_interval;
        lock.lock();
        if (error && !is_refused_)
            base::log::error("audit.not_written",
                             {{"log", file_.path()}, {"error", error.message()}});
        if (!error && is_refused_) base::log::warn("audit.written_again", {{"log", file_.path()}});
        is_refused_ = static_cast<bool>(error);
        if (!error) {
            durable_ = group_ticket_;
            head_ = group_head_;
            group_.clear();
            waiting_since_ = Steady::now();
            waiting_bytes_ = 0;
            for (auto const& entry : waiting_) waiting_bytes_ += entry.size();
        }
        settled_.notify_all();
        tell_settled(lock);
        auto const pause = error ? Steady::now() + retry_after : after;
        // Not `wake_`: each entry of a busy second would wake the thread to find nothing to do.
        hurry_.wait_until(lock, pause,
                          [&] { return is_stopping_ || (!error && !awaited_.empty()); });
        if (!error || is_stopping_) return;
    }
}

}  // namespace obscura::audit
