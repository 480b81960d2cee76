# One place for what every target of ours has in common: warnings, the include root, and how a folder becomes
# a library. Each folder of orchestrator/ is one static library callsheet_<folder>, alias callsheet::<folder>.

add_library(callsheet_flags INTERFACE)
target_include_directories(callsheet_flags INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(callsheet_flags INTERFACE
  -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual)
# g++ 12 false alarms at -O2: variants that hold strings (PR 105562), string concatenation (PR 105651), coroutine
# frames with Asio's allocator (PR 109224).
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  target_compile_options(callsheet_flags INTERFACE -Wno-maybe-uninitialized -Wno-restrict -Wno-mismatched-new-delete)
endif()

# Where several sources are compiled as one, what is private to each of them is in an "included" file.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(callsheet_flags INTERFACE -Wno-subobject-linkage)
endif()

# Tests are compiled for the compiler's sake, not their own speed. Never for a part of the program: the linker takes one
# copy of each template instance, and an unoptimised one would slow the others down.
set(CALLSHEET_QUICK_TO_COMPILE $<$<CONFIG:Release>:-O0>)

# callsheet_module(<folder> [HEADERS ...] [SOURCES ...] [DEPENDS <public libraries>] [PRIVATE <private libraries>])
# Paths are relative to the caller's folder. DEPENDS are the arrows of the layer table (tools/check_layers.py).
function(callsheet_module name)
  cmake_parse_arguments(PARSE_ARGV 1 MODULE "" "" "HEADERS;SOURCES;DEPENDS;PRIVATE")
  set(target callsheet_${name})
  if(MODULE_SOURCES)
    set(visibility PUBLIC)
    add_library(${target} STATIC ${MODULE_SOURCES})
    target_link_libraries(${target} PUBLIC callsheet_flags ${MODULE_DEPENDS} PRIVATE ${MODULE_PRIVATE})
  else()
    set(visibility INTERFACE)
    add_library(${target} INTERFACE)
    target_link_libraries(${target} INTERFACE callsheet_flags ${MODULE_DEPENDS})
  endif()
  target_sources(${target} ${visibility} FILE_SET HEADERS BASE_DIRS ${PROJECT_SOURCE_DIR} FILES ${MODULE_HEADERS})
  add_library(callsheet::${name} ALIAS ${target})
endfunction()

# callsheet_test(<folder> SOURCES ... [DEPENDS ...] [OPTIMIZED]): the doctest program <folder>_tests, one CTest test.
# OPTIMIZED: it runs so long that compiling it well pays.
function(callsheet_test name)
  cmake_parse_arguments(PARSE_ARGV 1 TEST "OPTIMIZED" "" "SOURCES;DEPENDS")
  add_executable(${name}_tests ${TEST_SOURCES})
  target_link_libraries(${name}_tests PRIVATE callsheet_test_main ${TEST_DEPENDS})
  if(NOT TEST_OPTIMIZED)
    target_compile_options(${name}_tests PRIVATE ${CALLSHEET_QUICK_TO_COMPILE})
  endif()
  add_test(NAME ${name} COMMAND ${name}_tests)
  set_tests_properties(${name} PROPERTIES TIMEOUT 300)
endfunction()
