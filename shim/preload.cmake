# SPDX-License-Identifier: MIT
# libgilyield.so, the library to preload: see src/preload/libgilyield.c. It has to load into any program, so it is linked with nothing,
# and has no SONAME that anything could be linked with.
add_library(gilyield-preload MODULE src/preload/libgilyield.c src/preload/symbols.c)
target_include_directories(gilyield-preload PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/src")
target_compile_definitions(gilyield-preload PRIVATE _GNU_SOURCE)
target_compile_options(gilyield-preload PRIVATE -ffreestanding -fno-stack-protector -fno-sanitize=all)
# RPATH and not RUNPATH: what lies beside it comes before LD_LIBRARY_PATH. One segment of code and constants: fewer mappings.
target_link_options(gilyield-preload PRIVATE -nostdlib -fno-sanitize=all
    "LINKER:--disable-new-dtags" "LINKER:-z,nodelete" "LINKER:-z,now")
include(CheckLinkerFlag)
check_linker_flag(C "LINKER:-z,noseparate-code" gilyield_separates_code) # else, with LLVM's linker, it is so by default
if(gilyield_separates_code)
    target_link_options(gilyield-preload PRIVATE "LINKER:-z,noseparate-code")
endif()
set_target_properties(gilyield-preload PROPERTIES
    OUTPUT_NAME gilyield
    PREFIX lib
    C_VISIBILITY_PRESET hidden
    BUILD_WITH_INSTALL_RPATH ON
    INSTALL_RPATH "$ORIGIN")
gilyield_warnings(gilyield-preload)
install(TARGETS gilyield-preload LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT gilyield_runtime)
