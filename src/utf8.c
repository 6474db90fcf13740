/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "utf8.h"

size_t np_utf8_decode(const char *text, uint32_t *ret_character)
{
	const unsigned char *bytes = (const unsigned char *)text;
	uint32_t character = *bytes;
	size_t length = character < 0x80 ? 1 :
			character < 0xc2 ? 0 :
			character < 0xe0 ? 2 :
			character < 0xf0 ? 3 :
			character < 0xf5 ? 4 :
					   0;

	if (length > 1)
		character &= 0x7fu >> length;
	for (size_t i = 1; i < length; i++) {
		if ((bytes[i] & 0xc0) != 0x80) /* also where the text ends */
			return 0;
		character = character << 6 | (bytes[i] & 0x3f);
	}
	/* Overlong, surrogates, past Unicode's end. */
	if ((length == 3 && (character < 0x800 || (character >= 0xd800 && character < 0xe000))) ||
	    (length == 4 && (character < 0x10000 || character > 0x10ffff)))
		return 0;
	if (length)
		*ret_character = character;
	return length;
}

bool np_utf8_is_printable(uint32_t character)
{
	return character >= 0x20 && (character < 0x7f || character >= 0xa0) && character != 0x61c &&
	       (character < 0x200e || character > 0x200f) && (character < 0x202a || character > 0x202e) &&
	       (character < 0x2066 || character > 0x2069);
}
