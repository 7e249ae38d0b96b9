# SPDX-License-Identifier: MIT
# The extension for Windows, built elsewhere: any CPython's headers, but for pyconfig.h, and an import library for python3.dll, the
# stable ABI's, of the names that the extension uses.
find_program(GILYIELD_PYTHON NAMES python3 REQUIRED NO_CMAKE_FIND_ROOT_PATH)
execute_process(COMMAND "${GILYIELD_PYTHON}" -c "import sys, sysconfig; print(sysconfig.get_path('include')); print('%d;%d' % sys.version_info[:2])"
    OUTPUT_VARIABLE answer OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
string(REPLACE "\n" ";" answer "${answer}")
list(POP_FRONT answer include_dir)
if(NOT EXISTS "${include_dir}/Python.h")
    message(FATAL_ERROR "gilyield: there is no ${include_dir}/Python.h (Debian: python3-dev), or configure with -DGILYIELD_BUILD_PYTHON=OFF")
endif()
list(GET answer 0 Python3_VERSION_MAJOR)
list(GET answer 1 Python3_VERSION_MINOR)
set(headers "${CMAKE_CURRENT_BINARY_DIR}/include")
file(COPY "${include_dir}/" DESTINATION "${headers}" PATTERN pyconfig.h EXCLUDE)
file(COPY src/win32/pyconfig.h DESTINATION "${headers}")

find_program(GILYIELD_DLLTOOL NAMES x86_64-w64-mingw32-dlltool REQUIRED NO_CMAKE_FIND_ROOT_PATH)
set(import_library "${CMAKE_CURRENT_BINARY_DIR}/libpython3.dll.a")
add_custom_command(OUTPUT "${import_library}"
    COMMAND "${GILYIELD_DLLTOOL}" -d "${CMAKE_CURRENT_SOURCE_DIR}/src/win32/python3.def" -l "${import_library}"
    DEPENDS src/win32/python3.def VERBATIM)
add_custom_target(gilyield-python3-import DEPENDS "${import_library}")
add_library(Python3::Module INTERFACE IMPORTED)
add_dependencies(Python3::Module gilyield-python3-import)
target_include_directories(Python3::Module SYSTEM INTERFACE "${headers}")
target_compile_definitions(Python3::Module INTERFACE _WIN32_WINNT=0x0602 WIN32_LEAN_AND_MEAN __USE_MINGW_ANSI_STDIO=1)
target_link_libraries(Python3::Module INTERFACE "${import_library}")
target_link_options(Python3::Module INTERFACE -static)

set(platform_sources src/find_shim_win32.c src/py_symbol_win32.c)
set(module_suffix ".pyd") # python.exe of Windows looks for no .abi3.pyd
