// Key files, and policies of key holders: what a file opens to is what was put in, whoever wrote on
// it since.
#include "custody/key_file.hpp"
#include "custody/release_policy.hpp"
#include "fuzz/target.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace obscura::fuzz {
namespace {

constexpr std::array<std::string_view, 2> form_refusals{"key_file", "key_file_cost"};
constexpr std::array<std::string_view, 4> opening_refusals{"key_file_lock", "key_file_closed",
                                                           "key_file_altered", "key_payload"};

struct PaperMachine final : custody::MachineKey {
    base::Result<attest::TcbVersion> tcb() override { return attest::TcbVersion{}; }
    base::Result<base::Secret> derive(attest::TcbVersion const&) override {
        return base::Secret(std::string_view("a key of thirty-two bytes always"));
    }
};

/// The one file of this process that opens.
std::string const& good_file() {
    static std::string const text = [] {
        base::SeededRandom random(1);
        custody::MasterKeys keys;
        (void)custody::add_version(keys, random);
        PaperMachine machine;
        return custody::to_text(*custody::make_key_file(keys, {.machine = &machine}, random));
    }();
    return text;
}

void must_hold(std::string_view text) {
    auto const file = custody::parse_key_file(text);
    if (!file) {
        must(std::ranges::count(form_refusals, file.error().reason) == 1, "a refusal has a reason");
        return;
    }
    must(custody::to_text(*file) == text, "what is read prints as itself");
    PaperMachine machine;
    auto const keys = custody::open_key_file(*file, machine);
    must(keys.has_value() == (text == good_file()), "what opens is what was made");
    must(keys || std::ranges::count(opening_refusals, keys.error().reason) == 1,
         "a refusal has a reason");
}

/// The good file with a piece of it replaced by the input.
std::string altered(unsigned choice, std::string_view input) {
    auto text = good_file();
    auto const at = choice % text.size();
    return text.replace(at, std::min(text.size() - at, input.size()), input);
}

void must_be_policy(std::string_view text) {
    auto const policy = custody::parse_release_policy(text, "policy.toml");
    if (!policy) return must(policy.error().reason == "policy", "a refusal is one of the policy");
    must(!policy->allow_software || policy->environment == "development",
         "software is for development");
    must(policy->format == "software" || !policy->snp.measurements.empty(),
         "a policy names whom it believes");
}

}  // namespace

/// A byte that chooses where the good file is altered, then a key file, or a policy.
void try_input(std::string_view input) {
    auto const [choice, rest] = choice_and_rest(input);
    must_hold(rest);
    must_hold(altered(choice, rest));
    must_be_policy(rest);
}

}  // namespace obscura::fuzz
