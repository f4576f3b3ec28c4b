# What is installed is complete, can be moved, and serves other projects.
if(NOT LIDO_SANITIZE) # a consumer would have to be built with the sanitizers too
    add_test(NAME install/consumer
             COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_install.sh ${PROJECT_BINARY_DIR}
                     ${CMAKE_COMMAND} ${CMAKE_C_COMPILER})
endif()
