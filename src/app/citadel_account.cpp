#include "app/citadel_account.hpp"

#include "app/files.hpp"

#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <system_error>

namespace fs = std::filesystem;

namespace obscura::app {
namespace {

constexpr Account own{.uid = 10'001, .gid = 10'001};

[[noreturn]] void refuse(fs::path const& path) {
    throw std::system_error(errno, std::generic_category(), path);
}

void give(fs::path const& path, Account const& account) {
    if (::lchown(path.c_str(), account.uid, account.gid) != 0) refuse(path);
}

}  // namespace

std::optional<Account> citadel_account(StateFolder const& state, std::string const& program) {
    bool const is_possible =
        ::geteuid() == 0 && can_reach(own, state.path()) && can_reach(own, program);
    return is_possible ? std::optional(own) : std::nullopt;
}

void give_citadel_its_files(StateFolder const& state, Account const& account) {
    // It passes through, and nobody else: what operators put there is theirs.
    for (auto const* folder : {"config", "tls"}) {
        auto const path = state.file(folder);
        if (::chown(path.c_str(), static_cast<uid_t>(-1), account.gid) != 0) refuse(path);
        make_folder(path, 0710);
    }
    for (auto const* file : {"tls/citadel.pem", "tls/citadel.key"}) give(state.file(file), account);
    give(state.config("citadel"), account);
    // Of the authority only the certificate, which is no secret.
    fs::permissions(state.file("tls/ca.pem"), fs::perms(0644));
    make_folder(state.file("audit"), 0700);
    give(state.file("audit"), account);
    for (auto const& entry : fs::recursive_directory_iterator(state.file("audit")))
        give(entry.path(), account);
}

}  // namespace obscura::app
