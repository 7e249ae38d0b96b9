# SPDX-License-Identifier: MIT
# gilyield.dll serves Qt 5 and Qt 6 and every CPython: it is linked with Windows only. What it exports says the public header.
add_library(gilyield SHARED $<TARGET_OBJECTS:gilyield-core>)
target_include_directories(gilyield INTERFACE "$<BUILD_INTERFACE:${CMAKE_CURRENT_SOURCE_DIR}/include>")
# The compiler's own runtime is inside: a host does not have it.
target_link_options(gilyield PRIVATE -static)
set_target_properties(gilyield PROPERTIES PREFIX "")
add_library(gilyield::gilyield ALIAS gilyield)

# plugins-qt<major>/generic/gilyieldplugin.dll: loads the shim by Qt's environment variables, see src/qt/plugin_win32.c.
foreach(major IN ITEMS 5 6)
    set(target gilyield-plugin-qt${major})
    add_library(${target} MODULE src/qt/plugin_win32.c)
    target_include_directories(${target} PRIVATE src)
    target_compile_definitions(${target} PRIVATE GILYIELD_PLUGIN_QT=${major} _WIN32_WINNT=0x0602 WIN32_LEAN_AND_MEAN)
    target_link_options(${target} PRIVATE -static)
    set_target_properties(${target} PROPERTIES
        PREFIX ""
        OUTPUT_NAME gilyieldplugin
        LIBRARY_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/plugins-qt${major}/generic")
    gilyield_warnings(${target})
endforeach()
