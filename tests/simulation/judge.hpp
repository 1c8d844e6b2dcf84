#pragma once

#include "simulation/faults.hpp"
#include "simulation/record.hpp"
#include "simulation/venue.hpp"
#include "simulation/workload.hpp"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace obscura::simulation {

/// Something that must never be.
struct Violation {
    std::string
        kind;  ///< "lost", "doubled", "unresolved", "order", "exit_blocked", "not_durable", ...
    std::string what;
    microseconds at{0};
};

/// Compares what the venue's books say with what the record says and with what was promised. The
/// books are right.
class Judge {
public:
    Judge(World& world, Venue const& venue, Record const& record, Workload const& workload,
          Faults const& faults);

    /// At every order that the venue takes.
    void order_taken(Venue::Order const& order, base::Timestamp expires_at);
    /// A tenant was told that its signal is committed.
    void acknowledged(std::string const& external_id) { acknowledged_.insert(external_id); }
    [[nodiscard]] bool is_acknowledged(std::string const& id) const {
        return acknowledged_.contains(id);
    }
    /// Nothing is under way, as far as the record knows.
    [[nodiscard]] bool is_quiet() const;
    /// After the last event.
    void close();
    [[nodiscard]] std::vector<Violation> const& violations() const { return violations_; }

private:
    void complain(std::string kind, std::string what);
    void check_trades();
    void check_signals();
    void check_copies();
    void check_copy(Record::SignalRow const& row, Record::CopyRow const& copy);
    void check_legs();
    void check_leg(Record::LegRow const& row);
    void check_sequence(std::map<int, Record::LegRow const*> const& legs);
    void check_positions();
    void check_position(Record::Follower const& follower, model::Instrument const& instrument);
    void check_order(Venue::Order const& order, Record::LegRow const& row);
    void check_exit_in_time(Record::LegRow const& row, Venue::Order const& order);

    World& world_;
    Venue const& venue_;
    Record const& record_;
    Workload const& workload_;
    Faults const& faults_;
    std::set<std::string> acknowledged_;
    std::map<std::string, std::vector<Venue::Order const*>> orders_;  ///< by client id
    std::map<Record::Place, std::int64_t> last_sequence_;
    std::vector<Violation> violations_;
};

}  // namespace obscura::simulation
