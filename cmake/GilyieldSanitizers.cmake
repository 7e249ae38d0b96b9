# SPDX-License-Identifier: MIT
set(GILYIELD_SANITIZE "" CACHE STRING "Sanitizers for the whole build: \"address,undefined\" or \"thread\"")
if(GILYIELD_SANITIZE)
    add_compile_options(-fsanitize=${GILYIELD_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
    add_link_options(-fsanitize=${GILYIELD_SANITIZE})
endif()
