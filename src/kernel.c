/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <sys/utsname.h>

/* Linux' own numbers fit into one byte each (KERNEL_VERSION). */
#define NUMBER_MAX 255u

/* Takes a number off the front. */
static bool take_number(const char **text, unsigned *ret_number)
{
	const char *digit = *text;
	unsigned number = 0;

	for (; *digit >= '0' && *digit <= '9' && number <= NUMBER_MAX; digit++)
		number = 10 * number + (unsigned)(*digit - '0');
	if (digit == *text || number > NUMBER_MAX)
		return false;
	*text = digit;
	*ret_number = number;
	return true;
}

bool np_kernel_is_before(const char *release, unsigned version, unsigned patchlevel)
{
	unsigned its_version, its_patchlevel;

	if (!take_number(&release, &its_version) || *release++ != '.' || !take_number(&release, &its_patchlevel))
		return true;
	return its_version < version || (its_version == version && its_patchlevel < patchlevel);
}

bool np_kernel_flushes_each_target(void)
{
	struct utsname name;

	return uname(&name) < 0 || np_kernel_is_before(name.release, 6, 11);
}
