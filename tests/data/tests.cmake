# Tests that make files of the optional formats need to know which libraries are there.
foreach(name idx mat picture folder stream fetch)
    if(TARGET test-data-${name})
        lido_link_libraries(test-data-${name})
    endif()
endforeach()

# Fetching is tested from outside, against an HTTP server that misbehaves.
find_package(Python3 COMPONENTS Interpreter)
if(Python3_FOUND AND LIDO_CURL_LIBRARY AND LIDO_ARCHIVE_LIBRARY)
    add_executable(fetch-program data/fetch_program.c)
    set_target_properties(fetch-program PROPERTIES C_STANDARD 11)
    target_link_libraries(fetch-program PRIVATE liblido)
    lido_warnings(fetch-program)
    add_test(NAME data/fetch-server COMMAND ${Python3_EXECUTABLE}
             ${CMAKE_CURRENT_SOURCE_DIR}/data/test_fetch.py $<TARGET_FILE:fetch-program>)
endif()
