# SPDX-License-Identifier: MIT
# A build whose target's Qt is not on this machine: the wheels.

# gilyield_qt_from_sdk(major): Qt<major>::Core and Qt<major>::Gui from GILYIELD_QT_SDK in place of find_package(). The
# directory holds qt<major>/include (Qt's headers), qt<major>/lib (libraries to link with, which may be stubs) and qt<major>/moc.
function(gilyield_qt_from_sdk major)
    set(sdk "${GILYIELD_QT_SDK}/qt${major}")
    foreach(module IN ITEMS Core Gui)
        add_library(Qt${major}::${module} SHARED IMPORTED GLOBAL)
        set_target_properties(Qt${major}::${module} PROPERTIES
            IMPORTED_LOCATION "${sdk}/lib/libQt${major}${module}.so"
            INTERFACE_INCLUDE_DIRECTORIES "${sdk}/include;${sdk}/include/Qt${module}"
            INTERFACE_COMPILE_DEFINITIONS "$<$<NOT:$<CONFIG:Debug>>:QT_NO_DEBUG>")
    endforeach()
    target_link_libraries(Qt${major}::Gui INTERFACE Qt${major}::Core)
    add_executable(Qt${major}::moc IMPORTED GLOBAL)
    set_target_properties(Qt${major}::moc PROPERTIES IMPORTED_LOCATION "${sdk}/moc")
endfunction()
