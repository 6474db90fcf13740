# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the host's part of the VM tests, on top of ../lib.sh: a test NAME prepares disks, runs guest-NAME in the VM, and
# looks at the disks afterwards.
. "$NP_SOURCE/tests/lib.sh"

# The kernel: a package that the test's first argument names, else $NP_VM_KERNEL, else get-kernel's default. Fetched once, into
# the build folder.
if [[ -n ${1:-} || -z ${NP_VM_KERNEL:-} ]]; then
	NP_VM_KERNEL=$("$NP_SOURCE/tests/vm/get-kernel" "$NP_FIXTURES/../kernels" "$@")
fi
export NP_VM_KERNEL
# Debian 12's own, where what is slow is done in a smaller form: each flush goes to every target.
older=
# shellcheck disable=SC2034 # for the scripts
! compgen -G "$NP_VM_KERNEL/boot/vmlinuz-6.1.*" >/dev/null || older=yes

# What the guest may see of the host's /tmp: the program, its own part of the test, and what the test puts there.
share=$work/share
mkdir "$share"
cp "$NTFS_PUNCH" "$share/ntfs-punch"
cp "$NP_SOURCE"/tests/vm/guest* "$NP_SOURCE/tests/check.sh" "$NP_SOURCE"/contrib/udev/*.rules "$share/"

# A copy of a fixture as a disk: sets `disk`. The untouched one stays for comparison.
disk_of() { # KIND NAME
	fixture "$1"
	disk=$work/$2.img
	cp --sparse=always "$image" "$disk"
	cp --sparse=always "$image" "$disk.before"
}

# A volume on a partition, as Windows has it, of a disk $work/whole; the first and the last MiB are the partition table's.
on_gpt_disk() { # DISK
	{
		head -c 1M /dev/zero
		cat "$1"
		head -c 1M /dev/zero
	} | dd of="$work/whole" bs=1M iflag=fullblock conv=sparse status=none
	truncate --size $(($(stat -c %s "$1") + 2097152)) "$work/whole"
	sfdisk --quiet --wipe-partitions never "$work/whole" 2>/dev/null <<-TABLE
		label: gpt
		start=2048, size=$(($(stat -c %s "$1") / 512)), type=EBD0A0A2-B9E5-4433-87C0-68B6B72699C7
	TABLE
	cp --sparse=always "$work/whole" "$work/whole.before"
}

# Afterwards: takes the volume out of it again.
off_gpt_disk() { # DISK
	dd if="$work/whole" of="$1" bs=1M skip=1 count="$(stat -c %s "$1")" iflag=count_bytes,fullblock conv=sparse status=none
	check "nothing before the partition has changed" cmp -n 1M "$work/whole" "$work/whole.before"
	check "nor behind it" cmp <(tail -c 1M "$work/whole") <(tail -c 1M "$work/whole.before")
}

# Writes a file of the host's into the clusters of a volume's, which is as long at least.
into_file() { # CONTENT VOLUME FILE
	"$NTFS_EDIT" "$2" extents "$3" >"$work/into"
	python3 "$NP_SOURCE/tests/boot/into-extents.py" write "$1" "$2" 0 4096 "$work/into"
}

# The file's own extents are asked of the disk as it was before, of libntfs-3g's runlist.
check_outside() { # DISK CHANGED|SAME FILE...
	local disk=$1 changed=$2 file
	shift 2
	for file in "$@"; do
		"$NTFS_EDIT" "$disk.before" extents "$file"
	done >"$work/extents"
	check "$(basename "$disk"): nothing outside the file's extents has changed" \
		python3 "$NP_SOURCE/tests/vm/outside.py" "$disk.before" "$disk" "$work/extents" "$changed"
}

guest() { # NAME RUN-VM-ARGS...
	local name=$1 status=0
	shift
	"$NP_SOURCE/tests/vm/run-vm" --share "$share" --env "SHARE=$share" "$@" -- bash "$share/guest-$name" || status=$?
	check "guest-$name" test "$status" -eq 0
}
