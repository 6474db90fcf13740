# SPDX-License-Identifier: GPL-2.0-or-later
# The Debian package, by CPack: what `cmake --install` installs, in the form that Debian wants (stage.cmake).
set(CPACK_GENERATOR DEB)
set(CPACK_VERBATIM_VARIABLES ON)
set(CPACK_PACKAGE_CONTACT "ntfs-punch developers <ntfs-punch@example.org>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "map a file on an NTFS volume as a block device")
set(CPACK_PACKAGE_DESCRIPTION
"Windows hibernates nearly always: with Fast Startup, the default, \"Shut down\"
is a hibernation too. Meanwhile nobody else may change the metadata of its NTFS
volume. But a file that was fully allocated before, such as C:\\linux.img, has
fixed clusters. ntfs-punch finds them and gives just them to device-mapper: a
block device at nearly the speed of the disk, for whatever Linux puts on one.
Fast Startup stays on.

Not one byte outside the file's own clusters is ever written, and what can't be
proven right is refused, with the reason, and a remedy on Linux or in Windows.
Maps can be made at boot, also for a root filesystem.")

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# Its rules for udev complete libdevmapper's cookies and make the links in /dev/mapper.
set(CPACK_DEBIAN_PACKAGE_DEPENDS dmsetup)
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "initramfs-tools | dracut")
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
foreach(name IN ITEMS postinst prerm postrm triggers)
  list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_CURRENT_LIST_DIR}/${name})
endforeach()
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

# As with `cmake --install`: the paths in units and programs are those of the prefix.
set(CPACK_SET_DESTDIR ON)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_CURRENT_LIST_DIR}/begin.cmake)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_CURRENT_LIST_DIR}/stage.cmake)
include(CPack)
