# Switches of the presets, and the flags that follow from them.
option(OBSCURA_TESTS "Build the tests" ON)
option(OBSCURA_FUZZ "Build the libFuzzer targets" OFF)
option(OBSCURA_COVERAGE "Instrument for coverage" OFF)
option(OBSCURA_UNITY "Compile ten files of a library at once: a third of the work, but not for a second build" OFF)
set(OBSCURA_SANITIZE "" CACHE STRING "Sanitizers, e.g. address,undefined or thread")

add_compile_options(-Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
                    -Wimplicit-fallthrough -Wextra-semi -Werror)
# 128-bit integers are an extension that clang and g++ share.
add_compile_options(-Wno-pedantic -Wno-missing-field-initializers -Wno-missing-designated-field-initializers)
add_compile_options(-fno-omit-frame-pointer -fstack-protector-strong)
add_link_options(-fuse-ld=lld -Wl,-z,relro,-z,now)

# Files whose internal names meet those of another file are listed as APART where their library is.
# What a file lacks that its neighbours include is found by dev and clang-tidy, which build each alone.
if(OBSCURA_UNITY)
  set(CMAKE_UNITY_BUILD ON)
  set(CMAKE_UNITY_BUILD_BATCH_SIZE 10)
  add_compile_options(-Wno-shadow)
endif()
function(obscura_apart)
  set_source_files_properties(${ARGN} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()

if(OBSCURA_SANITIZE)
  add_compile_options(-fsanitize=${OBSCURA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${OBSCURA_SANITIZE})
endif()
if(OBSCURA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=all)
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
