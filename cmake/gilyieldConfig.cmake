# SPDX-License-Identifier: MIT
# find_package(gilyield [COMPONENTS qt5 qt6]) defines gilyield::qt5 and gilyield::qt6, as far as they are installed, and
# gilyield::gilyield: that of the two whose Qt<major>::Core is known where find_package() was called; with both or none of them
# known, gilyield::qt5. Qt's development files are not needed: the shims link to Qt for themselves.

foreach(_gilyield_major IN ITEMS 5 6)
    include("${CMAKE_CURRENT_LIST_DIR}/gilyield-qt${_gilyield_major}.cmake" OPTIONAL)
    if(TARGET gilyield::qt${_gilyield_major})
        set(gilyield_qt${_gilyield_major}_FOUND TRUE)
    endif()
endforeach()
unset(_gilyield_major)

if(TARGET gilyield::qt5 AND TARGET gilyield::qt6)
    # Decided when all is known, as the project may look for its Qt after us.
    set(_gilyield_only_qt6 "$<AND:$<TARGET_EXISTS:Qt6::Core>,$<NOT:$<TARGET_EXISTS:Qt5::Core>>>")
    set(_gilyield_shim "$<IF:${_gilyield_only_qt6},gilyield::qt6,gilyield::qt5>")
    unset(_gilyield_only_qt6)
elseif(TARGET gilyield::qt5)
    set(_gilyield_shim gilyield::qt5)
elseif(TARGET gilyield::qt6)
    set(_gilyield_shim gilyield::qt6)
else()
    set(gilyield_FOUND FALSE)
    set(gilyield_NOT_FOUND_MESSAGE "neither libgilyield-qt5 nor libgilyield-qt6 is installed with ${CMAKE_CURRENT_LIST_DIR}")
endif()
if(_gilyield_shim AND NOT TARGET gilyield::gilyield)
    add_library(gilyield::gilyield INTERFACE IMPORTED)
    set_property(TARGET gilyield::gilyield PROPERTY INTERFACE_LINK_LIBRARIES "${_gilyield_shim}")
endif()
unset(_gilyield_shim)

foreach(_gilyield_component IN LISTS gilyield_FIND_COMPONENTS)
    if(gilyield_FIND_REQUIRED_${_gilyield_component} AND NOT gilyield_${_gilyield_component}_FOUND)
        set(gilyield_FOUND FALSE)
        set(gilyield_NOT_FOUND_MESSAGE "the component ${_gilyield_component} is not installed with ${CMAKE_CURRENT_LIST_DIR}")
    endif()
endforeach()
unset(_gilyield_component)
