# SPDX-License-Identifier: MIT
# What a host links with, in the tree (add_subdirectory, FetchContent) and installed (find_package, pkg-config), and what
# `cmake --install` writes. Nothing written holds the prefix, so that an installed tree can be moved.
#
# Components: gilyield_runtime (the shims), gilyield_plugins (Qt's plugin route), gilyield_python, gilyield_development.

include(CMakePackageConfigHelpers)

set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/gilyield")
set(pkgconfig_dir "${CMAKE_INSTALL_LIBDIR}/pkgconfig")
# pcfiledir is the only thing that a pkg-config file knows about where it is.
foreach(dir IN ITEMS PREFIX LIBDIR INCLUDEDIR)
    if(dir STREQUAL "PREFIX")
        set(full "${CMAKE_INSTALL_PREFIX}")
    else()
        set(full "${CMAKE_INSTALL_FULL_${dir}}")
    endif()
    file(RELATIVE_PATH PC_${dir} "${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig" "${full}")
    string(REGEX REPLACE "/$" "" PC_${dir} "${PC_${dir}}")
endforeach()

foreach(major IN LISTS GILYIELD_QT_MAJORS)
    set(target gilyield-qt${major})
    # A host that is only to start with gilyield calls no function of it, and `--as-needed`, the default of several
    # distributions, would drop the library. Named once more inside one flag, that cannot be torn apart or reordered, it stays. CMake
    # quotes nothing in such a flag, and the path may hold spaces.
    if(NOT GILYIELD_QT_SDK) # zig's linker does not know --push-state, and nobody links with a wheel's libraries
        target_link_libraries(${target} INTERFACE
            "-Wl,--push-state,--no-as-needed,\"$<TARGET_FILE:gilyield::qt${major}>\",--pop-state")
    endif()
    target_include_directories(${target} INTERFACE "$<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>")

    # One export set for each Qt: either shim can be packaged and installed without the other.
    install(TARGETS ${target} EXPORT ${target}
        LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT gilyield_runtime NAMELINK_COMPONENT gilyield_development)
    install(EXPORT ${target} NAMESPACE gilyield:: DESTINATION "${package_dir}" COMPONENT gilyield_development)

    set(PC_QT_MAJOR ${major})
    configure_file(cmake/gilyield.pc.in "${CMAKE_CURRENT_BINARY_DIR}/${target}.pc" @ONLY)
    install(FILES "${CMAKE_CURRENT_BINARY_DIR}/${target}.pc" DESTINATION "${pkgconfig_dir}" COMPONENT gilyield_development)
endforeach()

# The name without a Qt stands for the first, as gilyield::gilyield does in the tree. An installation may hold more shims or
# fewer than one build makes: gilyieldConfig.cmake sees for itself.
list(GET GILYIELD_QT_MAJORS 0 PC_QT_MAJOR)
configure_file(cmake/gilyield.pc.in "${CMAKE_CURRENT_BINARY_DIR}/gilyield.pc" @ONLY)
install(FILES "${CMAKE_CURRENT_BINARY_DIR}/gilyield.pc" DESTINATION "${pkgconfig_dir}" COMPONENT gilyield_development)

# The SONAME carries the major version of the ABI (see gilyield.h).
write_basic_package_version_file("${CMAKE_CURRENT_BINARY_DIR}/gilyieldConfigVersion.cmake" COMPATIBILITY SameMajorVersion)
install(
    FILES
        "${CMAKE_CURRENT_LIST_DIR}/gilyieldConfig.cmake"
        "${CMAKE_CURRENT_BINARY_DIR}/gilyieldConfigVersion.cmake"
    DESTINATION "${package_dir}" COMPONENT gilyield_development)

install(DIRECTORY shim/include/gilyield DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT gilyield_development)

if(SKBUILD)
    # A wheel has no symbolic links: the file itself bears the SONAME. Its licence has a place of its own.
    foreach(major IN LISTS GILYIELD_QT_MAJORS)
        set_target_properties(gilyield-qt${major} PROPERTIES VERSION 0)
    endforeach()
    install(FILES LICENSE DESTINATION "${SKBUILD_METADATA_DIR}/licenses" COMPONENT gilyield_python)
else()
    install(FILES LICENSE DESTINATION "${CMAKE_INSTALL_DATAROOTDIR}/licenses/gilyield" COMPONENT gilyield_runtime)
endif()
