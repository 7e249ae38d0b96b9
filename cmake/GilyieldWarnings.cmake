# SPDX-License-Identifier: MIT
# gilyield_warnings(target): the warnings that our code is clean under.
function(gilyield_warnings target)
    target_compile_options(${target} PRIVATE -Wall -Wextra -Wshadow $<$<COMPILE_LANGUAGE:C>:-Wconversion>)
endfunction()
