// What libFuzzer calls, for every target.
#include "fuzz/target.hpp"

#include <cstdint>

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    obscura::fuzz::try_input({reinterpret_cast<char const*>(data), size});
    return 0;
}
