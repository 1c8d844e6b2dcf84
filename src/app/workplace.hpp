#pragma once

#include <string>

namespace obscura::app {

/// The state folder of a run that starts a stack of its own: a temporary one, gone with the run
/// unless it is to be looked at, or one that the operator named, which stays.
class Workplace {
public:
    /// `given`: "" makes /tmp/obscura-<purpose>-XXXXXX. Throws std::system_error.
    Workplace(std::string const& given, std::string const& purpose);
    ~Workplace();
    Workplace(Workplace const&) = delete;
    Workplace& operator=(Workplace const&) = delete;

    [[nodiscard]] std::string const& path() const { return path_; }
    void keep() { is_kept_ = true; }

private:
    std::string path_;
    bool is_ours_;
    bool is_kept_ = false;
};

}  // namespace obscura::app
