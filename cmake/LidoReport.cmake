# The report's page, as it is in src/study/report, and the chart library it is drawn with (Vega, from
# Debian's libjs-vega) become one C file at build time: a report then needs no files of Lido's and no
# network. Without Vega everything but the charts is there.
set(lido_report_folder ${CMAKE_CURRENT_SOURCE_DIR}/src/study/report)
find_path(LIDO_VEGA_DIR vega-view.min.js PATHS /usr/share/javascript/vega NO_DEFAULT_PATH
          DOC "Folder of Vega's modules, vega-*.min.js")
find_file(LIDO_VEGA_LICENCE copyright PATHS /usr/share/doc/libjs-vega NO_DEFAULT_PATH
          DOC "The licence of Vega")

# Each after those it needs.
set(lido_vega_modules util time format loader dataflow statistics scale canvas scenegraph expression
    selection event-selector functions runtime encode transforms view-transforms view parser
    interpreter)
set(lido_vega_files "")
if(LIDO_VEGA_DIR AND LIDO_VEGA_LICENCE)
    foreach(module ${lido_vega_modules})
        list(APPEND lido_vega_files ${LIDO_VEGA_DIR}/vega-${module}.min.js)
    endforeach()
    message(STATUS "Using Vega in ${LIDO_VEGA_DIR}")
else()
    message(STATUS "No libjs-vega: no charts in reports, tables and CSV files only")
endif()

set(lido_assets_c ${PROJECT_BINARY_DIR}/assets/report_assets.c)
file(GLOB lido_report_files CONFIGURE_DEPENDS ${lido_report_folder}/*)
add_custom_command(
    OUTPUT ${lido_assets_c}
    COMMAND ${CMAKE_COMMAND} -DFOLDER=${lido_report_folder} "-DVEGA=${lido_vega_files}"
            "-DVEGA_LICENCE=${LIDO_VEGA_LICENCE}" -DOUT=${lido_assets_c}
            -P ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    DEPENDS ${lido_report_files} ${lido_vega_files} ${CMAKE_CURRENT_LIST_DIR}/embed.cmake
    COMMENT "Embedding the report's page" VERBATIM)
add_custom_target(lido_assets DEPENDS ${lido_assets_c}) # once, whatever is built side by side
