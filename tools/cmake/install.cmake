# What `cmake --install` and the Debian package (`cpack` in the build tree) put where. The program has its schemas and its
# catalog inside; the files are for people and editors: manifests name the schema beside them as ../schemas/.
include(GNUInstallDirs)
# What is installed is the program: it does not wait for the tests to be built.
set(CMAKE_SKIP_INSTALL_ALL_DEPENDENCY ON)
# Not by the umask of whoever builds.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

# Printed by the program that was just built.
set(pages ${CMAKE_BINARY_DIR}/pages)
file(MAKE_DIRECTORY ${pages})
add_custom_command(OUTPUT ${pages}/callsheet.1.gz ${pages}/callsheet ${pages}/_callsheet ${pages}/callsheet.fish
  COMMAND callsheet man | gzip -9n > ${pages}/callsheet.1.gz
  COMMAND callsheet completion bash > ${pages}/callsheet
  COMMAND callsheet completion zsh > ${pages}/_callsheet
  COMMAND callsheet completion fish > ${pages}/callsheet.fish
  DEPENDS callsheet)
add_custom_target(callsheet_pages ALL DEPENDS ${pages}/callsheet.1.gz)

install(TARGETS callsheet RUNTIME)
install(FILES ${pages}/callsheet.1.gz DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
install(FILES ${pages}/callsheet DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
install(FILES ${pages}/_callsheet DESTINATION ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions)
install(FILES ${pages}/callsheet.fish DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
# By their kinds: runs leave clips, reports and ledgers beside manifests.
install(DIRECTORY manifests schemas DESTINATION ${CMAKE_INSTALL_DATADIR}/callsheet
  FILES_MATCHING PATTERN *.yaml PATTERN *.md PATTERN *.csv PATTERN *.jpg REGEX videos/.*mp4$ PATTERN *.schema.json
  PATTERN out EXCLUDE PATTERN .callsheet EXCLUDE)
install(FILES CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "callsheet developers <callsheet@example.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "${PROJECT_DESCRIPTION}")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS ${CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION video)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_DEPENDS ca-certificates)
# The built-in gateway renders with them; nothing else needs them.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "ffmpeg, fonts-dejavu-core")
include(CPack)
