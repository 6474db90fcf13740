/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "kernel.h"

#include <sys/utsname.h>

#include "number.h"

/* Linux' own numbers fit into one byte each (KERNEL_VERSION). */
#define NUMBER_MAX 255u

bool np_kernel_is_before(const char *release, unsigned version, unsigned patchlevel)
{
	uint64_t its_version, its_patchlevel;

	if (!np_number_take(&release, NUMBER_MAX, &its_version) || *release++ != '.' ||
	    !np_number_take(&release, NUMBER_MAX, &its_patchlevel))
		return true;
	return its_version < version || (its_version == version && its_patchlevel < patchlevel);
}

bool np_kernel_flushes_each_target(void)
{
	struct utsname name;

	return uname(&name) < 0 || np_kernel_is_before(name.release, 6, 11);
}
