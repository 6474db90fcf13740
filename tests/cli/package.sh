# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the tests of the Debian package, on top of ../lib.sh.
. "$NP_SOURCE/tests/lib.sh"

# What package-build leaves.
# shellcheck disable=SC2034 # for the scripts
build=$NP_FIXTURES/package/build
# shellcheck disable=SC2034
deb=$NP_FIXTURES/package/ntfs-punch_${NP_VERSION}_$(dpkg --print-architecture).deb

# Builds SOURCES' package in the folder BUILD, by README's commands. The log is in $work/log.
make_package() { # SOURCES BUILD
	cmake -S "$1" -B "$2" -DNP_TESTS=OFF -DCMAKE_INSTALL_PREFIX=/usr >"$work/log" 2>&1 &&
		make -C "$2" -j "$(nproc)" package >>"$work/log" 2>&1 || {
		cat "$work/log"
		return 1
	}
}
