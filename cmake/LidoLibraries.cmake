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
lido_find_library(CURL libcurl "no `lido data fetch`")
lido_find_library(ARCHIVE libarchive "no unpacking of the CIFAR-10 archive")

# Links them, and defines LIDO_HAVE_<key> for each.
function(lido_link_libraries target)
    foreach(key ${lido_libraries})
        target_link_libraries(${target} PRIVATE PkgConfig::LIDO_${key})
        target_compile_definitions(${target} PRIVATE LIDO_HAVE_${key})
    endforeach()
endfunction()
