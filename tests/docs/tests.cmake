# What the README and the documentation show is run.
add_test(NAME docs/shown
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_docs.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR})
