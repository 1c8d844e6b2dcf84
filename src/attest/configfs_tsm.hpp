#pragma once

#include "attest/evidence_source.hpp"
#include "base/random.hpp"

namespace obscura::attest {

/// How configfs is spoken to. The real one is plain files; a test puts a kernel behind them.
class TsmFiles {
public:
    virtual ~TsmFiles() = default;
    virtual base::Result<void> make_directory(std::string const& path);
    virtual void remove_directory(std::string const& path);
    /// In one write(2), as configfs takes it.
    virtual base::Result<void> write(std::string const& path, crypto::Bytes content);
    /// At most `max` bytes; more is an error. A file that is not there is empty.
    virtual base::Result<std::string> read(std::string const& path, std::size_t max);
};

/// Reports of a native guest through Linux's configfs-tsm (6.7 and later; kernel
/// Documentation/ABI/testing/configfs-tsm-report): a folder of its own for each report.
class ConfigfsTsm final : public ReportDevice {
public:
    /// The others must outlive it. `vmpl` as for SevGuest.
    ConfigfsTsm(std::string root, std::uint32_t vmpl, base::Random& random, TsmFiles& files)
        : root_(std::move(root)), vmpl_(vmpl), random_(random), files_(files) {}

    [[nodiscard]] base::Result<Evidence> report(ReportData const& data) override;

private:
    [[nodiscard]] base::Result<Evidence> report_in(std::string const& folder,
                                                   ReportData const& data);

    std::string root_;
    std::uint32_t vmpl_;
    base::Random& random_;
    TsmFiles& files_;
};

}  // namespace obscura::attest
