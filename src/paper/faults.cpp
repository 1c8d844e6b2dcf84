#include "paper/faults.hpp"

#include "base/decode.hpp"

#include <algorithm>

namespace obscura::paper {
namespace {

constexpr std::array<base::EnumName<FaultKind>, 10> kind_names{
    {{"latency", FaultKind::latency},
     {"drop_before_accept", FaultKind::drop_before_accept},
     {"drop_after_accept", FaultKind::drop_after_accept},
     {"http_5xx", FaultKind::http_5xx},
     {"reset_mid_body", FaultKind::reset_mid_body},
     {"partial_fill", FaultKind::partial_fill},
     {"mute_socket", FaultKind::mute_socket},
     {"duplicate_events", FaultKind::duplicate_events},
     {"reorder_events", FaultKind::reorder_events},
     {"late_events", FaultKind::late_events}}};

std::string_view name_of(FaultKind kind) {
    return std::ranges::find(kind_names, kind, &base::EnumName<FaultKind>::value)->name;
}

bool matches(std::optional<std::string> const& wanted, std::string_view actual) {
    if (!wanted) return true;
    if (wanted->ends_with('*')) return actual.starts_with(wanted->substr(0, wanted->size() - 1));
    return *wanted == actual;
}

bool matches(FaultSpec const& spec, FaultSubject const& subject) {
    return matches(spec.path, subject.path) && matches(spec.method, subject.method) &&
           matches(spec.account, subject.account) && matches(spec.symbol, subject.symbol);
}

/// splitmix64: small, and the same on every platform.
std::uint64_t next_random(std::uint64_t& state) {
    state += 0x9e3779b97f4a7c15ULL;
    auto z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
}

FaultSpec decode_fault(base::Json const& json, std::string const& pointer,
                       std::vector<base::FieldError>& errors) {
    constexpr std::int64_t max_delay_ms = 600'000;
    base::ObjectReader reader(json, pointer);
    FaultSpec spec;
    auto const kind = reader.optional_one_of("fault", kind_names, true);
    spec.kind = kind.value_or(FaultKind::latency);
    if (auto const* match = reader.optional_object("match")) {
        base::ObjectReader inner(*match, reader.pointer_to("match"));
        spec.path = inner.optional_text("path");
        spec.method = inner.optional_text("method");
        spec.account = inner.optional_text("account");
        spec.symbol = inner.optional_text("symbol");
        reader.absorb(inner.errors());
    }
    spec.count = reader.optional_integer("count", {.min = 1});
    spec.probability =
        reader.optional_decimal("probability", {.min = base::Decimal(0), .max = base::Decimal(1)})
            .value_or(base::Decimal(1));
    spec.seed = reader.optional_integer("seed").value_or(0);
    if (auto const ms = reader.optional_integer("ms", {.min = 0, .max = max_delay_ms})) {
        spec.delay = std::chrono::milliseconds(*ms);
    } else if (kind == FaultKind::latency || kind == FaultKind::late_events) {
        reader.add_error("ms", "required", "Must be given for this fault.");
    }
    spec.accept = reader.optional_boolean("accept").value_or(false);
    if (spec.accept && kind && kind != FaultKind::http_5xx) {
        reader.add_error("accept", "not_allowed", "Belongs to http_5xx only.");
    }
    base::DecimalRule const a_share{.min = base::Decimal(0), .max = base::Decimal(1)};
    if (auto const share = reader.optional_decimal("share", a_share)) {
        spec.share = *share;
        if (kind && kind != FaultKind::partial_fill)
            reader.add_error("share", "not_allowed", "Belongs to partial_fill only.");
    }
    for (auto& error : reader.errors()) errors.push_back(std::move(error));
    return spec;
}

}  // namespace

base::Result<std::vector<FaultSpec>> decode_faults(base::Json const& body) {
    constexpr std::size_t max_at_once = 100;
    if (!body.is_array() || body.as_array().empty() || body.as_array().size() > max_at_once) {
        return std::unexpected(
            base::field_error("", "wrong_type", "Must be an array of 1 to 100 faults."));
    }
    std::vector<FaultSpec> specs;
    std::vector<base::FieldError> errors;
    for (std::size_t i = 0; i < body.as_array().size(); ++i) {
        specs.push_back(decode_fault(body.as_array()[i], "/" + std::to_string(i), errors));
    }
    if (errors.empty()) return specs;
    auto error = base::field_error("", "", "");
    error.fields = std::move(errors);
    return std::unexpected(std::move(error));
}

base::Result<std::vector<std::string>> Faults::add(std::vector<FaultSpec> specs) {
    if (active_.size() + specs.size() > max_active) {
        return base::fail(base::Errc::conflict, "too_many_faults",
                          "There are too many faults already; delete some.");
    }
    std::vector<std::string> ids;
    for (auto& spec : specs) {
        auto const seed = static_cast<std::uint64_t>(spec.seed);
        ids.push_back(std::to_string(next_id_));
        active_.push_back({.id = next_id_++, .spec = std::move(spec), .random = seed});
    }
    return ids;
}

bool Faults::remove(std::string_view id) {
    return std::erase_if(active_, [&](Active const& a) { return std::to_string(a.id) == id; }) > 0;
}

base::Json Faults::list() const {
    base::Json::Array list;
    for (auto const& [id, spec, random, fired] : active_) {
        auto match = base::Json::object();
        auto const add = [&match](char const* key, std::optional<std::string> const& value) {
            if (value) match.set(key, *value);
        };
        add("path", spec.path);
        add("method", spec.method);
        add("account", spec.account);
        add("symbol", spec.symbol);
        list.push_back(
            base::Json::object({{"id", std::to_string(id)},
                                {"fault", name_of(spec.kind)},
                                {"match", std::move(match)},
                                {"count", spec.count ? base::Json(*spec.count) : base::Json()},
                                {"probability", spec.probability},
                                {"seed", spec.seed},
                                {"ms", static_cast<std::int64_t>(spec.delay.count())},
                                {"accept", spec.accept},
                                {"share", spec.share},
                                {"fired", fired}}));
    }
    return base::Json(std::move(list));
}

FaultSpec const* Faults::fire(FaultKind kind, FaultSubject const& subject) {
    for (auto& fault : active_) {
        auto const& spec = fault.spec;
        if (spec.kind != kind || (spec.count && fault.fired >= *spec.count)) continue;
        if (!matches(spec, subject)) continue;
        auto const chance = static_cast<std::uint64_t>(spec.probability.raw());
        if (next_random(fault.random) % base::Decimal::one_raw >= chance) continue;
        ++fault.fired;
        return &spec;
    }
    return nullptr;
}

RequestFaults Faults::meet_request(FaultSubject const& subject) {
    RequestFaults met;
    if (active_.empty()) return met;
    if (auto const* latency = fire(FaultKind::latency, subject)) met.latency = latency->delay;
    met.drop_before = fire(FaultKind::drop_before_accept, subject) != nullptr;
    if (met.drop_before) return met;
    if (auto const* failure = fire(FaultKind::http_5xx, subject)) {
        met.fail = true;
        met.fail_after = failure->accept;
    }
    if (!met.fail) met.drop_after = fire(FaultKind::drop_after_accept, subject) != nullptr;
    if (!met.fail && !met.drop_after)
        met.reset_mid_body = fire(FaultKind::reset_mid_body, subject) != nullptr;
    if (met.fail && !met.fail_after) return met;
    if (auto const* partial = fire(FaultKind::partial_fill, subject))
        met.fill_share = partial->share;
    return met;
}

EventFaults Faults::meet_event(FaultSubject const& subject) {
    EventFaults met;
    if (active_.empty()) return met;
    met.duplicate = fire(FaultKind::duplicate_events, subject) != nullptr;
    if (auto const* late = fire(FaultKind::late_events, subject)) {
        met.late = late->delay;
    } else if (auto const* reorder = fire(FaultKind::reorder_events, subject)) {
        met.reorder = reorder->delay;
    }
    return met;
}

bool Faults::mutes(FaultSubject const& subject) {
    return !active_.empty() && fire(FaultKind::mute_socket, subject) != nullptr;
}

}  // namespace obscura::paper
