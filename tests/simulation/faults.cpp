#include "simulation/faults.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

namespace obscura::simulation {
namespace {

template <class E>
struct Name {
    std::string_view text;
    E value;
};

constexpr std::array<Name<Where>, 25> where_names{{
    {"acquire", Where::acquire},
    {"renew", Where::renew},
    {"accept", Where::accept},
    {"move", Where::move},
    {"sweep", Where::sweep},
    {"plan", Where::plan},
    {"plan_commit", Where::plan_commit},
    {"record", Where::record},
    {"rearm", Where::rearm},
    {"read", Where::read},
    {"append", Where::append},
    {"sign", Where::sign},
    {"order", Where::order},
    {"query", Where::query},
    {"fills", Where::fills},
    {"instruments", Where::instruments},
    {"server_time", Where::server_time},
    {"stream_event", Where::stream_event},
    {"rest_page", Where::rest_page},
    {"gateway", Where::gateway},
    {"database", Where::database},
    {"redis", Where::redis},
    {"conductor_a", Where::conductor_a},
    {"conductor_b", Where::conductor_b},
    {"sentinel", Where::sentinel},
}};

constexpr std::array<Name<What>, 27> what_names{{
    {"fail", What::fail},
    {"lose_answer", What::lose_answer},
    {"slow", What::slow},
    {"kill_before", What::kill_before},
    {"kill_after", What::kill_after},
    {"pause", What::pause},
    {"lose", What::lose},
    {"error_before", What::error_before},
    {"error_after", What::error_after},
    {"throttle", What::throttle},
    {"busy", What::busy},
    {"reject", What::reject},
    {"not_sent", What::not_sent},
    {"late", What::late},
    {"too_late", What::too_late},
    {"partial", What::partial},
    {"rest", What::rest},
    {"cut", What::cut},
    {"expire", What::expire},
    {"untold", What::untold},
    {"stale", What::stale},
    {"duplicate", What::duplicate},
    {"crash", What::crash},
    {"stop", What::stop},
    {"terminate", What::terminate},
    {"step_clock", What::step_clock},
    {"vanish", What::vanish},
}};

template <class E, std::size_t N>
std::string_view text_of(E value, std::array<Name<E>, N> const& names) {
    for (auto const& name : names)
        if (name.value == value) return name.text;
    return "?";
}
template <class E, std::size_t N>
std::optional<E> value_of(std::string_view text, std::array<Name<E>, N> const& names) {
    for (auto const& name : names)
        if (name.text == text) return name.value;
    return std::nullopt;
}

/// What may happen where, how often relative to the others, and up to which call.
struct Kind {
    Where where;
    What what;
    unsigned weight;
    std::uint64_t calls;    ///< strikes one of the first so many
    microseconds least{0};  ///< of the span
    microseconds most{0};
};

// The calls that matter most are struck most: an order, and the transactions around it.
constexpr std::array kinds{
    Kind{Where::order, What::lose_answer, 6, 40},
    Kind{Where::order, What::lose, 6, 40},
    Kind{Where::order, What::error_before, 3, 40},
    Kind{Where::order, What::error_after, 4, 40},
    Kind{Where::order, What::throttle, 3, 40, 200ms, 3s},
    Kind{Where::order, What::busy, 3, 40},
    Kind{Where::order, What::reject, 2, 20},
    Kind{Where::order, What::not_sent, 3, 40},
    Kind{Where::order, What::late, 5, 40},
    Kind{Where::order, What::too_late, 4, 40},
    Kind{Where::order, What::partial, 4, 40, 100ms, 8s},
    Kind{Where::order, What::rest, 4, 40, 100ms, 8s},
    Kind{Where::order, What::cut, 3, 40},
    Kind{Where::order, What::expire, 2, 40},
    Kind{Where::order, What::untold, 3, 40},
    Kind{Where::order, What::kill_before, 4, 40},
    Kind{Where::order, What::kill_after, 5, 40},
    Kind{Where::order, What::pause, 6, 40, 500ms, 14s},
    Kind{Where::order, What::slow, 3, 40, 500ms, 4s},
    Kind{Where::query, What::fail, 3, 12},
    Kind{Where::query, What::throttle, 2, 12, 200ms, 2s},
    Kind{Where::query, What::stale, 4, 12},
    Kind{Where::query, What::kill_after, 3, 12},
    Kind{Where::query, What::slow, 2, 12, 500ms, 4s},
    Kind{Where::query, What::pause, 2, 12, 500ms, 14s},
    Kind{Where::fills, What::fail, 3, 10},
    Kind{Where::fills, What::cut, 3, 10},  // a listing that is not complete yet
    Kind{Where::instruments, What::fail, 1, 3},
    Kind{Where::server_time, What::fail, 2, 20},
    Kind{Where::server_time, What::slow, 2, 20, 50ms, 3s},
    Kind{Where::sign, What::fail, 3, 30},
    Kind{Where::sign, What::slow, 4, 30, 500ms, 8s},
    Kind{Where::sign, What::kill_before, 2, 30},
    Kind{Where::sign, What::kill_after, 3, 30},
    Kind{Where::sign, What::pause, 4, 30, 500ms, 14s},
    Kind{Where::plan, What::fail, 2, 30},
    Kind{Where::plan, What::kill_after, 3, 30},
    Kind{Where::plan, What::slow, 2, 30, 500ms, 4s},
    Kind{Where::plan_commit, What::fail, 3, 30},
    Kind{Where::plan_commit, What::lose_answer, 5, 30},
    Kind{Where::plan_commit, What::kill_before, 3, 30},
    Kind{Where::plan_commit, What::kill_after, 5, 30},
    Kind{Where::plan_commit, What::slow, 2, 30, 500ms, 4s},
    Kind{Where::plan_commit, What::pause, 3, 30, 500ms, 40s},
    Kind{Where::record, What::fail, 3, 40},
    Kind{Where::record, What::lose_answer, 4, 40},
    Kind{Where::record, What::kill_before, 4, 40},
    Kind{Where::record, What::kill_after, 4, 40},
    Kind{Where::record, What::slow, 2, 40, 500ms, 4s},
    Kind{Where::record, What::pause, 4, 40, 500ms, 14s},
    Kind{Where::rearm, What::fail, 3, 6},
    Kind{Where::rearm, What::lose_answer, 4, 6},
    Kind{Where::rearm, What::kill_after, 3, 6},
    Kind{Where::rearm, What::pause, 3, 6, 500ms, 14s},
    Kind{Where::move, What::fail, 2, 100},
    Kind{Where::move, What::lose_answer, 4, 100},
    Kind{Where::move, What::kill_after, 4, 100},
    Kind{Where::move, What::slow, 2, 100, 500ms, 3s},
    Kind{Where::sweep, What::fail, 1, 30},
    Kind{Where::renew, What::lose_answer, 1, 20},
    Kind{Where::renew, What::fail, 1, 20},
    Kind{Where::acquire, What::lose_answer, 2, 40},
    Kind{Where::acquire, What::kill_after, 2, 40},
    Kind{Where::read, What::fail, 1, 6},
    Kind{Where::append, What::fail, 2, 30},
    Kind{Where::append, What::lose_answer, 3, 30},
    Kind{Where::append, What::kill_before, 6, 30},
    Kind{Where::append, What::kill_after, 8, 30},
    Kind{Where::append, What::slow, 2, 30, 500ms, 4s},
    Kind{Where::accept, What::lose_answer, 3, 10},
    Kind{Where::accept, What::kill_before, 3, 10},
    Kind{Where::accept, What::kill_after, 3, 10},
    Kind{Where::gateway, What::lose_answer, 2, 10},
    Kind{Where::gateway, What::lose, 2, 10},
    Kind{Where::stream_event, What::lose, 5, 30},
    Kind{Where::stream_event, What::duplicate, 4, 30},
    Kind{Where::stream_event, What::slow, 5, 30, 50ms, 3s},
    Kind{Where::stream_event, What::vanish, 5, 30},
    Kind{Where::rest_page, What::fail, 3, 20},
    Kind{Where::database, What::crash, 4, 0, 200ms, 6s},
    Kind{Where::redis, What::vanish, 3, 0, 500ms, 15s},
    Kind{Where::conductor_a, What::crash, 5, 0, 300ms, 8s},
    Kind{Where::conductor_b, What::crash, 5, 0, 300ms, 8s},
    Kind{Where::conductor_a, What::stop, 4, 0, 500ms, 14s},
    Kind{Where::conductor_b, What::stop, 4, 0, 500ms, 14s},
    Kind{Where::conductor_a, What::terminate, 2, 0, 300ms, 8s},
    Kind{Where::conductor_b, What::terminate, 2, 0, 300ms, 8s},
    Kind{Where::conductor_a, What::step_clock, 2, 0, -3600s, 3600s},
    Kind{Where::conductor_b, What::step_clock, 2, 0, -3600s, 3600s},
    Kind{Where::sentinel, What::crash, 8, 0, 300ms, 8s},
    Kind{Where::sentinel, What::stop, 2, 0, 500ms, 14s},
    Kind{Where::sentinel, What::step_clock, 1, 0, -3600s, 3600s},
};

/// Where on the axis of a run a fault lies, for sorting: calls are taken as spread evenly.
microseconds place_of(Fault const& fault) {
    if (is_thing(fault.where)) return fault.at;
    for (auto const& kind : kinds)
        if (kind.where == fault.where)
            return fault_window * static_cast<std::int64_t>(fault.nth) /
                   static_cast<std::int64_t>(std::max<std::uint64_t>(kind.calls, 1));
    return microseconds(0);
}

std::string seconds(microseconds t) {
    return fmt::format("{:.3f}s", static_cast<double>(t.count()) / 1e6);
}

std::vector<std::string_view> words_of(std::string_view text) {
    std::vector<std::string_view> words;
    while (!text.empty()) {
        auto const end = std::min(text.find(' '), text.size());
        if (end > 0) words.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
}

template <class T>
bool number(std::string_view text, T& out) {
    auto const [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    return error == std::errc{} && end == text.data() + text.size();
}

std::optional<microseconds> span_from(std::string_view text) {
    double value = 0;
    if (!text.ends_with('s') || !number(text.substr(0, text.size() - 1), value))
        return std::nullopt;
    return microseconds(std::llround(value * 1e6));
}

}  // namespace

bool is_thing(Where where) { return where >= Where::database; }
std::string_view name_of(Where where) { return text_of(where, where_names); }
std::string_view name_of(What what) { return text_of(what, what_names); }

std::string to_string(Fault const& fault) {
    auto text =
        is_thing(fault.where)
            ? fmt::format("{} @{} {}", name_of(fault.where), seconds(fault.at), name_of(fault.what))
            : fmt::format("{} #{} {}", name_of(fault.where), fault.nth, name_of(fault.what));
    if (fault.span != microseconds(0)) text += " " + seconds(fault.span);
    return text;
}

std::optional<Fault> fault_from(std::string_view text) {
    auto const words = words_of(text);
    if (words.size() < 3 || words.size() > 4) return std::nullopt;
    auto const where = value_of(words[0], where_names);
    auto const what = value_of(words[2], what_names);
    if (!where || !what) return std::nullopt;
    Fault fault{.where = *where, .what = *what};
    if (is_thing(*where)) {
        auto const at = words[1].starts_with('@') ? span_from(words[1].substr(1)) : std::nullopt;
        if (!at) return std::nullopt;
        fault.at = *at;
    } else if (!words[1].starts_with('#') || !number(words[1].substr(1), fault.nth)) {
        return std::nullopt;
    }
    if (words.size() == 4) {
        auto const span = span_from(words[3]);
        if (!span) return std::nullopt;
        fault.span = *span;
    }
    return fault;
}

Schedule schedule_of(std::uint64_t seed) {
    Dice dice(seed, "schedule");
    unsigned total = 0;
    for (auto const& kind : kinds) total += kind.weight;
    Schedule schedule;
    // One seed in sixteen runs without a fault: what must happen then is known exactly.
    auto const wanted = seed % 16 == 0 ? 0 : dice.between(1, 14);
    while (schedule.size() < static_cast<std::size_t>(wanted)) {
        auto pick = static_cast<unsigned>(dice.below(total));
        auto kind = kinds.begin();
        for (; pick >= kind->weight; ++kind) pick -= kind->weight;
        Fault fault{.where = kind->where, .what = kind->what};
        auto const whole_ms = [](microseconds t) {
            return microseconds(std::chrono::duration_cast<std::chrono::milliseconds>(t));
        };
        fault.span = whole_ms(dice.between(kind->least, kind->most));
        if (is_thing(kind->where))
            fault.at = whole_ms(dice.between(microseconds(200ms), fault_window));
        else
            fault.nth = 1 + dice.below(kind->calls);
        bool const taken = std::ranges::any_of(schedule, [&](Fault const& f) {
            return !is_thing(f.where) && f.where == fault.where && f.nth == fault.nth;
        });
        if (!taken) schedule.push_back(fault);
    }
    std::ranges::sort(schedule, {}, place_of);
    return schedule;
}

Faults::Faults(World& world, Schedule const& schedule) : world_(world) {
    for (auto const& fault : schedule)
        if (is_thing(fault.where))
            things_.push_back(fault);
        else
            of_calls_.emplace(std::pair(fault.where, fault.nth), fault);
}

std::optional<Fault> Faults::at(Where where) {
    auto const nth = ++calls_[where];
    auto const found = of_calls_.find({where, nth});
    if (found == of_calls_.end()) return std::nullopt;
    count_thing(found->second);
    return found->second;
}

void Faults::count_thing(Fault const& fault) {
    world_.note("fault: " + to_string(fault));
    ++struck_;
    quiet_after_ = std::max(quiet_after_, world_.now() + std::max(fault.span, microseconds(0)));
}

}  // namespace obscura::simulation
