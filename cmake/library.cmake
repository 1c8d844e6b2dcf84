# obscura_library(<name> DEPS <libraries...> [PCH <headers...>] [EXCLUDE <files...>] [APART <files...>])
# One folder of src/ as one static library: obscura_<name> with every .cpp below the folder, but for
# those listed in EXCLUDE. APART: see OBSCURA_UNITY.
function(obscura_library name)
  cmake_parse_arguments(ARG "" "" "DEPS;PCH;EXCLUDE;APART" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  foreach(excluded ${ARG_EXCLUDE})
    list(REMOVE_ITEM sources ${CMAKE_CURRENT_SOURCE_DIR}/${excluded})
  endforeach()
  if(NOT sources)
    add_library(obscura_${name} INTERFACE)
    target_include_directories(obscura_${name} INTERFACE ${CMAKE_SOURCE_DIR}/src)
    target_link_libraries(obscura_${name} INTERFACE ${ARG_DEPS})
    return()
  endif()
  add_library(obscura_${name} STATIC ${sources})
  target_include_directories(obscura_${name} PUBLIC ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(obscura_${name} PUBLIC ${ARG_DEPS})
  obscura_apart(${ARG_APART})
  if(ARG_PCH)
    target_precompile_headers(obscura_${name} PRIVATE ${ARG_PCH})
  endif()
endfunction()

# What nearly every file with coroutines includes: parsed once a library.
set(OBSCURA_PCH_COROUTINES
    <boost/asio/awaitable.hpp> <boost/asio/co_spawn.hpp> <boost/asio/detached.hpp>
    <boost/asio/steady_timer.hpp> <boost/asio/use_awaitable.hpp> <boost/asio/io_context.hpp>
    <chrono> <expected> <functional> <map> <memory> <optional> <string> <string_view>
    <unordered_map> <variant> <vector>)
set(OBSCURA_PCH_STANDARD
    <chrono> <expected> <functional> <map> <memory> <optional> <string> <string_view> <variant>
    <vector>)
