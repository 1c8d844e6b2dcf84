#include "citadel/notional_book.hpp"

#include "base/log.hpp"
#include "citadel/audit_key.hpp"
#include "citadel/journal_wait.hpp"
#include "crypto/base64.hpp"
#include "crypto/hash.hpp"

#include <filesystem>
#include <vector>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr std::int64_t days_kept = 2;

std::string name_of_day(std::int64_t day) {
    return base::to_rfc3339(base::Timestamp(std::chrono::days(day))).substr(0, 10);
}

/// One size, and no ids even under the seal.
std::string name_of_account(std::string const& account) {
    return crypto::base64url_encode(crypto::sha256(account));
}

base::Error unavailable() {
    return {.code = base::Errc::unavailable,
            .reason = "limit_ledger_unavailable",
            .detail = "The sums of the day cannot be written; nothing is signed that they limit.",
            .retry_after = 1s};
}

}  // namespace

NotionalBook::NotionalBook(Options options, CallLog& call_log, Keyring& keyring,
                           base::Clock const& clock, base::Random& random)
    : options_(std::move(options)),
      call_log_(call_log),
      keyring_(keyring),
      clock_(clock),
      random_(random) {
    if (options_.folder.empty()) return;
    key_ = load_audit_key(options_.key_file, keyring_, random_);
    (void)begin(utc_day(clock_.now()));
}

NotionalBook::~NotionalBook() {
    if (file_) file_->end();
}

base::Result<void> NotionalBook::begin(std::int64_t today) {
    if (today <= ledger_.day()) return {};
    // What is still on its way to yesterday's file ends there: a moment, unless the disk refuses.
    if (!is_durable(last_)) return std::unexpected(unavailable());
    file_.reset();
    ledger_.begin(today);
    if (options_.folder.empty()) return {};
    before_file_ = marked_ = last_;
    day_ = name_of_day(today);
    unknown_.clear();
    open_file();
    if (!unknown_.empty())
        base::log::error("citadel.day_unknown",
                         {{"day", day_},
                          {"why", unknown_},
                          {"cure", "the next day, or citadel.accept_lost_day"}});
    return {};
}

void NotionalBook::open_file() {
    Found found;
    try {
        // A lone row waits for one write; heads are for whoever looks at the file alone.
        file_ = std::make_shared<audit::Journal>(
            audit::JournalConfig{.folder = options_.folder,
                                 .name = day_ + ".log",
                                 .head_interval = 60s,
                                 .flush_interval = 1ms},
            *crypto::Ed25519PrivateKey::from_seed(key_->seed().bytes()), clock_, random_,
            [&](Json const& entry) { read_row(entry, found); });
        forget_old_files();
    } catch (std::exception const& e) {
        // Whoever can spoil a file must not be able to stop exits.
        unknown_ = std::string("the file cannot be opened: ") + e.what();
        return;
    }
    rows_ = file_->put_aside().empty() ? found.rows : 0;
    unknown_ = judge(found, file_->put_aside());
    if (unknown_.empty()) return;
    if (options_.lost_day == day_) return accept_lost_day();
    // That it is not known must not be forgotten by the next start either.
    (void)write_row(Json::object({{"unknown", unknown_}}));
    file_->flush();
}

void NotionalBook::read_row(Json const& entry, Found& found) {
    auto const kind = entry["kind"].to_text();
    if (kind != "row") return;
    ++found.rows;
    auto const sealed = entry["sealed"].to_text();
    auto const text = keyring_.decrypt(sealed.value_or(""), context_of_row(found.rows));
    auto const row = text ? base::parse_json(text->reveal()) : Json();
    auto const account = row ? (*row)["account"].to_text() : std::nullopt;
    auto const reserved = row ? (*row)["reserved"].to_decimal() : std::nullopt;
    if (account && reserved)
        ledger_.restore(std::string(*account), base::Money{*reserved});
    else if (row && (*row)["unknown"].is_string())
        found.unknown = (*row)["unknown"].as_string();
    else if (row && (*row)["accepted"].is_bool())
        found.unknown.clear();
    else
        found.unknown = "row " + std::to_string(found.rows) + " does not open";
}

std::string NotionalBook::judge(Found const& found, std::string const& put_aside) const {
    if (!put_aside.empty()) return "the file did not hold: " + put_aside;
    if (!found.unknown.empty()) return found.unknown;
    auto const& marked = call_log_.mark();
    if (marked && marked->day == day_ && found.rows < marked->rows)
        return "the file has " + std::to_string(found.rows) + " rows, and the audit log knows of " +
               std::to_string(marked->rows);
    if (found.rows > 0 && !call_log_.goes_on())
        return "the audit log that went with the file is gone";
    return "";
}

void NotionalBook::accept_lost_day() {
    base::log::warn("citadel.lost_day_accepted", {{"day", day_}, {"was", unknown_}});
    unknown_.clear();
    (void)write_row(Json::object({{"accepted", true}}));
    file_->flush();
    mark();
}

base::Result<NotionalBook::Ticket> NotionalBook::admit(std::string const& account,
                                                       ports::CredentialLimits const& limits,
                                                       base::Money notional) {
    auto const now = clock_.now();
    if (limits.max_daily_notional) {
        if (auto const begun = begin(utc_day(now)); !begun) return std::unexpected(begun.error());
        if (!unknown_.empty())
            return base::fail(base::Errc::invalid_argument, "limit_day_unknown",
                              "What was signed for the account today is not known any more; until "
                              "the next day of UTC nothing more is.");
        if (file_ && file_->standing() != audit::Standing::good)
            return std::unexpected(unavailable());
        if (rows_ >= options_.max_rows)
            return base::fail(base::Errc::unavailable, "limit_ledger_full",
                              "Too many orders today under daily limits.");
    }
    auto const name = name_of_account(account);
    auto const reserve = ledger_.admit(name, limits, notional, now);
    if (!reserve) return std::unexpected(reserve.error());
    if (!limits.max_daily_notional || !file_) return 0;
    if (*reserve)
        return write_row(Json::object({{"account", name}, {"reserved", (*reserve)->to_string()}}));
    // Reserved before, and perhaps a moment ago.
    return is_durable(last_) ? 0 : last_;
}

NotionalBook::Ticket NotionalBook::write_row(Json const& row) {
    ++rows_;
    (void)file_->append(
        Json::object({{"kind", "row"},
                      {"row", rows_},
                      {"sealed", keyring_.encrypt(row.dump(), context_of_row(rows_))}}));
    return ++last_;
}

bool NotionalBook::is_durable(Ticket ticket) const {
    return ticket <= before_file_ || (file_ && file_->is_durable(ticket - before_file_));
}

base::Task<base::Result<void>> NotionalBook::until_durable(Ticket ticket) {
    // Another day may begin meanwhile: what is of this one's file is on the disk by then.
    if (ticket > before_file_ && file_ &&
        !co_await citadel::until_durable(file_, ticket - before_file_))
        co_return std::unexpected(unavailable());
    if (ticket > marked_) mark();
    co_return base::Result<void>();
}

/// What is on the disk now, and no more: after a crash the file has at least that.
void NotionalBook::mark() {
    auto durable = marked_;
    while (durable < last_ && is_durable(durable + 1)) ++durable;
    marked_ = durable;
    call_log_.mark({.day = day_, .rows = rows_ - static_cast<std::int64_t>(last_ - durable)});
}

void NotionalBook::forget_old_files() const {
    auto const oldest = name_of_day(ledger_.day() - days_kept + 1);
    std::vector<std::filesystem::path> old;
    for (auto const& file : std::filesystem::directory_iterator(options_.folder))
        if (file.path().filename().string().substr(0, oldest.size()) < oldest)
            old.push_back(file.path());
    for (auto const& path : old) std::filesystem::remove(path);
}

std::string NotionalBook::context_of_row(std::int64_t row) const {
    return "obscura/citadel/notional/v1|" + day_ + "|" + std::to_string(row);
}

}  // namespace obscura::citadel
