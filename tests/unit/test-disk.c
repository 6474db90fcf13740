/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Devices that are there, but have nothing to look at: a CD drive as the kernel shows it.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/cdrom.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "disk.h"

static const struct {
	const char *name;
	int capability; /* what the two ioctls return, or -errno */
	int status;
	int result;
} cases[] = {
	{ "no drive", -ENOTTY, -ENOTTY, 0 },
	{ "a disk in it", CDC_DRIVE_STATUS, CDS_DISC_OK, 0 },
	{ "no disk", CDC_DRIVE_STATUS, CDS_NO_DISC, -ENODEV },
	{ "open", CDC_DRIVE_STATUS, CDS_TRAY_OPEN, -ENODEV },
	{ "can't tell", CDC_DRIVE_STATUS, CDS_NO_INFO, 0 },
	{ "can't be asked", 0, -EIO, 0 },
};
static size_t current;
static bool is_closed;

static dev_t number_of(size_t i)
{
	/* What isn't there has nothing in sysfs. */
	return makedev(4095, 1048000 + (unsigned)i);
}

int __wrap_np_device_node(dev_t number, char *ret_path);
int __wrap_np_device_node(dev_t number, char *ret_path)
{
	assert_true(number == number_of(current));
	strcpy(ret_path, "/dev/sr0");
	return 0;
}

int __wrap_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, ...)
{
	(void)path;
	assert_true(flags & O_NONBLOCK);
	is_closed = false;
	return 42;
}

int __wrap_close(int fd);
int __wrap_close(int fd)
{
	assert_int_equal(fd, 42);
	is_closed = true;
	return 0;
}

int __wrap_fstat(int fd, struct stat *status);
int __wrap_fstat(int fd, struct stat *status)
{
	assert_int_equal(fd, 42);
	*status = (struct stat){ .st_mode = S_IFBLK, .st_rdev = number_of(current) };
	return 0;
}

static int answer(int result)
{
	errno = result < 0 ? -result : 0;
	return result < 0 ? -1 : result;
}

int __wrap_ioctl(int fd, unsigned long request, ...);
int __wrap_ioctl(int fd, unsigned long request, ...)
{
	assert_int_equal(fd, 42);
	return answer(request == CDROM_GET_CAPABILITY ? cases[current].capability : cases[current].status);
}

int np_probe(int fd, uint64_t start_bytes, uint64_t size_bytes, const char *subject, enum np_log_level level,
	     const struct np_log *log, struct np_content *ret_content)
{
	(void)fd, (void)start_bytes, (void)size_bytes, (void)subject, (void)level, (void)log, (void)ret_content;
	return 0;
}

static void test_empty_drive(void **state)
{
	static struct np_content content;

	(void)state;
	for (current = 0; current < COUNT_OF(cases); current++) {
		int r = np_disk_probe(number_of(current), NP_LOG_DEBUG, &np_log_silent, &content);

		assert_in_case(cases[current].name, r == cases[current].result);
		assert_in_case(cases[current].name, is_closed);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_empty_drive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
