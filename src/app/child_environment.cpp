#include "app/child_environment.hpp"

#include "app/files.hpp"
#include "app/state_folder.hpp"
#include "base/config.hpp"

#include <filesystem>
#include <sstream>

namespace obscura::app {
namespace {

void add_lines(std::vector<std::string>& environment, std::string const& path) {
    std::istringstream lines(read_file(path).value_or(""));
    for (std::string line; std::getline(lines, line);)
        if (line.find('=') != line.npos && !line.starts_with('#')) environment.push_back(line);
}

}  // namespace

std::vector<std::string> base_environment() {
    std::vector<std::string> result{"TZ=UTC"};
    auto const ours = base::process_environment();
    for (auto const* name : {"PATH", "HOME", "LANG", "LC_ALL", "ASAN_OPTIONS", "UBSAN_OPTIONS",
                             "TSAN_OPTIONS", "LLVM_PROFILE_FILE"})
        if (auto const found = ours.find(name); found != ours.end())
            result.push_back(found->first + "=" + found->second);
    return result;
}

std::vector<std::string> service_environment(StateFolder const& state, std::string const& service) {
    auto result = base_environment();
    auto const folder = state.file("config/") + service;
    add_lines(result, folder + ".env");
    add_lines(result, folder + ".once.env");
    std::error_code none;
    std::filesystem::remove(folder + ".once.env", none);
    return result;
}

}  // namespace obscura::app
