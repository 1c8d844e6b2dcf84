# Switches of the presets, and the flags that follow from them.
option(OBSCURA_TESTS "Build the tests" ON)
option(OBSCURA_FUZZ "Build the libFuzzer targets" OFF)
option(OBSCURA_COVERAGE "Instrument for coverage" OFF)
set(OBSCURA_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Wextra-semi -Werror)
# 128-bit integers are an extension that clang and g++ share.
add_compile_options(-Wno-pedantic -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
add_compile_options(-fno-omit-frame-pointer -fstack-protector-strong)
add_link_options(-fuse-ld=lld -Wl,-z,relro,-z,now)

if(OBSCURA_SANITIZE)
  add_compile_options(-fsanitize=${OBSCURA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OBSCURA_SANITIZE})
endif()
if(OBSCURA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined)
  add_link_options(-fsanitize=address,undefined)
endif()
if(OBSCURA_COVERAGE)
  add_compile_options(-fprofile-instr-generate -fcoverage-mapping)
  add_link_options(-fprofile-instr-generate)
endif()

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime ${CCACHE})
  # ccache and precompiled headers agree only when the header's time stamp is left out.
  add_compile_options(-Xclang -fno-pch-timestamp)
endif()
