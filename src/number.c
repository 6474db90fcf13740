/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "number.h"

bool np_number_take(const char **text, uint64_t most, uint64_t *ret_number)
{
	const char *digit = *text;
	uint64_t number = 0;

	for (; *digit >= '0' && *digit <= '9'; digit++)
		if (__builtin_mul_overflow(number, 10, &number) ||
		    __builtin_add_overflow(number, *digit - '0', &number) || number > most)
			return false;
	if (digit == *text || (**text == '0' && digit > *text + 1))
		return false;
	*text = digit;
	*ret_number = number;
	return true;
}

bool np_number_parse(const char *text, uint64_t most, uint64_t *ret_number)
{
	uint64_t number;

	if (!np_number_take(&text, most, &number) || *text)
		return false;
	*ret_number = number;
	return true;
}
