# The table that the target bench writes.
add_test(NAME bench/table
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_bench.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR})
