/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef NTFS_PUNCH_UTF8_H
#define NTFS_PUNCH_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * How many bytes the character at the beginning of a NUL-terminated text has, or 0 if that is no well-formed UTF-8 (Unicode
 * 15, table 3-7): no overlong forms, no surrogates. The NUL itself is a character of 1 byte.
 */
size_t np_utf8_decode(const char *text, uint32_t *ret_character);

/*
 * Whether a terminal may be given it: no control character, nor one of those that turn the direction of writing and can make a
 * name look like another.
 */
bool np_utf8_is_printable(uint32_t character);

#endif
