# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the test scripts, which source it first. A script prints "ok NAME" or "FAIL NAME" for each thing that it looks
# at, and its last line is `finish`. Exit code 77 is a skip.
set -eu
shopt -s inherit_errexit

: "${NTFS_PUNCH:?}" "${NTFS_EDIT:?}" "${NP_SOURCE:?}" "${NP_FIXTURES:?}"
export NTFS_EDIT
PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2034 # for the scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0 passed=0

# Sets `image` to an image of that kind, made once for all tests and not to be changed.
fixture() { # KIND
	image=$NP_FIXTURES/$1.img
	exec 9>"$image.lock"
	flock 9
	if [[ ! $image -nt $NTFS_EDIT ]]; then
		"$NP_SOURCE/tests/fixtures/make-fixture" "$1" "$image"
	fi
	exec 9>&-
}

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

# Runs ntfs-punch: its exit code goes to `code`, its output to $work/out and $work/err.
punch() { # ARGS...
	code=0
	"$NTFS_PUNCH" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
}

# It exits with CODE, and with an error says so on standard error and prints nothing on standard output.
expect() { # CODE NAME ARGS...
	local want=$1 name=$2
	shift 2
	punch "$@"
	check "$name: exit code $want" test "$code" -eq "$want"
	[[ $code -eq $want ]] || sed 's/^/  /' "$work/err"
	if [[ $want -ne 0 ]]; then
		check "$name: nothing on standard output" test ! -s "$work/out"
		check "$name: says why" grep -q '^ntfs-punch: .' "$work/err"
	fi
}

# The message of the last run has TEXT.
says() { # NAME TEXT
	check "$1" grep -qF -- "$2" "$work/err"
}

finish() {
	echo "$passed passed, $failed failed"
	[[ $passed -gt 0 ]] || failed=1
	exit "$failed"
}
