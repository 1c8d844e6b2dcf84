#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace obscura::app {

/// True when 127.0.0.1:port can be listened on now.
[[nodiscard]] bool is_port_free(std::uint16_t port);

/// A port that this process is about to listen on, or lets a child listen on: until then it looks
/// free to every stack that starts in the same moment. One holder at a time in a network namespace.
class PortClaim {
public:
    explicit PortClaim(std::uint16_t port);
    ~PortClaim();
    PortClaim(PortClaim&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    PortClaim& operator=(PortClaim&&) = delete;
    [[nodiscard]] bool is_held() const { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// Ports of one stack, by process name. A port once chosen is kept across starts while it is free,
/// so that clients find the stack where they left it. No two plans that live have one port.
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
    [[nodiscard]] bool claim(std::uint16_t port);

    std::string file_;
    bool well_known_;
    std::map<std::string, std::uint16_t> earlier_;
    std::map<std::string, std::uint16_t> ports_;
    std::vector<PortClaim> claims_;
};

}  // namespace obscura::app
