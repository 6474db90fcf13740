/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Runs a program and makes one of its system calls fail, be cut short, or be its last. x86-64 only.
 *
 *	inject [--from WORD] [--at PROCESS:NUMBER:ACTION] [--log FILE] PROGRAM [ARGUMENT...]
 *
 * PROCESS is 0 for the program, 1 for the first child that it or a child forks, and so on. Its calls are numbered from 1; those
 * of process 0 from the first on that has a path with WORD in it, which leaves out what the dynamic linker does, and options
 * being parsed. ACTION: an error (EIO, ENOMEM, EINTR, ENOSPC), and the call isn't made (but close and munmap are); `short`, and it is made for half as
 * many bytes (read, pread64, write); `zero`, and it isn't made, as at a file's end; `kill`, and SIGKILL comes instead of it.
 * FILE gets a line "PROCESS NUMBER NAME" for each call, and at the end of the line of the chosen one, ACTION; not so if it is another
 * call this time, which can't be cut short: then nothing is done to it. With --at there are only the lines of PROCESS, up to NUMBER.
 *
 * strace can inject too, but counts the calls of each process from its beginning, linker included, and can't cut a call short.
 *
 * Ends as the program does; 128 and the signal's number where that is a signal. 125: something went wrong here.
 */
#include <err.h>
#include <errno.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define TROUBLE   125
#define PROCESSES 64

struct process {
	pid_t pid;
	long calls; /* so far */
	bool counts;
	bool inside;    /* of a call */
	bool injecting; /* into the one that it is inside of */
	struct user_regs_struct before;
};

static const struct {
	const char *name;
	int result;
} errors[] = { { "EIO", -EIO }, { "ENOMEM", -ENOMEM }, { "EINTR", -EINTR }, { "ENOSPC", -ENOSPC }, { "zero", 0 } };

static struct process processes[PROCESSES];
static size_t process_count;
static const char *from, *action;
static unsigned long chosen_process;
static long chosen_call;
static FILE *log_file;

static struct process *find(pid_t pid)
{
	for (size_t i = 0; i < process_count; i++)
		if (processes[i].pid == pid)
			return &processes[i];
	if (process_count == PROCESSES)
		errx(TROUBLE, "too many processes");
	processes[process_count] = (struct process){ .pid = pid, .counts = process_count || !from };
	return &processes[process_count++];
}

static bool has_word(pid_t pid, unsigned long long address)
{
	char text[256] = "";
	/* What follows the page may not be there. */
	size_t size = sizeof(text) - 1, rest = 4096 - address % 4096, first = rest < size ? rest : size;
	struct iovec here = { text, size };
	struct iovec there[] = { { (void *)(uintptr_t)address, first },
				 { (void *)(uintptr_t)(address + first), size - first } };

	return address > 65536 && process_vm_readv(pid, &here, 1, there, 2, 0) > 0 && strstr(text, from);
}

static void set_registers(pid_t pid, const struct user_regs_struct *registers)
{
	if (ptrace(PTRACE_SETREGS, pid, NULL, registers) < 0)
		err(TROUBLE, "registers");
}

/* At the entry of the chosen call. */
static void begin_injection(struct process *process, struct user_regs_struct registers)
{
	unsigned long long number = registers.orig_rax;

	if (!strcmp(action, "kill")) {
		kill(process->pid, SIGKILL);
		return;
	}
	process->before = registers;
	process->injecting = true;
	if (!strcmp(action, "short")) {
		registers.rdx /= 2;
	} else if (number == SYS_close || number == SYS_munmap) {
		/* What fails to release something has released it all the same. */
	} else if (number == SYS_brk) {
		registers.rdi = 0; /* its failure is the break as it was */
	} else {
		/* A call without an effect, which the sandbox of the program allows, too. */
		registers.orig_rax = SYS_gettimeofday;
		registers.rdi = registers.rsi = 0;
	}
	set_registers(process->pid, &registers);
}

static void end_injection(struct process *process)
{
	struct user_regs_struct registers;
	size_t i = 0;

	process->injecting = false;
	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &registers) < 0)
		return; /* killed meanwhile */
	while (i < sizeof(errors) / sizeof(*errors) && strcmp(action, errors[i].name))
		i++;
	if (i < sizeof(errors) / sizeof(*errors) && process->before.orig_rax != SYS_brk)
		process->before.rax = (unsigned long long)errors[i].result;
	else
		process->before.rax = registers.rax;
	set_registers(process->pid, &process->before);
}

static bool is_chosen(const struct process *process, unsigned long long number)
{
	bool can_be_short = number == SYS_read || number == SYS_pread64 || number == SYS_write;

	return action && chosen_process == (unsigned long)(process - processes) && chosen_call == process->calls &&
	       (can_be_short || strcmp(action, "short"));
}

static void enter_call(struct process *process)
{
	struct user_regs_struct registers;
	bool chosen;
	char *name;

	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &registers) < 0)
		return; /* killed meanwhile */
	if (!process->counts)
		process->counts = has_word(process->pid, registers.rdi) || has_word(process->pid, registers.rsi);
	if (!process->counts)
		return;
	process->calls++;
	chosen = is_chosen(process, registers.orig_rax);
	name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, (int)registers.orig_rax);
	if (log_file)
		fprintf(log_file, "%zu %ld %s%s%s\n", (size_t)(process - processes), process->calls, name ? name : "?",
			chosen ? " " : "", chosen ? action : "");
	free(name);
	if (chosen)
		begin_injection(process, registers);
}

static void leave_call(struct process *process)
{
	if (process->injecting)
		end_injection(process);
}

/* Returns the signal that the process is to get. */
static int handle_stop(struct process *process, int status)
{
	int signal_number = WSTOPSIG(status);

	if (signal_number == (SIGTRAP | 0x80)) {
		process->inside = !process->inside;
		if (process->inside)
			enter_call(process);
		else
			leave_call(process);
		return 0;
	}
	/* Events of ours, and the stop that a new process begins with. */
	return status >> 16 || signal_number == SIGSTOP || signal_number == SIGTRAP ? 0 : signal_number;
}

/* Whether its calls are still of interest: to be counted, or because the chosen one is under way. */
static bool is_watched(const struct process *process)
{
	return !action || (chosen_process == (unsigned long)(process - processes) &&
			   (process->calls < chosen_call || process->injecting));
}

static int trace(pid_t program)
{
	int result = TROUBLE, status, signal_number;
	pid_t pid;

	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		struct process *process = find(pid);

		if (!WIFSTOPPED(status)) {
			if (pid == program)
				result = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
			continue;
		}
		signal_number = handle_stop(process, status);
		ptrace(is_watched(process) ? PTRACE_SYSCALL : PTRACE_CONT, pid, NULL, (void *)(intptr_t)signal_number);
	}
	return result;
}

static void parse_place(const char *word)
{
	char *end;

	chosen_process = strtoul(word, &end, 10);
	chosen_call = *end == ':' ? strtol(end + 1, &end, 10) : 0;
	if (*end != ':' || chosen_call < 1)
		errx(TROUBLE, "%s: not PROCESS:NUMBER:ACTION", word);
	action = end + 1;
}

int main(int argument_count, char **arguments)
{
	int i = 1, status;
	pid_t pid;

	for (; i + 1 < argument_count && !strncmp(arguments[i], "--", 2); i += 2) {
		if (!strcmp(arguments[i], "--from"))
			from = arguments[i + 1];
		else if (!strcmp(arguments[i], "--at"))
			parse_place(arguments[i + 1]);
		else if (!strcmp(arguments[i], "--log"))
			log_file = fopen(arguments[i + 1], "we");
		else
			errx(TROUBLE, "%s: no such option", arguments[i]);
	}
	if (i >= argument_count)
		errx(TROUBLE, "no program");
	pid = fork();
	if (pid < 0)
		err(TROUBLE, "fork");
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(arguments[i], arguments + i);
		err(TROUBLE, "%s", arguments[i]);
	}
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		errx(TROUBLE, "it didn't stop");
	if (ptrace(PTRACE_SETOPTIONS, pid, NULL,
		   (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |
			    PTRACE_O_EXITKILL)) < 0)
		err(TROUBLE, "ptrace");
	find(pid);
	ptrace(PTRACE_SYSCALL, pid, NULL, NULL);
	return trace(pid);
}
