#include "app/workplace.hpp"

#include "app/files.hpp"

#include <stdlib.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace fs = std::filesystem;

namespace obscura::app {

Workplace::Workplace(std::string const& given, std::string const& purpose)
    : path_(given), is_ours_(given.empty()) {
    if (!is_ours_) return;
    auto pattern = (fs::temp_directory_path() / ("obscura-" + purpose + "-XXXXXX")).string();
    if (::mkdtemp(pattern.data()) == nullptr)
        throw std::system_error(errno, std::generic_category(), pattern);
    path_ = pattern;
}

Workplace::~Workplace() {
    if (!is_ours_ || is_kept_) return;
    std::error_code none;
    // PostgreSQL's data may lie elsewhere, where its account can reach them.
    try {
        auto const elsewhere = read_file(path_ + "/postgres.location").value_or("");
        auto const folder = elsewhere.substr(0, elsewhere.find('\n'));
        if (!folder.empty()) fs::remove_all(folder, none);
    } catch (std::exception const&) {
    }
    fs::remove_all(path_, none);
}

}  // namespace obscura::app
