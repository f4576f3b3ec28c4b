# The program from outside, as a user meets it.
foreach(name commands op runs studies study_machines maps bad_input report)
    add_test(NAME cli/${name}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_${name}.py
                     $<TARGET_FILE:lido>)
    if(LIDO_SANITIZE)
        set_tests_properties(cli/${name} PROPERTIES ENVIRONMENT LIDO_SANITIZED=1)
    endif()
endforeach()

# The page of a report in a real browser, where there is one.
find_program(LIDO_CHROMIUM NAMES chromium chromium-browser google-chrome)
add_test(NAME cli/report_browser
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_report_browser.py
                 $<TARGET_FILE:lido> ${LIDO_CHROMIUM})
set_tests_properties(cli/report_browser PROPERTIES LABELS browser SKIP_RETURN_CODE 77)
