/* Mounts debugfs on the folder it is told, with the calls of newer mount(8). */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_move_mount
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fsconfig 431
#define SYS_fsmount 432
#endif

#define FSCONFIG_CMD_CREATE 6
#define MOVE_MOUNT_F_EMPTY_PATH 4
#define AT_FDCWD -100

int main(int argc, char **argv)
{
	int context = syscall(SYS_fsopen, "debugfs", 0);
	int mount;

	if (argc < 2 || context < 0)
		return 1;
	syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	mount = syscall(SYS_fsmount, context, 0, 0);
	if (syscall(SYS_move_mount, mount, "", AT_FDCWD, argv[1], MOVE_MOUNT_F_EMPTY_PATH) < 0)
		printf("%s\n", strerror(errno));
	return 0;
}
