# SPDX-License-Identifier: GPL-2.0-or-later
# Run by CPack on what is installed, before it is packed.
set(stage ${CPACK_TEMPORARY_DIRECTORY})
set(documentation ${stage}/usr/share/doc/${CPACK_PACKAGE_NAME})

# As Debian strips; CPACK_STRIP_FILES would leave .comment.
file(GLOB_RECURSE files ${stage}/*)
foreach(file IN LISTS files)
  file(READ ${file} magic LIMIT 4 HEX)
  if(magic STREQUAL 7f454c46)
    execute_process(COMMAND strip --remove-section=.comment --remove-section=.note ${file} COMMAND_ERROR_IS_FATAL ANY)
  endif()
endforeach()

file(REMOVE ${documentation}/LICENSE)
file(COPY ${CMAKE_CURRENT_LIST_DIR}/copyright DESTINATION ${documentation} NO_SOURCE_PERMISSIONS)
configure_file(${CMAKE_CURRENT_LIST_DIR}/changelog ${documentation}/changelog COPYONLY NO_SOURCE_PERMISSIONS)
file(GLOB_RECURSE texts ${stage}/usr/share/man/*)
execute_process(COMMAND gzip -9n ${documentation}/changelog ${texts} COMMAND_ERROR_IS_FATAL ANY)

# Debian 12 has these folders in /lib. It is the same place, but dpkg goes by names: of folders that nobody else has, it says
# that they aren't empty as it removes the package.
file(STRINGS /etc/os-release bookworm REGEX "^VERSION_CODENAME=bookworm$")
if(bookworm)
  foreach(folder IN ITEMS systemd udev)
    if(EXISTS ${stage}/usr/lib/${folder})
      file(MAKE_DIRECTORY ${stage}/lib)
      file(RENAME ${stage}/usr/lib/${folder} ${stage}/lib/${folder})
    endif()
  endforeach()
  execute_process(COMMAND find ${stage}/usr/lib -type d -empty -delete COMMAND_ERROR_IS_FATAL ANY)
endif()

# Whatever the umask is, and the folder's group: the zeros take set-group-ID away too.
execute_process(COMMAND find ${stage} -type d -exec chmod 00755 {} + COMMAND_ERROR_IS_FATAL ANY)
