// SPDX-License-Identifier: GPL-2.0
/*
 * PID 1 of the guests: mounts what a command needs, turns swap and zswap on,
 * runs the command and says how it ended.
 *
 * Three channels lead out. The console carries the kernel's log and what init
 * has to complain about. The output channel carries the command's standard
 * output and error, nothing else. The result channel carries one word and
 * value a line:
 *
 *	ready			everything is set up, the command starts
 *	exit N			the command's status as a shell would see it
 *	bytes N			bytes the command wrote
 *	taint N			/proc/sys/kernel/tainted afterwards
 *	leaks N			kmemleak's reports, where it is built in and not switched off
 *	end			nothing is missing from the lines above
 *
 * The host believes in success only if all of this arrives.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static int result_fd = -1;
static int output_fd = -1;

static void power_off(void)
{
	sync();
	reboot(RB_POWER_OFF);
	for (;;)
		pause();
}

__attribute__((format(printf, 1, 2)))
static void fail(const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "init: ");
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(errno));
	power_off();
}

static void result(const char *key, long value)
{
	if (dprintf(result_fd, "%s %ld\n", key, value) < 0)
		fail("result channel");
}

static const char *setting(const char *name, const char *fallback)
{
	const char *value = getenv(name);

	return value ? value : fallback;
}

static void mount_one(const char *type, const char *where)
{
	mkdir(where, 0755);
	if (mount(type, where, type, 0, NULL))
		fail("mount %s on %s", type, where);
}

static void mount_all(void)
{
	mount_one("proc", "/proc");
	mount_one("sysfs", "/sys");
	mount_one("devtmpfs", "/dev");
	mount_one("tmpfs", "/tmp");
	mount_one("debugfs", "/sys/kernel/debug");
	mount_one("cgroup2", "/sys/fs/cgroup");
	/* A kernel of another configuration may be without these */
	mount("configfs", "/sys/kernel/config", "configfs", 0, NULL);
	mount("tracefs", "/sys/kernel/tracing", "tracefs", 0, NULL);
	symlink("/proc/self/fd", "/dev/fd");
}

/* The terminal driver must not turn "\n" into "\r\n" on its way out */
static int open_channel(const char *path)
{
	struct termios tio;
	int fd = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);

	if (fd < 0)
		fail("open channel %s", path);
	if (tcgetattr(fd, &tio))
		fail("terminal settings of %s", path);
	cfmakeraw(&tio);
	if (tcsetattr(fd, TCSANOW, &tio))
		fail("raw mode of %s", path);
	return fd;
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd < 0)
		fail("open %s", path);
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		fail("write \"%s\" to %s", text, path);
	close(fd);
}

static long read_number(const char *path)
{
	long value;
	FILE *file = fopen(path, "re");

	if (!file || fscanf(file, "%ld", &value) != 1)
		fail("read a number from %s", path);
	fclose(file);
	return value;
}

static int run(const char *command)
{
	int status;
	pid_t pid = fork();

	if (pid < 0)
		fail("fork");
	if (!pid) {
		setsid();
		execl("/bin/busybox", "sh", "-c", command, NULL);
		_exit(127);
	}
	for (;;) {
		pid_t ended = wait(&status);

		if (ended == pid)
			break;
		if (ended < 0 && errno != EINTR)
			fail("wait");
	}
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void swap_on(const char *device)
{
	char command[256];

	if (!*device)
		return;
	snprintf(command, sizeof(command), "mkswap %s >/dev/null", device);
	if (run(command))
		fail("mkswap %s", device);
	if (swapon(device, 0))
		fail("swapon %s", device);
}

/* Copies what the command writes to the output channel, and counts it */
static long copy_output(int from)
{
	static char buf[65536];
	long total = 0;
	ssize_t got;

	while ((got = read(from, buf, sizeof(buf))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			fail("read the command's output");
		for (ssize_t done = 0, n; done < got; done += n) {
			n = write(output_fd, buf + done, got - done);
			if (n < 0)
				fail("output channel");
		}
		total += got;
	}
	tcdrain(output_fd);
	return total;
}

/*
 * The copy ends with the last process that has the pipe open, so a daemon
 * that the command leaves behind would hold it: kill what is left when the
 * command itself has ended.
 */
static int run_command(const char *command, long *bytes)
{
	int pipefd[2], status;
	pid_t pid;

	if (pipe(pipefd))
		fail("pipe");
	pid = fork();
	if (pid < 0)
		fail("fork");
	if (!pid) {
		int null = open("/dev/null", O_RDONLY);

		dup2(null, 0);
		dup2(pipefd[1], 1);
		dup2(pipefd[1], 2);
		close(null);
		close(pipefd[0]);
		close(pipefd[1]);
		/* A supervisor: adopts orphans, its end ends the whole command */
		prctl(PR_SET_CHILD_SUBREAPER, 1);
		status = run(command);
		fflush(NULL);
		kill(-1, SIGKILL);
		_exit(status);
	}
	close(pipefd[1]);
	*bytes = copy_output(pipefd[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void set_environment(void)
{
	setenv("PATH", "/bin:/sbin:/usr/bin:/usr/sbin", 1);
	setenv("HOME", "/tmp", 1);
	setenv("SWAPDEV", setting("guest_swap", ""), 1);
	setenv("DISK1", setting("guest_disk1", ""), 1);
	setenv("DISK2", setting("guest_disk2", ""), 1);
	setenv("DATADEV", setting("guest_data", ""), 1);
	chdir("/tmp");
}

static void install_busybox(void)
{
	if (run("/bin/busybox --install -s /bin"))
		fail("busybox --install");
}

static void read_command(char *buf, size_t size)
{
	int fd = open("/command", O_RDONLY | O_CLOEXEC);
	ssize_t got = fd < 0 ? -1 : read(fd, buf, size - 1);

	if (got < 0)
		fail("read /command");
	buf[got] = 0;
	close(fd);
}

/*
 * kmemleak reports an object only if two scans found it unreferenced. What was
 * allocated before the kernel started us is not the command's: UML's own start
 * leaves two reports.
 */
static void scan_for_leaks(void)
{
	static const char path[] = "/sys/kernel/debug/kmemleak";

	/* If it gave up by itself, writing to its file fails */
	if (access(path, W_OK) || !run("grep -qw kmemleak=off /proc/cmdline"))
		return;
	write_file(path, "scan");
	sleep(6);
	write_file(path, "scan");
	result("leaks", run("n=$(grep '^  comm' /sys/kernel/debug/kmemleak | grep -vc swapper/0);"
			    "[ $n = 0 ] || head -200 /sys/kernel/debug/kmemleak;"
			    "[ $n -lt 255 ] || n=255; exit $n"));
}

static void shell(void)
{
	puts("A shell in the guest. Leave it with exit.");
	fflush(stdout);
	/* The console itself cannot be a controlling terminal, what is behind it can */
	run("exec cttyhack sh -l");
	power_off();
}

int main(void)
{
	static char command[65536];
	long bytes = 0;
	int status;

	setvbuf(stderr, NULL, _IOLBF, 0);
	mount_all();
	install_busybox();
	/* kernel command line words with "=" that it does not know: our settings */
	set_environment();
	swap_on(setting("guest_swap", ""));
	if (!strcmp(setting("guest_zswap", "1"), "1"))
		write_file("/sys/module/zswap/parameters/enabled", "1");
	/* There is no such controller with cgroup_disable=memory */
	if (!run("grep -qw memory /sys/fs/cgroup/cgroup.controllers"))
		write_file("/sys/fs/cgroup/cgroup.subtree_control", "+memory");
	if (getenv("guest_shell"))
		shell();

	output_fd = open_channel(setting("guest_output", "/dev/ttyS1"));
	result_fd = open_channel(setting("guest_result", "/dev/ttyS2"));
	read_command(command, sizeof(command));
	result("ready", 1);
	status = run_command(command, &bytes);
	result("exit", status);
	result("bytes", bytes);
	sync();
	scan_for_leaks();
	result("taint", read_number("/proc/sys/kernel/tainted"));
	result("end", 1);
	tcdrain(result_fd);
	power_off();
}
