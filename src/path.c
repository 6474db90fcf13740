/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/path.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

void np_path_release(struct np_path *path)
{
	for (size_t i = 0; i < path->count; i++)
		free(path->components[i]);
	free(path->components);
	free(path->stream);
	*path = (struct np_path){ 0 };
}

static int refuse(const char *why, const char **ret_why)
{
	*ret_why = why;
	return -EINVAL;
}

/* What follows a name's first colon: a stream's name, ":$DATA", or both. */
static int parse_stream(const char *text, struct np_path *path, const char **ret_why)
{
	const char *type = strchr(text, ':');
	size_t length = type ? (size_t)(type - text) : strlen(text);

	if (type && strcasecmp(type, ":$DATA"))
		return refuse("only streams of the type $DATA can be mapped", ret_why);
	if (!type && !length)
		return refuse("the stream's name is missing", ret_why);
	if (strpbrk(text, "/\\"))
		return refuse("a stream's name holds no slash", ret_why);
	if (!length)
		return 0;
	path->stream = strndup(text, length);
	return path->stream ? 0 : -ENOMEM;
}

/* After "mft:": a number, decimal or 0x, and perhaps a stream. */
static int parse_record(const char *text, struct np_path *path, const char **ret_why)
{
	char *end;

	errno = 0;
	path->by_record = true;
	if (!isdigit((unsigned char)*text))
		return refuse("mft: takes the number of an MFT record", ret_why);
	path->record = strtoull(text, &end, strncasecmp(text, "0x", 2) ? 10 : 16);
	/* A reference's upper 16 bits are the sequence number. */
	if (errno || path->record >= 1ULL << 48)
		return refuse("there is no MFT record of that number", ret_why);
	if (*end == ':')
		return parse_stream(end + 1, path, ret_why);
	return *end ? refuse("mft: takes the number of an MFT record", ret_why) : 0;
}

static int add_component(struct np_path *path, const char *name, size_t length)
{
	char **components = realloc(path->components, (path->count + 1) * sizeof(*components));

	if (!components)
		return -ENOMEM;
	path->components = components;
	components[path->count] = strndup(name, length);
	if (!components[path->count])
		return -ENOMEM;
	path->count++;
	return 0;
}

static int parse_names(const char *text, struct np_path *path, const char **ret_why)
{
	int r = 0;

	if (isalpha((unsigned char)text[0]) && text[1] == ':' && (text[2] == '/' || text[2] == '\\'))
		text += 2;
	while (*text && !r) {
		size_t length = strcspn(text, "/\\:");

		if (length)
			r = add_component(path, text, length);
		text += length;
		if (r)
			break;
		if (*text == ':')
			return length ? parse_stream(text + 1, path, ret_why) :
					refuse("a colon needs a name before it", ret_why);
		if (*text)
			text++;
	}
	return r;
}

int np_path_parse(const char *text, struct np_path *ret_path, const char **ret_why)
{
	struct np_path path = { 0 };
	int r;

	if (!*text)
		return refuse("it is empty", ret_why);
	if (!strncmp(text, "mft:", 4))
		r = parse_record(text + 4, &path, ret_why);
	else
		r = parse_names(text, &path, ret_why);
	if (r < 0) {
		np_path_release(&path);
		return r;
	}
	*ret_path = path;
	return 0;
}

char *np_path_stem(const struct np_path *path)
{
	const char *name, *dot;

	if (!path->count)
		return NULL;
	name = path->components[path->count - 1];
	dot = strrchr(name, '.');
	return dot && dot != name ? strndup(name, (size_t)(dot - name)) : strdup(name);
}
