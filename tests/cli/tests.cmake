# The program from outside, as a user meets it.
foreach(name commands runs bad_input)
    add_test(NAME cli/${name}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_${name}.py
                     $<TARGET_FILE:lido>)
endforeach()
