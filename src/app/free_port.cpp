#include "app/free_port.hpp"

#include "app/files.hpp"
#include "base/json.hpp"
#include "base/random.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace obscura::app {
namespace {

// Linux takes the ports of outgoing connections from 32768 up.
constexpr std::uint16_t first_free = 20'000;
constexpr std::uint16_t last_free = 31'999;

/// What held it may be ending: the servers of a supervisor that was killed a moment ago.
bool becomes_free(std::uint16_t port) {
    for (int tries = 0; tries < 20; ++tries) {
        if (is_port_free(port)) return true;
        std::this_thread::sleep_for(std::chrono::milliseconds(50));
    }
    return false;
}

std::map<std::string, std::uint16_t> read_ports(std::string const& file) {
    std::map<std::string, std::uint16_t> ports;
    auto const text = read_file(file);
    auto const json = text ? base::parse_json(*text) : base::Result<base::Json>{base::Json{}};
    if (!json || !json->is_object()) return ports;
    for (auto const& [name, value] : json->as_object())
        if (auto const port = value.to_int64(); port && *port > 0 && *port < 65'536)
            ports[name] = static_cast<std::uint16_t>(*port);
    return ports;
}

}  // namespace

bool is_port_free(std::uint16_t port) {
    int const fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return false;
    // As servers do: connections that linger in TIME_WAIT do not count, a listener does.
    int const on = 1;
    ::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bool const is_free =
        ::bind(fd, reinterpret_cast<sockaddr const*>(&address), sizeof address) == 0 &&
        ::listen(fd, 1) == 0;
    ::close(fd);
    return is_free;
}

/// An abstract name of unix(7): there is one of it in a network namespace, and it goes with its
/// process.
PortClaim::PortClaim(std::uint16_t port) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    auto const name = "obscura-port-" + std::to_string(port);
    std::memcpy(address.sun_path + 1, name.data(), name.size());
    auto const size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
    fd_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (fd_ >= 0 && ::bind(fd_, reinterpret_cast<sockaddr const*>(&address), size) == 0) return;
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
}
PortClaim::~PortClaim() {
    if (fd_ >= 0) ::close(fd_);
}

PortPlan::PortPlan(std::string file, bool well_known)
    : file_(std::move(file)), well_known_(well_known), earlier_(read_ports(file_)) {}

bool PortPlan::claim(std::uint16_t port) {
    PortClaim mine(port);
    if (!mine.is_held()) return false;
    claims_.push_back(std::move(mine));
    return true;
}

std::uint16_t PortPlan::choose(std::string const& name, std::uint16_t preferred) {
    auto const known = earlier_.find(name);
    if (known != earlier_.end() && becomes_free(known->second) && claim(known->second))
        return ports_[name] = known->second;
    if (well_known_ && preferred != 0 && is_port_free(preferred) && claim(preferred))
        return ports_[name] = preferred;
    base::SystemRandom random;
    for (int tries = 0; tries < 1000; ++tries) {
        auto const port =
            static_cast<std::uint16_t>(first_free + random.below(last_free - first_free + 1));
        if (is_port_free(port) && claim(port)) return ports_[name] = port;
    }
    throw std::runtime_error("no free port between 20000 and 31999");
}

void PortPlan::save() const {
    auto json = base::Json::object();
    for (auto const& [name, port] : ports_) json.set(name, int{port});
    write_file(file_, json.dump() + "\n");
}

}  // namespace obscura::app
