/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers in the system's texts, and nothing that is only like one: digits alone, no sign, no space, no zero ahead, none that
 * is larger than it may be. scanf(3) takes all of these, and what isn't a number from there on.
 */
#ifndef NP_NUMBER_H
#define NP_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

/* What Linux has of both (include/linux/kdev_t.h, MINORBITS). */
#define NP_NUMBER_MAJOR_MAX ((1u << 12) - 1)
#define NP_NUMBER_MINOR_MAX ((1u << 20) - 1)

/* Takes one of at most `most` off the front of a text. False: there is none, and nothing is taken. */
bool np_number_take(const char **text, uint64_t most, uint64_t *ret_number);

/* Whether the whole text is one. */
bool np_number_parse(const char *text, uint64_t most, uint64_t *ret_number);

#endif
