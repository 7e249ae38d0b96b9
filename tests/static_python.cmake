# SPDX-License-Identifier: MIT
# What a program needs that links the static archive of Python3_EXECUTABLE: sets python_version, python_config_dir (where the archive is),
# python_config_libs, EXPAT_LIBRARY and ZLIB_LIBRARY. gilyield_python_archive_links(result archive link_option...): whether a program links.
execute_process(
    COMMAND "${Python3_EXECUTABLE}" -c
        "import sysconfig as s; print(s.get_config_var('LIBPL')); print(s.get_config_var('LIBS'), s.get_config_var('SYSLIBS'))"
    OUTPUT_VARIABLE python_config OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" python_config "${python_config}")
list(GET python_config 0 python_config_dir)
list(GET python_config 1 python_config_libs)
separate_arguments(python_config_libs UNIX_COMMAND "${python_config_libs}")
set(python_version "${Python3_VERSION_MAJOR}.${Python3_VERSION_MINOR}")
# Debian's archive needs these two beside what sysconfig says.
find_library(EXPAT_LIBRARY expat)
find_library(ZLIB_LIBRARY z)

function(gilyield_python_archive_links result archive)
    if(archive AND EXPAT_LIBRARY AND ZLIB_LIBRARY AND NOT DEFINED ${result})
        # Some archives do not: Debian 13's wants functions of a library that has no archive.
        set(source "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${result}.c")
        file(WRITE "${source}" "#include <Python.h>\nint main(int count, char **words) { return Py_BytesMain(count, words); }\n")
        try_compile(${result} "${CMAKE_CURRENT_BINARY_DIR}/CMakeFiles/${result}" "${source}"
            CMAKE_FLAGS "-DINCLUDE_DIRECTORIES=${Python3_INCLUDE_DIRS}"
            LINK_OPTIONS "LINKER:-E" ${ARGN}
            LINK_LIBRARIES "${archive}" ${EXPAT_LIBRARY} ${ZLIB_LIBRARY} ${python_config_libs}
            OUTPUT_VARIABLE output)
        if(NOT ${result})
            message(STATUS "gilyield: ${archive} does not link, no test of a static Python")
        endif()
    endif()
endfunction()
