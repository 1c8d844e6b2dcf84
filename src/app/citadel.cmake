# The executable that is measured and audited: nothing in it but citadel and what citadel stands on.
add_executable(obscura-citadel citadel_main.cpp citadel_wipe.cpp service_main.cpp internal_tls.cpp)
target_link_libraries(obscura-citadel PRIVATE obscura_citadel obscura_venue obscura_failpoint_off)
target_compile_definitions(obscura-citadel PRIVATE OBSCURA_VERSION="${PROJECT_VERSION}")
target_precompile_headers(obscura-citadel PRIVATE ${OBSCURA_PCH_COROUTINES})
