#include "app/bench_machine.hpp"

#include "app/files.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <charconv>
#include <cstdlib>
#include <sstream>

namespace obscura::app::bench {
namespace {

/// What follows "NAME<spaces>: " on the first line that begins so.
std::string value_of_line(std::string const& text, std::string const& name) {
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) {
        auto const colon = line.find(':');
        if (!line.starts_with(name) || colon == line.npos) continue;
        auto const begin = line.find_first_not_of(" \t", colon + 1);
        return begin == line.npos ? "" : line.substr(begin);
    }
    return "";
}

}  // namespace

std::string cpu_model_in(std::string const& cpuinfo) {
    auto const model = value_of_line(cpuinfo, "model name");
    return model.empty() ? "unknown" : model;
}

std::int64_t memory_mib_in(std::string const& meminfo) {
    auto const total = value_of_line(meminfo, "MemTotal");
    std::int64_t kib = 0;
    std::from_chars(total.data(), total.data() + total.size(), kib);
    return kib / 1024;
}

Machine this_machine() {
    Machine machine;
    machine.cores = static_cast<unsigned>(::sysconf(_SC_NPROCESSORS_ONLN));
    machine.cpu = cpu_model_in(read_file("/proc/cpuinfo").value_or(""));
    machine.memory_mib = memory_mib_in(read_file("/proc/meminfo").value_or(""));
    utsname names{};
    if (::uname(&names) == 0) machine.kernel = std::string(names.sysname) + " " + names.release;
    if (double loads[1]; ::getloadavg(loads, 1) == 1) machine.load = loads[0];
    return machine;
}

base::Json Machine::to_json() const {
    return base::Json::object({{"cores", cores},
                               {"cpu", cpu},
                               {"memory_mib", memory_mib},
                               {"kernel", kernel},
                               {"load_average_at_start", base::Json::figure(load, 2)}});
}

}  // namespace obscura::app::bench
