# scripts/packages.sh: what it says and does when packages are missing.
add_test(NAME scripts/packages
         COMMAND sh ${CMAKE_CURRENT_LIST_DIR}/test_packages.sh ${PROJECT_SOURCE_DIR}/scripts)
