# Install, find_package(lido) and pkg-config. Nothing installed names the prefix, so that it can be
# moved or staged.
include(CMakePackageConfigHelpers)
set(lido_cmake_dir ${CMAKE_INSTALL_LIBDIR}/cmake/lido)
set(lido_pc_dir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

install(TARGETS liblido EXPORT lidoTargets)
install(TARGETS lido)
install(TARGETS lido-f64 DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/lido)
if(TARGET lido-mpi)
    install(TARGETS lido-mpi DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/lido)
endif()
install(DIRECTORY include/lido DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN *.h)
install(DIRECTORY models DESTINATION ${CMAKE_INSTALL_DATADIR}/lido FILES_MATCHING PATTERN *.json)
if(BUILD_SHARED_LIBS)
    file(RELATIVE_PATH bin_to_lib ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(lido PROPERTIES INSTALL_RPATH "$ORIGIN/${bin_to_lib}")
endif()

install(EXPORT lidoTargets NAMESPACE lido:: DESTINATION ${lido_cmake_dir})
configure_package_config_file(cmake/lidoConfig.cmake.in lidoConfig.cmake
                              INSTALL_DESTINATION ${lido_cmake_dir})
write_basic_package_version_file(lidoConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/lidoConfig.cmake ${PROJECT_BINARY_DIR}/lidoConfigVersion.cmake
        DESTINATION ${lido_cmake_dir})

# Libraries are named one by one and not as Requires.private: pkg-config --static would ask for the
# static builds of everything below them as well.
set(lido_private_libs "")
foreach(key ${lido_libraries})
    list(APPEND lido_private_libs ${LIDO_${key}_LDFLAGS})
endforeach()
list(APPEND lido_private_libs ${CMAKE_THREAD_LIBS_INIT} -lm)
foreach(library ${CMAKE_DL_LIBS})
    list(APPEND lido_private_libs -l${library})
endforeach()
list(REMOVE_DUPLICATES lido_private_libs)
list(JOIN lido_private_libs " " lido_private_libs)
file(RELATIVE_PATH lido_pc_to_prefix ${CMAKE_INSTALL_PREFIX}/${lido_pc_dir} ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/lido.pc.in lido.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/lido.pc DESTINATION ${lido_pc_dir})
