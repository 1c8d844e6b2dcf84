#include "attest/configfs_tsm.hpp"

#include "attest/detail/device_evidence.hpp"
#include "crypto/hex.hpp"

#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace obscura::attest {
namespace {

constexpr std::size_t max_attribute = 64;
constexpr std::size_t max_report = 4096;
constexpr std::size_t max_table = 64 * 1024;
constexpr int max_tries = 3;

std::unexpected<base::Error> failed(std::string const& path) {
    return no_evidence(path + ": " + std::strerror(errno));
}

class Descriptor {
public:
    Descriptor(std::string const& path, int flags) : fd_(::open(path.c_str(), flags | O_CLOEXEC)) {}
    ~Descriptor() {
        if (fd_ >= 0) ::close(fd_);
    }
    Descriptor(Descriptor const&) = delete;
    Descriptor& operator=(Descriptor const&) = delete;
    [[nodiscard]] int fd() const { return fd_; }

private:
    int fd_;
};

std::string_view trimmed(std::string_view text) {
    while (text.ends_with('\n') || text.ends_with('\0')) text.remove_suffix(1);
    return text;
}

}  // namespace

base::Result<void> TsmFiles::make_directory(std::string const& path) {
    if (::mkdir(path.c_str(), 0700) != 0) return failed(path);
    return {};
}

void TsmFiles::remove_directory(std::string const& path) { (void)::rmdir(path.c_str()); }

base::Result<void> TsmFiles::write(std::string const& path, crypto::Bytes content) {
    Descriptor const file(path, O_WRONLY);
    if (file.fd() < 0) return failed(path);
    auto const written = ::write(file.fd(), content.data(), content.size());
    if (written < 0) return failed(path);
    if (static_cast<std::size_t>(written) != content.size())
        return no_evidence(path + ": written in part");
    return {};
}

base::Result<std::string> TsmFiles::read(std::string const& path, std::size_t max) {
    Descriptor const file(path, O_RDONLY);
    if (file.fd() < 0) {
        if (errno == ENOENT) return std::string();
        return failed(path);
    }
    std::string out(max + 1, '\0');
    std::size_t size = 0;
    while (size < out.size()) {
        auto const n = ::read(file.fd(), out.data() + size, out.size() - size);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return failed(path);
        if (n == 0) break;
        size += static_cast<std::size_t>(n);
    }
    if (size > max) return no_evidence(path + ": more than " + std::to_string(max) + " bytes");
    out.resize(size);
    return out;
}

base::Result<Evidence> ConfigfsTsm::report(ReportData const& data) {
    std::array<std::uint8_t, 8> name{};
    random_.fill(std::as_writable_bytes(std::span(name)));
    auto const folder = root_ + "/obscura-" + crypto::hex_encode(name);
    if (auto const made = files_.make_directory(folder); !made)
        return std::unexpected(made.error());
    auto evidence = report_in(folder, data);
    files_.remove_directory(folder);
    return evidence;
}

base::Result<Evidence> ConfigfsTsm::report_in(std::string const& folder, ReportData const& data) {
    auto const provider = files_.read(folder + "/provider", max_attribute);
    if (!provider) return std::unexpected(provider.error());
    if (trimmed(*provider) != "sev_guest")
        return no_evidence(folder + ": the provider is \"" + std::string(trimmed(*provider)) +
                           "\", not sev_guest");
    for (int i = 0; i < max_tries; ++i) {
        auto const level = std::to_string(vmpl_);
        if (auto const o = files_.write(folder + "/privlevel", crypto::as_bytes(level)); !o)
            return std::unexpected(o.error());
        if (auto const o = files_.write(folder + "/inblob", data); !o)
            return std::unexpected(o.error());
        // Whoever writes to the folder between here and there raises the number: then the report
        // may be somebody else's.
        auto const before = files_.read(folder + "/generation", max_attribute);
        auto const report = files_.read(folder + "/outblob", max_report);
        auto const table = files_.read(folder + "/auxblob", max_table);
        auto const after = files_.read(folder + "/generation", max_attribute);
        for (auto const* read : {&before, &report, &table, &after})
            if (!*read) return std::unexpected(read->error());
        if (before->empty()) return no_evidence(folder + ": there is no generation");
        if (*before == *after)
            return detail::device_evidence(crypto::as_bytes(*report), crypto::as_bytes(*table),
                                           data, vmpl_);
    }
    return no_evidence(folder + ": somebody else keeps writing there");
}

}  // namespace obscura::attest
