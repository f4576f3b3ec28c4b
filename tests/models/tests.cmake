# The specs in models/, read by the program; and SVHN's network on files as SVHN has them.
add_executable(svhn-of-digits models/svhn_of_digits.c)
set_target_properties(svhn-of-digits PROPERTIES C_STANDARD 11)
target_link_libraries(svhn-of-digits PRIVATE liblido)
lido_warnings(svhn-of-digits)
add_test(NAME models/specs
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_models.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR} $<TARGET_FILE:svhn-of-digits>)
add_test(NAME models/studies
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_studies.py $<TARGET_FILE:lido>
                 ${PROJECT_SOURCE_DIR})
