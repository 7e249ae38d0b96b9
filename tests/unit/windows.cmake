# SPDX-License-Identifier: MIT
# The unit tests of all that knows no system, built for Windows. tests/windows runs them under Wine.
add_library(gilyield-core-archive STATIC $<TARGET_OBJECTS:gilyield-core>)
set_target_properties(gilyield-core-archive PROPERTIES LINKER_LANGUAGE C)

foreach(name IN ITEMS fairclock gilorder layout line pickers switch_interval_queue options ring share stats yielder)
    add_executable(test_${name} "${CMAKE_CURRENT_LIST_DIR}/test_${name}.c")
    target_include_directories(test_${name} PRIVATE
        "${CMAKE_CURRENT_LIST_DIR}/small" "${PROJECT_SOURCE_DIR}/shim/include" "${PROJECT_SOURCE_DIR}/shim/src")
    target_compile_definitions(test_${name} PRIVATE __USE_MINGW_ANSI_STDIO=1)
    target_link_libraries(test_${name} PRIVATE gilyield-core-archive)
    target_link_options(test_${name} PRIVATE -static)
    set_target_properties(test_${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/unit")
    gilyield_warnings(test_${name})
endforeach()
