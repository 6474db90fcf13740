/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * show-busy DEVICE [START SIZE]: prints what np_busy_find() finds, maps of ours as "map NUMBER below NUMBER start BYTES", of
 * DEVICE or of the volume at byte START of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "ntfs-punch/busy.h"

static void emit(const struct np_log *log, enum np_log_level level, const char *subject, const char *message,
		 const char *remedy)
{
	(void)log, (void)level, (void)remedy;
	fprintf(stderr, "%s: %s\n", subject, message);
}

int main(int argc, char **argv)
{
	const struct np_log log = { .emit = emit, .most = NP_LOG_ERROR };
	struct np_device device;
	struct np_busy busy;

	if ((argc != 2 && argc != 4) || np_device_open(argv[1], &log, &device) < 0)
		return 2;
	if (argc == 4) {
		device.start_bytes = strtoull(argv[2], NULL, 10);
		device.size_bytes = strtoull(argv[3], NULL, 10);
	}
	if (np_busy_find(&device, &log, &busy) < 0)
		return 1;
	if (*busy.who)
		printf("%s\nremedy: %s\n", busy.who, busy.remedy);
	for (size_t i = 0; i < busy.map_count; i++) {
		char map[NP_DEVICE_NUMBER_SIZE], below[NP_DEVICE_NUMBER_SIZE];

		np_device_format_number(busy.maps[i].map, map);
		np_device_format_number(busy.maps[i].below, below);
		printf("map %s below %s start %" PRId64 "\n", map, below, busy.maps[i].start_bytes);
	}
	np_busy_release(&busy);
	np_device_close(&device);
	return 0;
}
