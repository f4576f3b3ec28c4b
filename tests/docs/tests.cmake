# What the README and the documentation show is run.
add_test(NAME docs/shown
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_docs.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR})
if(NOT LIDO_SANITIZE) # studies train for a while, and the double precision of tests is not built
    include(${CMAKE_CURRENT_LIST_DIR}/labs.cmake)
endif()
