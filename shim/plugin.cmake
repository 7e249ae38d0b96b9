# SPDX-License-Identifier: MIT
# plugins-qt<major>/generic/libgilyield.so: loads the shim by Qt's environment variables, see src/qt/plugin.cpp. Optional: it wants
# the development files of Qt Gui, the shims want those of Qt Core only.
foreach(major IN LISTS GILYIELD_QT_MAJORS)
    if(NOT GILYIELD_QT_SDK)
        find_package(Qt${major} QUIET COMPONENTS Gui)
    endif()
    if(NOT TARGET Qt${major}::Gui)
        message(STATUS "gilyield: no Qt ${major} Gui, not building the plugin for QT_QPA_GENERIC_PLUGINS")
        continue()
    endif()
    set(target gilyield-plugin-qt${major})
    # Not AUTOMOC, which wants to know more of Qt than headers and moc.
    set(moc_dir "${CMAKE_CURRENT_BINARY_DIR}/${target}")
    add_custom_command(
        OUTPUT "${moc_dir}/plugin.moc"
        COMMAND "${CMAKE_COMMAND}" -E make_directory "${moc_dir}"
        COMMAND Qt${major}::moc
            "-I$<JOIN:$<TARGET_PROPERTY:Qt${major}::Gui,INTERFACE_INCLUDE_DIRECTORIES>,;-I>"
            "${CMAKE_CURRENT_SOURCE_DIR}/src/qt/plugin.cpp" -o "${moc_dir}/plugin.moc"
        DEPENDS src/qt/plugin.cpp src/qt/plugin.json
        COMMAND_EXPAND_LISTS VERBATIM)
    add_library(${target} MODULE src/qt/plugin.cpp "${moc_dir}/plugin.moc")
    target_include_directories(${target} PRIVATE "${moc_dir}")
    target_link_libraries(${target} PRIVATE Qt${major}::Gui gilyield-qt${major})
    target_compile_definitions(${target} PRIVATE QT_NO_KEYWORDS QT_NO_VERSION_TAGGING)
    target_compile_options(${target} PRIVATE -fno-exceptions)
    # It calls nothing of the shim, which some linkers would drop therefore.
    target_link_options(${target} PRIVATE "LINKER:-z,nodelete" "LINKER:--no-as-needed")

    # Both trees know the shim by a relative path, so that both can be moved.
    set(plugin_dir "${CMAKE_INSTALL_LIBDIR}/gilyield/qt${major}/plugins/generic")
    get_filename_component(full_dir "${plugin_dir}" ABSOLUTE BASE_DIR "${CMAKE_INSTALL_PREFIX}")
    file(RELATIVE_PATH libraries "${full_dir}" "${CMAKE_INSTALL_FULL_LIBDIR}")
    string(REGEX REPLACE "/$" "" libraries "${libraries}")
    set_target_properties(${target} PROPERTIES
        PREFIX ""
        OUTPUT_NAME libgilyield
        CXX_VISIBILITY_PRESET hidden
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins-qt${major}/generic"
        BUILD_RPATH_USE_ORIGIN ON
        INSTALL_RPATH "$ORIGIN/${libraries}")
    gilyield_warnings(${target})
    install(TARGETS ${target} LIBRARY DESTINATION "${plugin_dir}" COMPONENT gilyield_plugins)
endforeach()
