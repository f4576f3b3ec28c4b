# The program from outside, as a user meets it.
foreach(name commands op runs maps bad_input)
    add_test(NAME cli/${name}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_${name}.py
                     $<TARGET_FILE:lido>)
    if(LIDO_SANITIZE)
        set_tests_properties(cli/${name} PROPERTIES ENVIRONMENT LIDO_SANITIZED=1)
    endif()
endforeach()
