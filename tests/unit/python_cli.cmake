# SPDX-License-Identifier: MIT
# The command `gilyield`, without any application: programs that the compiler makes in a moment, and directories that come and go.
find_program(GILYIELD_TEST_PYTHON python3 HINTS /usr/bin REQUIRED DOC "Interpreter that runs the tests of the Python module")

foreach(part IN ITEMS run startup doctor)
    add_test(NAME unit.python_cli.${part}
        COMMAND "${GILYIELD_TEST_PYTHON}" "${CMAKE_CURRENT_LIST_DIR}/test_python_cli_${part}.py" -v)
    set_tests_properties(unit.python_cli.${part} PROPERTIES TIMEOUT 120 LABELS unit
        ENVIRONMENT "GILYIELD_TEST_PACKAGES=${CMAKE_BINARY_DIR}/python;CC=${CMAKE_C_COMPILER}")
endforeach()
