/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * JSON to print, by libjson-c. An object or array belongs to what it was added to. Whatever goes wrong on the way is kept in
 * the document, and said when it is printed.
 *
 * A `key` names a member of an object; in an array it is NULL. The parent of what lies outermost is the document's root.
 */
#ifndef NTFS_PUNCH_JSON_H
#define NTFS_PUNCH_JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json_object; /* libjson-c's */

struct np_json {
	struct json_object *root; /* an object */
	bool failed;              /* out of memory */
};

void np_json_init(struct np_json *json);
void np_json_release(struct np_json *json);

struct json_object *np_json_object(struct np_json *json, struct json_object *parent, const char *key);
struct json_object *np_json_array(struct np_json *json, struct json_object *parent, const char *key);

/* A text from outside: what isn't UTF-8 becomes U+FFFD, a byte each. NULL becomes null. */
void np_json_text(struct np_json *json, struct json_object *parent, const char *key, const char *text);
void np_json_number(struct np_json *json, struct json_object *parent, const char *key, uint64_t number);
void np_json_flag(struct np_json *json, struct json_object *parent, const char *key, bool flag);
void np_json_null(struct np_json *json, struct json_object *parent, const char *key);

/* To stdout, indented, with a newline at its end. What isn't fit for a terminal is written as \uXXXX. -ENOMEM. */
int np_json_print(const struct np_json *json);

#endif
