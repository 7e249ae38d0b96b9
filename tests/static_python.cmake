# SPDX-License-Identifier: MIT
# What a program needs that links the static archive of Python3_EXECUTABLE: sets python_version, python_config_dir (where the archive is),
# python_config_libs, EXPAT_LIBRARY and ZLIB_LIBRARY.
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
