#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace obscura::app {

/// True when 127.0.0.1:port can be listened on now.
[[nodiscard]] bool is_port_free(std::uint16_t port);

/// Ports of one stack, by process name. A port once chosen is kept across starts while it is free,
/// so that clients find the stack where they left it.
class PortPlan {
public:
    /// `file` holds the ports of the last start. With `well_known` false the preferred ports are
    /// left to others: a stack beside another one.
    PortPlan(std::string file, bool well_known);
    /// The last start's port if it is (or becomes, within a second) free, else `preferred`, else
    /// any below the range that outgoing connections take theirs from.
    [[nodiscard]] std::uint16_t choose(std::string const& name, std::uint16_t preferred);
    [[nodiscard]] std::uint16_t at(std::string const& name) const { return ports_.at(name); }
    [[nodiscard]] std::map<std::string, std::uint16_t> const& all() const { return ports_; }
    void save() const;

private:
    [[nodiscard]] bool is_taken_by_us(std::uint16_t port) const;

    std::string file_;
    bool well_known_;
    std::map<std::string, std::uint16_t> earlier_;
    std::map<std::string, std::uint16_t> ports_;
};

}  // namespace obscura::app
