#include "citadel/call_log.hpp"

#include "base/log.hpp"
#include "citadel/audit_key.hpp"
#include "citadel/journal_wait.hpp"
#include "crypto/hex.hpp"
#include "ports/key_vault.hpp"

#include <algorithm>
#include <memory>

namespace obscura::citadel {
namespace {

using namespace std::chrono_literals;
using base::Json;

constexpr std::string_view nobody = "nobody";
constexpr std::size_t max_kinds = 64;

/// Names of ours are of these letters; whatever else came this way is not repeated.
std::string name_of(std::string_view text) {
    bool const is_name =
        !text.empty() && text.size() <= 64 &&
        text.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_") == text.npos;
    return is_name ? std::string(text) : "other";
}

Json json_of(std::map<std::string, std::int64_t> const& counts) {
    auto out = Json::object();
    for (auto const& [name, count] : counts) out.set(name, count);
    return out;
}

Json json_of(std::set<std::string> const& names) {
    auto out = Json::array();
    for (auto const& name : names) out.push_back(name);
    return out;
}

std::shared_ptr<audit::Journal> open_journal(audit::JournalConfig config, Keyring& keyring,
                                             base::Clock const& clock, base::Random& random,
                                             audit::EntryReader reader) {
    if (config.folder.empty()) return nullptr;
    auto key = load_audit_key(config.folder + "/audit.key", keyring, random);
    return std::make_shared<audit::Journal>(std::move(config), std::move(key), clock, random,
                                            std::move(reader));
}

/// Into the service's own log, which is kept elsewhere: a head to hold the log to.
void tell(std::string_view event, audit::SignedHead const& head) {
    base::log::info(event, {{"head", audit::to_json(head).dump()}});
}

}  // namespace

void CallNote::about(std::string_view context) {
    if (!ports::scope_of_context(context)) return;
    auto const tenant = model::TenantId::parse(context.substr(0, context.find('|')));
    auto const connection = model::ConnectionId::parse(context.substr(context.rfind('|') + 1));
    if (tenant && connection) about(*tenant, *connection);
}

void CallNote::about(model::TenantId tenant, model::ConnectionId connection) {
    auto subject = tenant.to_string() + "/" + connection.to_string();
    if (subjects_.contains(subject)) return;
    (subjects_.size() < max_subjects ? subjects_ : others_).insert(std::move(subject));
}

void CallNote::refused(std::string_view reason, std::int64_t count) {
    auto const name = refused_.size() < max_kinds ? name_of(reason) : "other";
    refused_[name] += count;
}

void CallNote::with_key(std::string_view id) {
    if (keys_.size() < max_subjects) keys_.insert(std::string(id));
}

Json CallNote::to_json() const {
    auto out = Json::object();
    if (!done_.empty()) out.set("done", json_of(done_));
    if (!refused_.empty()) out.set("refused", json_of(refused_));
    if (!keys_.empty()) out.set("keys", json_of(keys_));
    if (subjects_.empty()) return out;
    out.set("subjects", json_of(subjects_));
    if (others_.empty()) return out;
    crypto::Sha256 hash;
    for (auto const& subject : others_) hash.update(subject).update("\n");
    out.set("more_subjects", static_cast<std::uint64_t>(others_.size()));
    out.set("more_subjects_hash", crypto::hex_encode(hash.finish()));
    return out;
}

CallLog::CallLog(audit::JournalConfig config, Keyring& keyring, base::Clock const& clock,
                 base::Random& random)
    : clock_(clock),
      journal_(open_journal(std::move(config), keyring, clock, random,
                            [this](Json const& entry) { read(entry); })) {
    if (!journal_) return;
    carry();
    tell("audit.begun", journal_->head());
}

CallLog::~CallLog() {
    if (!journal_) return;
    write_counted();
    journal_->end();
    tell("audit.ended", journal_->head());
}

Admission CallLog::admission() const {
    if (!journal_) return Admission::all;
    switch (journal_->standing()) {
        case audit::Standing::good:
            return Admission::all;
        case audit::Standing::failing:
            return Admission::exits;
        case audit::Standing::full:
            return Admission::nothing;
    }
    std::unreachable();
}

base::Error CallLog::unavailable() {
    return {.code = base::Errc::unavailable,
            .reason = "audit_unavailable",
            .detail = "The audit log cannot be written; only what lessens risk goes on.",
            .retry_after = 1s};
}

void CallLog::add(std::string_view caller, std::string_view operation, CallNote const& note) {
    if (!journal_) return;
    settle();
    write(caller, operation, note, clock_.now());
}

void CallLog::add_refused(std::string_view caller, std::string_view operation,
                          std::string_view reason) {
    if (!journal_) return;
    settle();
    if (!caller.empty()) {
        CallNote note;
        note.refused(reason);
        return write(caller, operation, note, clock_.now());
    }
    count(nobody, operation, reason);
}

void CallLog::add_limited(std::string_view caller, std::string_view operation,
                          std::string_view reason) {
    if (!journal_) return;
    settle();
    count(caller, operation, reason);
}

void CallLog::count(std::string_view caller, std::string_view operation, std::string_view reason) {
    if (counted_.empty()) counted_since_ = clock_.now();
    counted_[{std::string(caller), std::string(operation)}].refused(reason);
}

void CallLog::settle() {
    auto const age = std::chrono::abs(clock_.now() - counted_since_);  // the clock may be stepped
    if (!counted_.empty() && age >= 1s) write_counted();
}

void CallLog::write_counted() {
    for (auto const& [who, note] : std::exchange(counted_, {}))
        write(who.first, who.second, note, counted_since_);
}

void CallLog::write(std::string_view caller, std::string_view operation, CallNote const& note,
                    base::Timestamp at) {
    // Whoever may not call is refused whatever the log says: no more memory for him.
    if (journal_->standing() == audit::Standing::full) return;
    auto entry = Json::object({{"kind", "call"},
                               {"at", base::to_rfc3339(at)},
                               {"caller", caller},
                               {"operation", operation}});
    for (auto& [name, value] : note.to_json().as_object()) entry.set(name, value);
    last_ = journal_->append(std::move(entry));
}

void CallLog::read(Json const& entry) {
    has_entries_ = true;
    auto const kind = entry["kind"].to_text();
    // A file that goes on tells at its beginning what stood in the ones before.
    auto const& told = kind == "continue" ? entry["carried"] : entry;
    if (kind != "day" && kind != "continue") return;
    auto const day = told["day"].to_text();
    auto const rows = told["rows"].to_int64();
    if (day && rows) mark_ = DayMark{.day = std::string(*day), .rows = *rows};
}

void CallLog::mark(DayMark mark) {
    if (!journal_ || journal_->standing() == audit::Standing::full) return;
    last_ = journal_->append(Json::object({{"kind", "day"},
                                           {"at", base::to_rfc3339(clock_.now())},
                                           {"day", mark.day},
                                           {"rows", mark.rows}}));
    mark_ = std::move(mark);
    carry();
}

void CallLog::carry() {
    if (mark_) journal_->carry(Json::object({{"day", mark_->day}, {"rows", mark_->rows}}));
}

bool CallLog::goes_on() const {
    return journal_ != nullptr && has_entries_ && journal_->put_aside().empty();
}

base::Task<base::Result<void>> CallLog::until_durable() {
    if (!journal_ || co_await citadel::until_durable(journal_, last_))
        co_return base::Result<void>();
    co_return std::unexpected(unavailable());
}

std::optional<audit::SignedHead> CallLog::head() const {
    if (!journal_) return std::nullopt;
    return journal_->head();
}

bool is_exit(ports::SignItem const& item) {
    auto const& operation = item.operation;
    if (!model::is_trading(operation)) return true;
    if (std::holds_alternative<model::SetLeverage>(operation) ||
        std::holds_alternative<model::SetMarginMode>(operation))
        return false;
    auto const* order = std::get_if<model::PlaceOrder>(&operation);
    if (order == nullptr) return true;  // cancellations, and what waits to close
    if (item.market == model::Market::spot) return order->side == model::Side::sell;
    bool const is_against = (order->position_side == model::PositionSide::long_side &&
                             order->side == model::Side::sell) ||
                            (order->position_side == model::PositionSide::short_side &&
                             order->side == model::Side::buy);
    return order->reduce_only || is_against;
}

}  // namespace obscura::citadel
