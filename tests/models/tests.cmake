# The specs in models/, read by the program.
add_test(NAME models/specs
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_models.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR})
