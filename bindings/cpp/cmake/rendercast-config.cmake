# rendercast::rendercast is the shared library with its C header, rendercast::cpp the C++17 API, a static library. A program takes one
# of the two.
get_filename_component(_rendercast_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET rendercast::rendercast)
  add_library(rendercast::rendercast SHARED IMPORTED)
  set_target_properties(rendercast::rendercast PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${_rendercast_prefix}/include")
  if(WIN32)
    set_target_properties(rendercast::rendercast PROPERTIES
      IMPORTED_LOCATION "${_rendercast_prefix}/lib/rendercast.dll"
      IMPORTED_IMPLIB "${_rendercast_prefix}/lib/rendercast.lib")
  else()
    set_target_properties(rendercast::rendercast PROPERTIES
      IMPORTED_LOCATION "${_rendercast_prefix}/lib/librendercast${CMAKE_SHARED_LIBRARY_SUFFIX}"
      IMPORTED_NO_SONAME TRUE)
  endif()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/rendercast-cpp.cmake" OPTIONAL)
unset(_rendercast_prefix)
