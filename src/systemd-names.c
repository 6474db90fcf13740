/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdio.h>
#include <string.h>

#include "systemd.h"
#include "utf8.h"

#define LETTERS_AND_DIGITS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

/* A text that grows in a buffer of a given size, for as long as it fits. */
struct buffer {
	char *text;
	size_t used, size;
};

static bool put(struct buffer *buffer, const char *text, size_t length)
{
	if (length >= buffer->size - buffer->used)
		return false;
	memcpy(buffer->text + buffer->used, text, length);
	buffer->used += length;
	buffer->text[buffer->used] = '\0';
	return true;
}

static bool put_code(struct buffer *buffer, char character)
{
	char code[8];

	snprintf(code, sizeof(code), "\\x%02x", (unsigned char)character);
	return put(buffer, code, 4);
}

/* systemd.unit(5), "String escaping for inclusion in unit names"; a dot only at the beginning. */
static bool put_escaped(struct buffer *buffer, const char *text, size_t length, bool first)
{
	static const char plain[] = LETTERS_AND_DIGITS ":_.";

	for (size_t i = 0; i < length; i++) {
		bool is_plain = text[i] && strchr(plain, text[i]) && !(first && !i && text[i] == '.');

		if (!(is_plain ? put(buffer, text + i, 1) : put_code(buffer, text[i])))
			return false;
	}
	return true;
}

bool np_unit_escape(const char *text, char *unit, size_t size)
{
	struct buffer buffer = { unit, 0, size };

	*unit = '\0';
	return put_escaped(&buffer, text, strlen(text), true);
}

/* Without slashes that say nothing, nor "."; ".." can't be told. */
bool np_unit_of_path(const char *path, const char *suffix, char unit[NP_UNIT_SIZE])
{
	struct buffer buffer = { unit, 0, NP_UNIT_SIZE };

	*unit = '\0';
	for (path += strspn(path, "/"); *path; path += strspn(path, "/")) {
		size_t length = strcspn(path, "/");
		const char *name = path;

		path += length;
		if (length == 1 && *name == '.')
			continue;
		if (length == 2 && !strncmp(name, "..", 2))
			return false;
		if (buffer.used && !put(&buffer, "-", 1))
			return false;
		if (!put_escaped(&buffer, name, length, !buffer.used))
			return false;
	}
	return buffer.used && put(&buffer, suffix, strlen(suffix));
}

bool np_unit_of_map(const char *name, const char *suffix, char unit[NP_UNIT_SIZE])
{
	char path[NP_DEVLINK_SIZE];
	int length = snprintf(path, sizeof(path), "/dev/mapper/%s", name);

	return length > 0 && (size_t)length < sizeof(path) && np_unit_of_path(path, suffix, unit);
}

/* As udev writes a label into a link (systemd, src/shared/device-nodes.c, encode_devnode_name). */
static bool put_label(struct buffer *buffer, const char *text, size_t length)
{
	static const char plain[] = LETTERS_AND_DIGITS "#+-.:=@_";

	for (size_t i = 0; i < length;) {
		uint32_t character;
		size_t bytes = np_utf8_decode(text + i, &character);

		if (bytes > 1 && i + bytes <= length) {
			if (!put(buffer, text + i, bytes))
				return false;
			i += bytes;
			continue;
		}
		if (!(strchr(plain, text[i]) ? put(buffer, text + i, 1) : put_code(buffer, text[i])))
			return false;
		i++;
	}
	return true;
}

/* Without the quotes that fstab and blkid have around it. */
static size_t unquote(const char **text)
{
	size_t length = strlen(*text);

	if (length < 2 || (**text != '"' && **text != '\'') || (*text)[length - 1] != **text)
		return length;
	++*text;
	return length - 2;
}

/* What is written in either case, udev has in one: NTFS' serial number in capitals, GUIDs in small letters (libblkid). */
static void set_case(char *value, bool is_partition)
{
	bool is_serial = strlen(value) == 16 && strspn(value, "0123456789abcdefABCDEF") == 16;

	for (; *value; value++) {
		if (is_partition && *value >= 'A' && *value <= 'Z')
			*value = (char)(*value - 'A' + 'a');
		else if (!is_partition && is_serial && *value >= 'a')
			*value = (char)(*value - 'a' + 'A');
	}
}

static bool put_tag(struct buffer *buffer, const char *tag, const char *value)
{
	bool is_label = value[-2] == 'L', is_partition = !strncmp(tag, "PART", 4);
	const char *folder = is_partition ? is_label ? "/dev/disk/by-partlabel/" : "/dev/disk/by-partuuid/" :
			     is_label     ? "/dev/disk/by-label/" :
					    "/dev/disk/by-uuid/";
	size_t length = unquote(&value);

	if (!length || !put(buffer, folder, strlen(folder)) || !put_label(buffer, value, length))
		return false;
	if (!is_label)
		set_case(buffer->text + strlen(folder), is_partition);
	return true;
}

bool np_unit_devlink(const char *device, char path[NP_DEVLINK_SIZE], bool *ret_unique)
{
	static const char shared[][24] = { "/dev/disk/by-uuid/", "/dev/disk/by-label/", "/dev/disk/by-partlabel/" };
	struct buffer buffer = { path, 0, NP_DEVLINK_SIZE };
	const char *value;

	*path = '\0';
	if (!(np_punchtab_is_tag(device, &value) ? put_tag(&buffer, device, value) :
						   put(&buffer, device, strlen(device))))
		return false;
	*ret_unique = true;
	for (size_t i = 0; i < sizeof(shared) / sizeof(*shared); i++)
		*ret_unique = *ret_unique && strncmp(path, shared[i], strlen(shared[i]));
	return true;
}
