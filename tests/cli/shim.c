/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Preloaded: a libntfs-3g whose mount does what $NP_SHIM says, as a defect in it might under a hostile volume. Runs in the
 * scanner's sandbox. What it tries it leaves in $NP_SHIM_FILE, if it is let. Or, as "badstart", a disk whose first sector is bad.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

void *ntfs_device_mount(void *device, unsigned long flags);

static void do_crash(void)
{
	*(volatile int *)8 = 0;
}

static void do_open(void)
{
	open("/etc/passwd", O_RDONLY);
}

static void do_create(void)
{
	open(getenv("NP_SHIM_FILE"), O_WRONLY | O_CREAT, 0600);
}

static void do_write(void)
{
	pwrite(3, "x", 1, 0);
}

static void do_socket(void)
{
	socket(AF_UNIX, SOCK_STREAM, 0);
}

static void do_fork(void)
{
	fork();
}

static void do_exec(void)
{
	execl("/bin/sh", "sh", "-c", "echo >\"$NP_SHIM_FILE\"", NULL);
}

static void do_ptrace(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void do_spin(void)
{
	for (volatile unsigned long count = 0;; count++)
		continue;
}

static void do_exit(void)
{
	_exit(0);
}

static void do_lie(void)
{
	char junk[65536];

	memset(junk, 'x', sizeof(junk));
	write(4, junk, sizeof(junk));
	_exit(0);
}

/* And then fails as libntfs-3g does. */
static void do_memory(void)
{
	while (malloc(1 << 20))
		continue;
	errno = ENOMEM;
}

static const struct {
	const char *name;
	void (*function)(void);
} deeds[] = {
	{ "crash", do_crash },   { "open", do_open }, { "create", do_create }, { "write", do_write },
	{ "socket", do_socket }, { "fork", do_fork }, { "exec", do_exec },     { "ptrace", do_ptrace },
	{ "spin", do_spin },     { "exit", do_exit }, { "lie", do_lie },       { "memory", do_memory },
};

void *ntfs_device_mount(void *device, unsigned long flags)
{
	(void)device, (void)flags;
	errno = EIO;
	for (size_t i = 0; i < sizeof(deeds) / sizeof(*deeds); i++)
		if (!strcmp(getenv("NP_SHIM"), deeds[i].name))
			deeds[i].function();
	return NULL;
}

ssize_t pread(int fd, void *data, size_t size, off_t offset)
{
	const char *name = getenv("NP_SHIM");

	if (!offset && name && !strcmp(name, "badstart")) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, data, size, offset);
}

ssize_t pread64(int fd, void *data, size_t size, off64_t offset)
{
	return pread(fd, data, size, offset);
}
