# The labs, with their worked solutions. The reducer is put into copies of the tables of layers and of
# cases; what reads these is compiled anew and linked before the library, whose own registry is then
# left out. So a tree with the reducer need not be built. WRONG is the same with a wrong gradient.
set(lab_solution ${PROJECT_SOURCE_DIR}/docs/labs/solutions/reducer)
set(lab_tree ${CMAKE_CURRENT_BINARY_DIR}/labs/tree)
set(lab_wrong ${CMAKE_CURRENT_BINARY_DIR}/labs/wrong)
set(lab_right ${CMAKE_CURRENT_BINARY_DIR}/labs/right)

add_custom_command(
    OUTPUT ${lab_tree}/src/layers/pool_midrange.c ${lab_tree}/tests/reference/midrange_pool.c
           ${lab_tree}/src/layers/registry.def ${lab_tree}/tests/layers/cases.def
           ${lab_wrong}/pool_midrange.c
    COMMAND ${CMAKE_COMMAND} -E make_directory ${lab_tree}/src/layers ${lab_tree}/tests/layers
            ${lab_tree}/tests/reference ${lab_wrong}
    COMMAND cp ${PROJECT_SOURCE_DIR}/src/layers/registry.def ${lab_tree}/src/layers
    COMMAND cp ${PROJECT_SOURCE_DIR}/tests/layers/cases.def ${lab_tree}/tests/layers
    COMMAND sh ${lab_solution}/apply.sh ${lab_tree}
    COMMAND sed "s/half.c. = piece->dy.at + c. \\/ 2/half[c] = piece->dy[at + c]/" ${lab_solution}/pool_midrange.c
            > ${lab_wrong}/pool_midrange.c
    DEPENDS ${lab_solution}/apply.sh ${lab_solution}/pool_midrange.c ${lab_solution}/midrange_pool.c
            ${lab_solution}/cases.def ${PROJECT_SOURCE_DIR}/src/layers/registry.def
            ${PROJECT_SOURCE_DIR}/tests/layers/cases.def
    VERBATIM)
add_custom_target(lab-reducer DEPENDS ${lab_tree}/src/layers/pool_midrange.c)

# One of the lab's programs, NAME in FOLDER, of sources and objects beside the reducer.
function(lido_lab_program target name folder library)
    add_executable(${target} ${ARGN})
    set_target_properties(${target} PROPERTIES C_STANDARD 11 C_EXTENSIONS OFF OUTPUT_NAME ${name}
                          RUNTIME_OUTPUT_DIRECTORY ${folder})
    target_include_directories(${target} PRIVATE ${lab_tree}/src ${lab_tree}/tests
                               ${PROJECT_SOURCE_DIR}/src ${PROJECT_SOURCE_DIR}/tests)
    target_link_libraries(${target} PRIVATE ${library} m)
    lido_warnings(${target})
    add_dependencies(${target} lab-reducer)
endfunction()

foreach(kind right wrong)
    set(reducer ${lab_tree}/src/layers/pool_midrange.c)
    if(kind STREQUAL "wrong")
        set(reducer ${lab_wrong}/pool_midrange.c)
    endif()
    foreach(suffix "" "-f64")
        set(target lab-${kind}-lido${suffix})
        lido_lab_program(${target} lido${suffix} ${lab_${kind}} liblido${suffix} ${reducer}
                         ${PROJECT_SOURCE_DIR}/src/layers/registry.c $<TARGET_OBJECTS:lido${suffix}>
                         ${lab_tree}/src/layers/registry.def)
        if(OMPI_FOUND)
            target_link_libraries(${target} PRIVATE PkgConfig::OMPI)
        endif()
    endforeach()
endforeach()

foreach(name registry pool_cases pool_properties)
    set(target lab-test-${name})
    lido_lab_program(${target} test-layers-${name}-f64 ${lab_right}/tests liblido-f64
                     ${lab_tree}/src/layers/pool_midrange.c ${PROJECT_SOURCE_DIR}/src/layers/registry.c
                     ${lab_tree}/tests/reference/midrange_pool.c
                     ${PROJECT_SOURCE_DIR}/tests/harness/reference.c
                     ${PROJECT_SOURCE_DIR}/tests/layers/test_${name}.c ${lab_tree}/tests/layers/cases.def
                     $<FILTER:$<TARGET_OBJECTS:test-harness-f64>,EXCLUDE,harness/reference\\.c>)
    target_link_libraries(${target} PRIVATE PkgConfig::CHECK)
endforeach()

foreach(lab Reducer Shifts Heads)
    string(TOLOWER ${lab} name)
    add_test(NAME docs/lab-${name}
             COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/test_labs.py $<TARGET_FILE:lido>
                     ${PROJECT_SOURCE_DIR} ${lab_right} ${lab_wrong} ${lab})
endforeach()
