# SPDX-License-Identifier: GPL-2.0-or-later
# Run by CPack first.
if(NOT CPACK_INSTALL_PREFIX STREQUAL "/usr")
  message(FATAL_ERROR "A package takes -DCMAKE_INSTALL_PREFIX=/usr, not ${CPACK_INSTALL_PREFIX}")
endif()

# The same sources give the same bytes: all is of the time of the last version, as with Debian's own packages.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND dpkg-parsechangelog --file ${CMAKE_CURRENT_LIST_DIR}/changelog --show-field Timestamp
    OUTPUT_VARIABLE seconds OUTPUT_STRIP_TRAILING_WHITESPACE COMMAND_ERROR_IS_FATAL ANY)
  set(ENV{SOURCE_DATE_EPOCH} ${seconds})
endif()
