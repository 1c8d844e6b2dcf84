// Audit logs: whatever a file holds gets a verdict, and what is called whole stays so only as it
// is.
#include "audit/log_check.hpp"
#include "fuzz/target.hpp"

#include <sstream>
#include <string>

namespace obscura::fuzz {
namespace {

audit::Report check(std::string const& text) {
    std::istringstream in(text);
    return audit::check_log(in, {});
}

/// The links of lines made right, so that inputs come past them.
std::string linked(std::string_view text) {
    std::string out;
    auto link = audit::chain_start();
    while (!text.empty()) {
        auto const entry = take_line(text);
        link = audit::chain_link(link, entry);
        out += audit::to_text({.link = link, .entry = entry});
    }
    return out;
}

}  // namespace

/// A byte that chooses whether the rest is a log or its entries, and which place to change.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    auto text = choice % 2 == 0 ? std::string(rest) : linked(rest);
    auto const report = check(text);
    must(report.entries >= 0 && report.unsigned_entries <= report.entries, "counts are sound");
    if (auto const json = base::parse_json(rest); json) (void)audit::head_from_json(*json);
    if (report.finding) {
        must(report.finding->sequence > 0, "a finding has its place");
        must(!report.finding->detail.empty(), "a finding says what it is");
        return;
    }
    auto const end = text.size() - report.torn_bytes;
    must(end > 0 && text[end - 1] == '\n', "what holds ends with a line");
    text[choice % (end - 1)] ^= 1;
    must(check(text).finding.has_value(), "what is changed is found");
}

}  // namespace obscura::fuzz
