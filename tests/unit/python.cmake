# SPDX-License-Identifier: MIT
# The Python module without Qt: against a stub of the shim, and against stubs of Qt that have nothing but its version.
# The system's own python3 first: it is the one that the distribution's applications embed.
find_program(GILYIELD_TEST_PYTHON python3 HINTS /usr/bin REQUIRED DOC "Interpreter that runs the tests of the Python module")

set(stub_dir "${CMAKE_CURRENT_BINARY_DIR}/stubs")

add_library(gilyield-stub-shim MODULE stub_shim.c "${PROJECT_SOURCE_DIR}/shim/src/settings/options.c")
target_include_directories(gilyield-stub-shim PRIVATE "${PROJECT_SOURCE_DIR}/shim/include" "${PROJECT_SOURCE_DIR}/shim/src")
set_target_properties(gilyield-stub-shim PROPERTIES OUTPUT_NAME gilyield-qt-stub LIBRARY_OUTPUT_DIRECTORY "${stub_dir}")
gilyield_warnings(gilyield-stub-shim)

foreach(version IN ITEMS 5.15.8 6.4.2)
    string(REGEX MATCH "^[0-9]+" major "${version}")
    add_library(gilyield-stub-qt${major} SHARED stub_qt.c)
    target_compile_definitions(gilyield-stub-qt${major} PRIVATE "STUB_QT_VERSION=\"${version}\"")
    set_target_properties(gilyield-stub-qt${major} PROPERTIES
        OUTPUT_NAME Qt${major}Core
        VERSION ${version}
        SOVERSION ${major}
        LIBRARY_OUTPUT_DIRECTORY "${stub_dir}")
    # nodelete: a test can see it afterwards if it was loaded when it should not have been.
    target_link_options(gilyield-stub-qt${major} PRIVATE "LINKER:-z,nodelete")
    gilyield_warnings(gilyield-stub-qt${major})
endforeach()

set(python_test_environment
    "PYTHONPATH=${CMAKE_BINARY_DIR}/python"
    "STUB_SHIM_LIBRARY=$<TARGET_FILE:gilyield-stub-shim>"
    "STUB_QT_LIBRARY_5=$<TARGET_FILE:gilyield-stub-qt5>"
    "STUB_QT_LIBRARY_6=$<TARGET_FILE:gilyield-stub-qt6>")
if(GILYIELD_SANITIZE)
    # The interpreter is not built with the sanitizer, so its runtime has to come first; CPython's own leaks are not ours.
    if(GILYIELD_SANITIZE MATCHES "address")
        set(sanitizer libasan.so)
    else()
        set(sanitizer libtsan.so)
    endif()
    execute_process(COMMAND "${CMAKE_C_COMPILER}" -print-file-name=${sanitizer}
        OUTPUT_VARIABLE sanitizer OUTPUT_STRIP_TRAILING_WHITESPACE)
    list(APPEND python_test_environment "LD_PRELOAD=${sanitizer}" "ASAN_OPTIONS=detect_leaks=0")
endif()

foreach(name IN ITEMS python_module find_shim reference)
    add_test(NAME unit.${name} COMMAND "${GILYIELD_TEST_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/test_${name}.py" -v)
    set_tests_properties(unit.${name} PROPERTIES TIMEOUT 60 LABELS unit ENVIRONMENT "${python_test_environment}")
endforeach()
