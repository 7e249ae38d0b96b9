# SPDX-License-Identifier: MIT
# The command `gilyield` with real applications and with the test host, and every command of its documentation.
find_program(GILYIELD_TEST_PYTHON python3 HINTS /usr/bin REQUIRED DOC "Interpreter that runs the tests of the Python module")

# gilyield_cli_test(name label script argument...): 77 is a skip, where an application is not installed.
function(gilyield_cli_test name label script)
    add_test(NAME ${label}.cli.${name} COMMAND "${GILYIELD_TEST_PYTHON}" "${CMAKE_CURRENT_FUNCTION_LIST_DIR}/${script}" ${ARGN})
    set_tests_properties(${label}.cli.${name} PROPERTIES TIMEOUT 240 LABELS ${label} SKIP_RETURN_CODE 77 PROCESSORS 2
        ENVIRONMENT "GILYIELD_TEST_BUILD=${CMAKE_BINARY_DIR}")
endfunction()

foreach(application IN ITEMS klayout paraview)
    foreach(way IN ITEMS run without startup dormant)
        gilyield_cli_test(${way}.${application} apps applications.py ${way} ${application})
    endforeach()
endforeach()
gilyield_cli_test(doctor.klayout apps applications.py doctor klayout)
gilyield_cli_test(pid.klayout apps applications.py pid klayout)
gilyield_cli_test(top.klayout apps applications.py top klayout)
foreach(major IN LISTS GILYIELD_QT_MAJORS)
    foreach(way IN ITEMS run without startup startup_python_first dormant doctor children top)
        gilyield_cli_test(${way}.qt${major} integration applications.py ${way} testhost-qt${major})
    endforeach()
endforeach()
gilyield_cli_test(pyqt integration applications.py pyqt)

foreach(page IN ITEMS README python/docs/api python/docs/start python/docs/doctor python/docs/releasing python/docs/troubleshooting tests/bench/README)
    string(REGEX REPLACE "^(python/docs|tests)/" "" name "${page}")
    string(TOLOWER "${name}" name)
    string(REPLACE "/" "_" name "${name}")
    gilyield_cli_test(docs.${name} apps documentation.py "${PROJECT_SOURCE_DIR}/${page}.md")
endforeach()
