/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "ntfs-punch/facts.h"

#include <stdlib.h>
#include <string.h>

void np_facts_release(struct np_facts *facts)
{
	np_extent_map_release(&facts->extents);
	np_extent_map_release(&facts->system);
	free(facts->messages);
	facts->messages = NULL;
	facts->message_count = 0;
}

bool np_facts_equal(const struct np_facts *a, const struct np_facts *b)
{
	return a->outcome == b->outcome && !memcmp(&a->volume, &b->volume, sizeof(a->volume)) &&
	       !memcmp(&a->file, &b->file, sizeof(a->file)) && np_extent_map_equal(&a->extents, &b->extents) &&
	       np_extent_map_equal(&a->system, &b->system) &&
	       !memcmp(a->system_end, b->system_end, sizeof(a->system_end));
}
