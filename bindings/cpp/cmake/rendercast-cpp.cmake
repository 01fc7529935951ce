# Included by rendercast-config.cmake, where the C++ API is installed.
if(NOT TARGET rendercast::cpp)
  add_library(rendercast::cpp STATIC IMPORTED)
  set_target_properties(rendercast::cpp PROPERTIES
    IMPORTED_LOCATION "${_rendercast_prefix}/lib/${CMAKE_STATIC_LIBRARY_PREFIX}rendercast_cpp${CMAKE_STATIC_LIBRARY_SUFFIX}"
    IMPORTED_LINK_INTERFACE_LANGUAGES CXX
    INTERFACE_COMPILE_FEATURES cxx_std_17
    INTERFACE_INCLUDE_DIRECTORIES "${_rendercast_prefix}/include"
    INTERFACE_LINK_LIBRARIES "@NATIVE_LIST@")
endif()
