# Statistics from outside: of a results file, by SciPy where that is installed.
add_executable(statistics-program study/statistics_program.c)
add_executable(false-positives study/false_positives.c)
foreach(program statistics-program false-positives)
    set_target_properties(${program} PROPERTIES C_STANDARD 11)
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${program} PRIVATE liblido m)
    lido_warnings(${program})
endforeach()
add_test(NAME study/scipy
         COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_scipy.py
                 $<TARGET_FILE:statistics-program> ${PROJECT_SOURCE_DIR})

# How often something is decided where nothing differs: a quick look each time, and a long one on
# demand, by ctest -C long -L long.
add_test(NAME study/false-positives COMMAND false-positives 500)
add_test(NAME study/false-positives-long CONFIGURATIONS long COMMAND false-positives 20000)
set_tests_properties(study/false-positives-long PROPERTIES LABELS long)

# Which pictures there are depends on libpng.
foreach(name data_uri report_answers report_filters report_maps)
    lido_link_libraries(test-study-${name})
endforeach()
