#include "app/bench_cpu.hpp"

#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <thread>
#include <vector>

namespace obscura::app::bench {
namespace {

namespace fs = std::filesystem;

constexpr char const* processes[] = {"gateway", "sentinel", "conductor", "citadel",
                                     "paper",   "postgres", "redis"};

/// proc(5), schedstat: the first number is the time on a core in nanoseconds.
double spent_by(pid_t process) {
    double spent = 0;
    std::error_code gone;
    for (auto const& thread :
         fs::directory_iterator("/proc/" + std::to_string(process) + "/task", gone)) {
        std::ifstream file(thread.path() / "schedstat");
        double nanoseconds = 0;
        if (file >> nanoseconds) spent += nanoseconds / 1'000;
    }
    return spent;
}

std::optional<pid_t> parent_of(fs::path const& process) {
    std::ifstream file(process / "stat");
    std::string stat;
    std::getline(file, stat);
    // "pid (command) state parent ...": the command may hold anything.
    auto const end = stat.rfind(')');
    if (end == stat.npos || stat.size() < end + 5) return std::nullopt;
    pid_t parent = 0;
    std::from_chars(stat.data() + end + 4, stat.data() + stat.size(), parent);
    return parent;
}

std::vector<pid_t> children_of(pid_t process) {
    std::vector<pid_t> children;
    std::error_code gone;
    for (auto const& entry : fs::directory_iterator("/proc", gone)) {
        auto const name = entry.path().filename().string();
        pid_t child = 0;
        auto const [end, error] = std::from_chars(name.data(), name.data() + name.size(), child);
        if (error != std::errc{} || parent_of(entry.path()) != process) continue;
        children.push_back(child);
    }
    return children;
}

}  // namespace

SpentCpu spent_cpu(ChaosStack const& stack) {
    SpentCpu spent;
    for (std::string const process : processes) {
        auto const id = stack.pid(process);
        if (id == 0) continue;
        spent[process] = spent_by(id);
        if (process != "postgres") continue;
        for (auto const session : children_of(id)) spent[process] += spent_by(session);
    }
    return spent;
}

SpentCpu per_thing(SpentCpu const& before, SpentCpu const& after, double count) {
    SpentCpu each;
    for (auto const& [process, spent] : after) {
        auto const earlier = before.find(process);
        if (earlier != before.end()) each[process] = (spent - earlier->second) / count;
    }
    return each;
}

std::vector<Row> cpu_rows(std::string const& bench, std::string const& thing,
                          std::vector<SpentCpu> const& runs) {
    std::map<std::string, Row> rows;
    Row bound{.id = bench + ".cpu_bound",
              .description = "a second that the machine's cores could carry if none waited",
              .unit = "/s",
              .better = Better::higher};
    for (auto const& spent : runs) {
        double all = 0;
        for (auto const& [process, each] : spent) {
            auto& row = rows[process];
            row.id = bench + ".cpu." + process;
            row.description = "CPU of " + process + " for one " + thing;
            row.unit = "us";
            row.runs.push_back(each);
            all += each;
        }
        bound.runs.push_back(std::thread::hardware_concurrency() * 1e6 / all);
    }
    std::vector<Row> out;
    for (auto& [process, row] : rows) out.push_back(std::move(row));
    out.push_back(std::move(bound));
    return out;
}

}  // namespace obscura::app::bench
