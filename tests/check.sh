# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# How a test script says what it found: "ok NAME" or "FAIL NAME" for each thing that it looks at. Its last line is
# `finish`; one that looked at nothing has failed.
failed=0 passed=0

check() { # NAME COMMAND ARGS...
	local name=$1
	shift
	if "$@"; then
		echo "ok $name"
		passed=$((passed + 1))
	else
		echo "FAIL $name"
		failed=1
	fi
}

no() { # COMMAND ARGS...
	! "$@"
}

finish() {
	echo "$passed passed, $failed failed"
	[[ $passed -gt 0 ]] || failed=1
	exit "$failed"
}
