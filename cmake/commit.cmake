# cmake -DSOURCE=... -DHEADER=... -P commit.cmake: writes the commit of the tree into a header, which
# is touched only when it changes.
set(commit "")
find_program(git_program git)
if(git_program)
  execute_process(COMMAND ${git_program} -C ${SOURCE} rev-parse --short=12 HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  execute_process(COMMAND ${git_program} -C ${SOURCE} status --porcelain --untracked-files=no
                  OUTPUT_VARIABLE changes OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
endif()
if(commit STREQUAL "")
  set(commit "unknown")
elseif(NOT changes STREQUAL "")
  string(APPEND commit "-changed")
endif()
set(text "#pragma once\n\nnamespace obscura::app {\ninline constexpr auto generated_commit = \"${commit}\";\n}\n")
set(before "")
if(EXISTS ${HEADER})
  file(READ ${HEADER} before)
endif()
if(NOT text STREQUAL before)
  file(WRITE ${HEADER} "${text}")
endif()
