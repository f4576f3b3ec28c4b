# The tree keeps its own rules, and the public headers stand alone in C and C++. The object code is
# that of the second library, which is static whatever BUILD_SHARED_LIBS says.
add_test(NAME structure/tree
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_tree.py ${PROJECT_SOURCE_DIR})
add_test(NAME structure/test_tree
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_test_tree.py)
add_test(NAME structure/headers
         COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_headers.sh ${PROJECT_SOURCE_DIR}/include
                 ${CMAKE_C_COMPILER})
if(NOT LIDO_SANITIZE) # whose run-time keeps data of its own in every object
    add_test(NAME structure/globals
             COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_globals.sh $<TARGET_FILE:liblido-f64>
                     ${CMAKE_NM})
endif()
add_test(NAME structure/libraries
         COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_libraries.sh ${CMAKE_OBJDUMP}
                 $<TARGET_FILE:lido> $<TARGET_FILE:liblido>)
# src/kernels/clones.h: where the compiler can, and optimises
if(CMAKE_SYSTEM_PROCESSOR STREQUAL "x86_64" AND CMAKE_BUILD_TYPE MATCHES "^Rel" AND NOT LIDO_SANITIZE
   AND (CMAKE_C_COMPILER_ID STREQUAL "GNU" AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 12
        OR CMAKE_C_COMPILER_ID STREQUAL "Clang" AND CMAKE_C_COMPILER_VERSION VERSION_GREATER_EQUAL 19))
    add_test(NAME structure/clones
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_clones.py
                     ${PROJECT_SOURCE_DIR}/src $<TARGET_FILE:liblido-f64> ${CMAKE_OBJDUMP})
endif()
