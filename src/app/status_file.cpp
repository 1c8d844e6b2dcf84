#include "app/status_file.hpp"

#include "app/files.hpp"
#include "app/state_folder.hpp"
#include "app/version.hpp"
#include "base/clock.hpp"

#include <unistd.h>

namespace obscura::app {
namespace {

std::string status_path(std::string const& state_dir) { return state_dir + "/status.json"; }

base::Json unit_json(StateFolder const& state, Unit const& unit) {
    auto const& spec = unit.spec();
    auto const pid = static_cast<int>(unit.pid());
    return base::Json::object({{"name", spec.name},
                               {"url", spec.url},
                               {"version", spec.version},
                               {"pid", pid == 0 ? base::Json() : base::Json(pid)},
                               {"restarts", unit.restarts()},
                               {"log", state.log(spec.name)}});
}

}  // namespace

void write_status(StateFolder const& state, std::string const& phase,
                  std::string const& data_folder, std::vector<std::unique_ptr<Unit>> const& units) {
    auto processes = base::Json::array();
    for (auto const& unit : units) processes.push_back(unit_json(state, *unit));
    auto const json = base::Json::object(
        {{"schema", 1},
         {"version", version},
         {"phase", phase},
         // What the supervisor knows: ordinary processes of one machine. A verdict on citadel is
         // the gateway's (status_command.cpp).
         {"attested", false},
         {"supervisor", base::Json::object({{"pid", static_cast<int>(::getpid())},
                                            {"log", state.log("supervisor")}})},
         {"state", base::Json::object({{"folder", state.path()}, {"postgres", data_folder}})},
         {"processes", processes},
         {"written_at", base::to_rfc3339(base::SystemClock{}.now())}});
    write_file(status_path(state.path()), json.dump() + "\n");
}

base::Json read_status(std::string const& state_dir) {
    auto const text = read_file(status_path(state_dir));
    auto json = base::parse_json(text.value_or("null"));
    return json ? std::move(*json) : base::Json{};
}

}  // namespace obscura::app
