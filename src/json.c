/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "json.h"

#include <errno.h>
#include <inttypes.h>
#include <json-c/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

void np_json_init(struct np_json *json)
{
	*json = (struct np_json){ .root = json_object_new_object() };
	json->failed = !json->root;
}

void np_json_release(struct np_json *json)
{
	json_object_put(json->root);
	json->root = NULL;
}

/* Takes the value over; NULL is libjson-c's null. */
static void add(struct np_json *json, struct json_object *parent, const char *key, struct json_object *value)
{
	int r = parent ? 0 : -1;

	if (!r)
		r = key ? json_object_object_add(parent, key, value) : json_object_array_add(parent, value);
	if (r < 0) {
		json->failed = true;
		json_object_put(value);
	}
}

static struct json_object *add_made(struct np_json *json, struct json_object *parent, const char *key,
				    struct json_object *value)
{
	if (!value) {
		json->failed = true;
		return NULL;
	}
	add(json, parent, key, value);
	return json->failed ? NULL : value;
}

struct json_object *np_json_object(struct np_json *json, struct json_object *parent, const char *key)
{
	return add_made(json, parent, key, json_object_new_object());
}

struct json_object *np_json_array(struct np_json *json, struct json_object *parent, const char *key)
{
	return add_made(json, parent, key, json_object_new_array());
}

static struct json_object *new_text(const char *text)
{
	static const char replacement[] = "\xef\xbf\xbd";
	char *repaired = malloc(strlen(text) * strlen(replacement) + 1), *end = repaired;
	struct json_object *value;

	if (!repaired)
		return NULL;
	while (*text) {
		uint32_t character;
		size_t length = np_utf8_decode(text, &character);

		end = length ? mempcpy(end, text, length) : mempcpy(end, replacement, strlen(replacement));
		text += length ? length : 1;
	}
	value = json_object_new_string_len(repaired, (int)(end - repaired));
	free(repaired);
	return value;
}

void np_json_text(struct np_json *json, struct json_object *parent, const char *key, const char *text)
{
	if (text)
		add_made(json, parent, key, new_text(text));
	else
		np_json_null(json, parent, key);
}

void np_json_number(struct np_json *json, struct json_object *parent, const char *key, uint64_t number)
{
	add_made(json, parent, key, json_object_new_uint64(number));
}

void np_json_flag(struct np_json *json, struct json_object *parent, const char *key, bool flag)
{
	add_made(json, parent, key, json_object_new_boolean(flag));
}

void np_json_null(struct np_json *json, struct json_object *parent, const char *key)
{
	add(json, parent, key, NULL);
}

int np_json_print(const struct np_json *json)
{
	const int flags = JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_SPACED | JSON_C_TO_STRING_NOSLASHESCAPE;
	const char *text = json->failed ? NULL : json_object_to_json_string_ext(json->root, flags);

	if (!text)
		return -ENOMEM;
	while (*text) {
		uint32_t character = 0;
		size_t length = np_utf8_decode(text, &character);

		/* libjson-c has escaped the control characters of ASCII, but for DEL; its newlines are between values. */
		if (np_utf8_is_printable(character) || character == '\n')
			fwrite(text, 1, length, stdout);
		else
			printf("\\u%04" PRIx32, character);
		text += length;
	}
	putchar('\n');
	return 0;
}
