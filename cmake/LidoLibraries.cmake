# The libraries Lido rests on, by pkg-config: which it needs, and which it can do without; configure
# says what is lost without each of those. Those in use are listed in lido_libraries (a key, which
# is that of PkgConfig::LIDO_<key>) and lido_modules (the name pkg-config knows it by).
set(lido_libraries "")
set(lido_modules "")

macro(lido_find_library key module loss)
    if("${loss}" STREQUAL "")
        pkg_check_modules(LIDO_${key} REQUIRED IMPORTED_TARGET ${module})
    else()
        pkg_check_modules(LIDO_${key} QUIET IMPORTED_TARGET ${module})
    endif()
    if(LIDO_${key}_FOUND)
        message(STATUS "Using ${module} ${LIDO_${key}_VERSION}")
        list(APPEND lido_libraries ${key})
        list(APPEND lido_modules ${module})
    else()
        message(STATUS "No ${module}: ${loss}")
    endif()
endmacro()

lido_find_library(CBLAS ${LIDO_BLAS} "")
lido_find_library(CJSON libcjson "")
lido_find_library(ZLIB zlib "no .gz or compressed .mat files")
lido_find_library(PNG libpng "no PNG pictures")
lido_find_library(TURBOJPEG libturbojpeg "no JPEG pictures")

# Not linked with, but loaded by the name in LIDO_<key>_LIBRARY when a command needs one
# (src/base/late.h). Listed in lido_late_libraries.
set(lido_late_libraries "")

macro(lido_find_late_library key module loss)
    pkg_check_modules(LIDO_${key} QUIET IMPORTED_TARGET ${module})
    set(LIDO_${key}_LIBRARY "")
    if(LIDO_${key}_FOUND)
        list(GET LIDO_${key}_LINK_LIBRARIES 0 lido_file)
        execute_process(COMMAND ${CMAKE_OBJDUMP} -p ${lido_file} OUTPUT_VARIABLE lido_headers
                        ERROR_QUIET)
        if("${lido_headers}" MATCHES "SONAME +([^ \n]+)")
            set(LIDO_${key}_LIBRARY ${CMAKE_MATCH_1})
        endif()
    endif()
    if(LIDO_${key}_LIBRARY)
        message(STATUS "Using ${module} ${LIDO_${key}_VERSION}, loaded when needed")
        list(APPEND lido_late_libraries ${key})
    else()
        message(STATUS "No shared ${module}: ${loss}")
    endif()
endmacro()

lido_find_late_library(CURL libcurl "no `lido data fetch`")
lido_find_late_library(ARCHIVE libarchive "no unpacking of the CIFAR-10 archive")

# One program alone uses MPI, lido-mpi, which shares out the runs of a study.
option(LIDO_MPI "Share out studies by MPI, where there is Open MPI" ON)
if(LIDO_MPI)
    pkg_check_modules(OMPI QUIET IMPORTED_TARGET ompi-c)
endif()
if(LIDO_MPI AND OMPI_FOUND)
    message(STATUS "Using Open MPI ${OMPI_VERSION}")
else()
    message(STATUS "No Open MPI: no `mpirun lido study`")
endif()

# Links them, and defines LIDO_HAVE_<key> for each.
function(lido_link_libraries target)
    foreach(key ${lido_libraries})
        target_link_libraries(${target} PRIVATE PkgConfig::LIDO_${key})
        target_compile_definitions(${target} PRIVATE LIDO_HAVE_${key})
    endforeach()
    foreach(key ${lido_late_libraries})
        target_include_directories(${target} PRIVATE ${LIDO_${key}_INCLUDE_DIRS})
        target_compile_definitions(${target} PRIVATE LIDO_HAVE_${key}
                                   LIDO_${key}_LIBRARY="${LIDO_${key}_LIBRARY}")
    endforeach()
    target_link_libraries(${target} PRIVATE ${CMAKE_DL_LIBS})
endfunction()
