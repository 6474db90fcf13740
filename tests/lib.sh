# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the test scripts, which source it first. Exit code 77 is a skip.
set -eu
shopt -s inherit_errexit

: "${NTFS_PUNCH:?}" "${NTFS_EDIT:?}" "${NP_SOURCE:?}" "${NP_FIXTURES:?}"
export NTFS_EDIT
PATH=$PATH:/usr/sbin:/sbin

# shellcheck disable=SC2034 # for the scripts
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
. "$NP_SOURCE/tests/check.sh"

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

# No byte of FILE could steer a terminal.
no_control() { # FILE
	! LC_ALL=C grep -qP '[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\x8e\x8f\xaa-\xae]' "$1"
}

# Sets `corpus`, real and damaged volumes in the folder shared/corpus beside the project's, and `images`, where they are
# unpacked, once for all tests.
unpacked_corpus() {
	corpus=$NP_SOURCE/../shared/corpus
	[[ -d $corpus ]] || corpus=${NP_CORPUS:-}
	[[ -d $corpus ]] || {
		echo "skipped: there is no corpus beside the project's folder, and NP_CORPUS names none"
		exit 77
	}
	images=$NP_FIXTURES/corpus
	exec 9>"$images.lock"
	flock 9
	if [[ ! -e $images/complete ]]; then
		"$corpus/unpack.sh" "$images"
		touch "$images/complete"
	fi
	exec 9>&-
}
