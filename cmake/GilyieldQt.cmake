# SPDX-License-Identifier: MIT
# Sets GILYIELD_QT_MAJORS to the major versions of Qt Core to build a shim for; gilyield::gilyield stands for the first of them.
set(GILYIELD_QT "" CACHE STRING "Major versions of Qt to build for, \"5\", \"6\", \"5;6\"; empty: that of the project around this one, else all found")

# Both may be there: neither may define the versionless Qt:: targets.
set(QT_NO_CREATE_VERSIONLESS_TARGETS ON)
set(QT_NO_CREATE_VERSIONLESS_FUNCTIONS ON)

set(wanted_majors ${GILYIELD_QT})
if(NOT wanted_majors)
    # A project that has us as a part of it, and has looked for its Qt before, is served for that one and no other.
    foreach(major IN ITEMS 5 6)
        if(TARGET Qt${major}::Core)
            list(APPEND wanted_majors ${major})
        endif()
    endforeach()
endif()
if(NOT wanted_majors)
    set(wanted_majors 5 6)
endif()

set(GILYIELD_QT_MAJORS "")
foreach(major IN LISTS wanted_majors)
    find_package(Qt${major} QUIET COMPONENTS Core)
    if(Qt${major}_FOUND)
        list(APPEND GILYIELD_QT_MAJORS ${major})
        message(STATUS "gilyield: Qt ${Qt${major}_VERSION} found, building libgilyield-qt${major}")
    elseif(GILYIELD_QT)
        message(FATAL_ERROR "gilyield: GILYIELD_QT asks for Qt ${major}, whose development files were not found")
    endif()
endforeach()
if(NOT GILYIELD_QT_MAJORS)
    message(FATAL_ERROR "gilyield needs the development files of Qt Core 5.9 or later, or 6 (Debian: qtbase5-dev or qt6-base-dev)")
endif()
