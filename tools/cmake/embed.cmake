# callsheet_embed(<target> <file> <symbol>): compiles a file of the source tree into <target> as
# `extern std::string_view const callsheet::assets::<symbol>` (declare it where it is used). The program so
# works away from the source tree, and the schema it validates with is the very file that editors read.
function(callsheet_embed target file symbol)
  get_filename_component(path ${file} ABSOLUTE BASE_DIR ${PROJECT_SOURCE_DIR})
  set(output ${CMAKE_CURRENT_BINARY_DIR}/embed/${symbol}.cpp)
  add_custom_command(OUTPUT ${output}
    COMMAND ${CMAKE_COMMAND} -DINPUT=${path} -DOUTPUT=${output} -DSYMBOL=${symbol}
            -P ${PROJECT_SOURCE_DIR}/tools/cmake/embed_file.cmake
    DEPENDS ${path} ${PROJECT_SOURCE_DIR}/tools/cmake/embed_file.cmake
    VERBATIM)
  target_sources(${target} PRIVATE ${output})
  set_source_files_properties(${output} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
endfunction()
