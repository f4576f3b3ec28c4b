# Tests that make files of the optional formats need to know which libraries are there.
foreach(name idx mat picture folder)
    if(TARGET test-data-${name})
        lido_link_libraries(test-data-${name})
    endif()
endforeach()
