# SPDX-License-Identifier: MIT
# gilyield.gui and gilyield.jobs: in the test host that keeps the GIL, preloaded and loaded late, in the one that gives it up, in PyQt5.

foreach(script IN ITEMS gui_calls gui_references gui_nested gui_blocked gui_jobs gui_output gui_garbage)
    gilyield_host_test(${script} ${script})
    gilyield_host_test(${script}.late ${script} PLAIN QT 6)
    gilyield_host_test(${script}.releasing ${script} QT 5 HOST --release-gil)
    list(APPEND gui_pyqt "${script}:")
endforeach()
gilyield_host_test(gui_waits gui_waits QT 5)
list(APPEND gui_pyqt "gui_waits:")
gilyield_host_test(gui_elsewhere gui_elsewhere PLAIN)
gilyield_host_test(gui_elsewhere.releasing gui_elsewhere PLAIN HOST --release-gil)
gilyield_host_test(gui_calls.unix gui_calls QT 6 NO_GLIB)
gilyield_host_test(gui_calls.timer gui_calls QT 5 MODE timer)
gilyield_host_test(gui_calls.sub_interpreter gui_calls HOST --sub-interpreter)

foreach(scenario IN ITEMS pending after_quit printed callers refused_at_the_end fork jobs_left_over)
    gilyield_host_test(gui_quit.${scenario} gui_quit ARGS ${scenario})
    gilyield_host_test(gui_quit.${scenario}.late gui_quit PLAIN ARGS ${scenario})
    gilyield_host_test(gui_quit.${scenario}.python_first gui_quit HOST --python-first ARGS ${scenario})
    gilyield_host_test(gui_quit.${scenario}.releasing gui_quit HOST --release-gil ARGS ${scenario})
    list(APPEND gui_pyqt "gui_quit:${scenario}")
endforeach()
gilyield_host_test(gui_quit.exec_twice gui_quit HOST --exec-twice ARGS exec_twice)
gilyield_host_test(gui_quit.exec_twice.releasing gui_quit HOST --exec-twice --release-gil ARGS exec_twice)
gilyield_host_test(gui_quit.recreate gui_quit HOST --recreate 2 ARGS recreate)
gilyield_host_test(gui_quit.recreate.releasing gui_quit HOST --recreate 2 --release-gil ARGS recreate)
list(APPEND gui_pyqt gui_quit:destroyed gui_quit:no_loop gui_quit:over)
foreach(known IN ITEMS nothing imported attached enabled)
    list(APPEND gui_pyqt forked:${known})
endforeach()

# An ordinary interpreter has no sanitizer's runtime.
if(5 IN_LIST GILYIELD_QT_MAJORS AND NOT GILYIELD_SANITIZE)
    foreach(entry IN LISTS gui_pyqt)
        string(REPLACE ":" ";" words "${entry}")
        list(GET words 0 script)
        list(GET words 1 scenario)
        string(REGEX REPLACE "\\.$" "" test "${script}.${scenario}")
        set(test "integration.${test}.pyqt5")
        add_test(NAME ${test} COMMAND Python3::Interpreter "${CMAKE_CURRENT_LIST_DIR}/${script}.py" ${scenario})
        gilyield_integration_properties(${test} 60)
        set_tests_properties(${test} PROPERTIES ENVIRONMENT "PYTHONPATH=${CMAKE_BINARY_DIR}/python;QT_QPA_PLATFORM=offscreen")
    endforeach()
endif()

# ---- The examples. Each prints how far its filter got beside the GUI thread; they say "skipped: ..." without their package. ----

# gilyield_example_test(name [package]): the package comes from PyPI into the build tree, once; else it is the system's.
function(gilyield_example_test name)
    set(environment "")
    if(ARGN)
        set(packages "${CMAKE_BINARY_DIR}/example-packages/${name}")
        add_test(NAME integration.example_package.${name} COMMAND Python3::Interpreter
            "${outside}/install_example_packages.py" "${packages}" "${ARGN}")
        gilyield_integration_properties(integration.example_package.${name} 660)
        set_tests_properties(integration.example_package.${name} PROPERTIES FIXTURES_SETUP example_package_${name})
        set(environment ENV "PYTHONPATH=${CMAKE_BINARY_DIR}/python:${packages}")
    endif()
    gilyield_host_test(example_${name}_parallel ../../../python/examples/${name}_parallel SERIAL ${environment}
        EXPECT "  while it did that work the filter ran at [0-9]+ % of its speed .*")
    if(ARGN)
        foreach(major IN LISTS GILYIELD_QT_MAJORS)
            set_tests_properties(integration.example_${name}_parallel.qt${major} PROPERTIES FIXTURES_REQUIRED example_package_${name})
        endforeach()
    endif()
endfunction()

gilyield_example_test(numpy)
gilyield_example_test(simpleitk SimpleITK)
gilyield_example_test(vtk "vtk>=9.4")
# What they measure with sees a filter that keeps the GIL.
gilyield_host_test(example_that_takes_turns example_that_takes_turns SERIAL PASSES 0 EXPECT "they take turns")

if(5 IN_LIST GILYIELD_QT_MAJORS)
    gilyield_cli_test(docs.examples integration examples.py)
    set_tests_properties(integration.cli.docs.examples PROPERTIES RUN_SERIAL TRUE
        FIXTURES_REQUIRED "example_package_simpleitk;example_package_vtk")
endif()
