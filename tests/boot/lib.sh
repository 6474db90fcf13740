# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# For the tests of booting, on top of ../lib.sh: a disk is made, booted from, and looked at. The system, boot/system's, is the same for
# all of them.
. "$NP_SOURCE/tests/lib.sh"

boot=$NP_SOURCE/tests/boot
system=$NP_FIXTURES/boot
# shellcheck disable=SC2034 # these two for the scripts
root_uuid=8b1d5f0e-5d1c-4c8e-9d7a-000000000001
partition=PARTUUID=8b1d5f0e-5d1c-4c8e-9d7a-0000000000a3
# Each kernel's, besides what a test is about. For norandmaps see run-vm.
kernel_words="console=ttyS0 TERM=dumb norandmaps rcupdate.rcu_cpu_stall_suppress=1"
disk=$work/disk
# What the VMs say is kept, until the next time.
kept=$NP_FIXTURES/../boot-output/$(basename "$0")${*:+-${*// /-}}
kept=${kept// /-}
rm -rf "$kept"
mkdir -p "$kept"

# What the file has: a system with INITRD, as KIND: raw, partitions, vhdx, or punchtab, a raw one with a table in it. Sets `content`, a file
# with it, `file`, its name on the volume, `root` and `map`, the kernel's words, and `offset`, where the filesystem begins in the image.
# shellcheck disable=SC2034 # root and map, for the scripts
make_content() { # INITRD KIND
	local ext4=$system/root-$1.ext4 options=
	root=UUID=$root_uuid file=/linux.img offset=
	content=$work/content
	case $2 in
	raw)
		content=$ext4
		root=/dev/mapper/root
		;;
	punchtab)
		# The system has it too, as it would be, but for the line that is wrong.
		cp --sparse=always "$ext4" "$content"
		grep -v other "$system/punchtab" >"$work/punchtab"
		debugfs -w -R "write $work/punchtab /etc/punchtab" "$content" 2>/dev/null
		;;
	partitions)
		offset=$((64 * 1048576))
		root=PARTUUID=8b1d5f0e-5d1c-4c8e-9d7a-0000000000b2
		options=:partitions
		truncate -s $(($(stat -c %s "$ext4") + offset + 1048576)) "$content"
		sfdisk --quiet "$content" <<-END
			label: gpt
			start=2048, size=63M, uuid=8b1d5f0e-5d1c-4c8e-9d7a-0000000000b1
			start=$((offset / 512)), size=$(($(stat -c %s "$ext4") / 512)), uuid=8b1d5f0e-5d1c-4c8e-9d7a-0000000000b2
		END
		dd if="$ext4" of="$content" bs=1M seek=64 conv=notrunc,sparse status=none
		;;
	vhdx)
		file=/linux.vhdx
		qemu-img convert -S 0 -O vhdx -o subformat=fixed "$ext4" "$content"
		;;
	esac
	map=rd.ntfspunch=root:$partition:$file$options
}

# Boots as run-boot's arguments say. Sets `out`, the folder with what was said.
boot_from() { # NAME RUN-BOOT-ARGS...
	local seconds
	out=$kept/$1
	shift
	seconds=$("$boot/run-boot" "$@" "$out") || seconds+=", and didn't end"
	# A serial port has a carriage return at the end of each line.
	sed -i "s/\r\$//" "$out/results"
	echo "# ${out##*/}: $seconds"
}

# With the kernel and an initrd, tools or dracut.
boot_with() { # NAME INITRD WORDS RUN-BOOT-ARGS...
	local name=$1 initrd=$2 words=$3
	shift 3
	boot_from "$name" --kernel "$system/vmlinuz" --initrd "$system/$initrd.img" --append "$kernel_words $words" "$@"
}

# What the guest's own checks have found, and that it ended as it should, after COUNT boots.
check_booted() { # COUNT [TROUBLE-THAT-IS-MEANT]
	local line number
	while read -r line; do
		case $line in
		"ok "*) check "guest: ${line#ok }" true ;;
		"FAIL "*) check "guest: ${line#FAIL }" false ;;
		*) echo "  $line" ;;
		esac
	done <"$out/results"
	for ((number = 1; number <= $1; number++)); do
		check "boot $number comes to its end" grep -qx "END $number" "$out/results"
	done
	check "there are no more" test "$(grep -c '^BOOT' "$out/results")" -eq "$1"
	check "it powers off" test "$(grep -c 'reboot: Power down' "$out/console")" -eq 1
	check_console "${2-}"
	[[ $failed -eq 0 ]] || tail -n 60 "$out/console" | sed 's/^/  /'
}

# What must never be there.
check_console() { # [TROUBLE-THAT-IS-MEANT]
	local bad='Oops|BUG:|Kernel panic|Call Trace|I/O error|EXT4-fs error|EXT4-fs warning|GPT is invalid|Timed out waiting|blocked for more than'
	grep -aE "$bad" "$out/console" | grep -avF -- "${1:-nothing is}" >"$work/trouble" || true
	check "no trouble on the console" test ! -s "$work/trouble"
	sed 's/^/  /' "$work/trouble"
}

console_has() { # NAME TEXT
	check "$1" grep -aqF -- "$2" "$out/console"
}

# Seconds from the first line with the one text to the first with the other, or nothing.
seconds_between() { # TEXT TEXT
	awk -v from="$1" -v to="$2" 'index($0, from) && begin == "" { begin = $1 }
		index($0, to) && begin != "" { printf "%.1f\n", $1 - begin; exit }' "$out/console"
}

# The disk is the same outside the file.
check_disk() { # CHANGED|SAME
	check "nothing outside the file's extents has changed" \
		python3 "$NP_SOURCE/tests/vm/outside.py" "$disk.before" "$disk" "$disk.extents" "$1" "$(<"$disk.volume")"
}

# The filesystem in the file is sound, and was unmounted. OFFSET is where it is in what the image, raw or vhdx, has, in bytes.
check_filesystem() { # FORMAT [OFFSET]
	local offset=${2:-0}
	python3 "$boot/into-extents.py" read "$work/content" "$disk" "$(<"$disk.volume")" 4096 "$disk.extents"
	if [[ $1 = vhdx ]]; then
		qemu-img convert -f vhdx -O raw "$work/content" "$work/raw"
		mv "$work/raw" "$work/content"
	fi
	check "e2fsck finds nothing" e2fsck -fn "$work/content?offset=$offset"
	dumpe2fs -h "$work/content?offset=$offset" >"$work/superblock" 2>&1
	check "it was unmounted" grep -qE '^Filesystem state: +clean$' "$work/superblock"
	check "its journal is empty" test -z "$(grep needs_recovery "$work/superblock")"
	rm "$work/content"
}
