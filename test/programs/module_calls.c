/* init_module(2), finit_module(2), delete_module(2) and syslog(2) by their numbers, with all that can be
   wrong about them. "module_calls GOOD.ko NAME", or "module_calls --compressed FILE…". */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/klog.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define MODULE_INIT_COMPRESSED_FILE 4

static char *image;
static long size;

static void say(const char *what, long ret) {
  if (ret < 0) printf("%s: %s\n", what, strerror(errno));
  else printf("%s: %ld\n", what, ret);
}

static long init(const void *from, unsigned long length, const char *args) {
  return syscall(SYS_init_module, from, length, args);
}

static long finit(int fd, const char *args, int flags) {
  return syscall(SYS_finit_module, fd, args, flags);
}

static long delete(const char *name, int flags) {
  return syscall(SYS_delete_module, name, flags);
}

static void load(const char *path) {
  int fd = open(path, O_RDONLY);
  struct stat st;
  fstat(fd, &st);
  size = st.st_size;
  image = malloc(size);
  if (read(fd, image, size) != size) exit(1);
  close(fd);
}

static void by_file(const char *path, const char *name) {
  int fd = open(path, O_RDONLY);
  say("finit_module", finit(fd, "", 0));
  say("again", finit(fd, "", 0));
  say("delete_module", delete(name, O_NONBLOCK));
  say("bad flags", finit(fd, "", 8));
  say("bad parameters", finit(fd, (char *)8, 0));
  say("position", lseek(fd, 0, SEEK_CUR));
  say("no descriptor", finit(-1, "", 0));
  say("a directory", finit(open("/", O_RDONLY), "", 0));
  say("a device", finit(open("/dev/null", O_RDONLY), "", 0));
  say("write-only", finit(open(path, O_WRONLY), "", 0));
  say("O_PATH", finit(open(path, O_PATH), "", 0));
}

static void by_image(const char *name) {
  say("init_module", init(image, size, ""));
  say("not empty", delete("", O_NONBLOCK));
  say("unknown", delete("nosuch", O_NONBLOCK));
  say("bad name", delete((char *)8, O_NONBLOCK));
  say("delete_module", delete(name, O_NONBLOCK));
  say("nothing", init(image, 0, ""));
  say("10 bytes", init(image, 10, ""));
  say("100 bytes", init(image, 100, ""));
  say("bad image", init((char *)8, 4096, ""));
}

static void log_calls(void) {
  char text[64];
  say("klogctl clear", klogctl(5, NULL, 0));
  say("klogctl read all", klogctl(3, text, sizeof(text)));
  say("klogctl NULL", klogctl(3, NULL, sizeof(text)));
  say("klogctl length", klogctl(3, text, -1));
  say("klogctl level", klogctl(8, NULL, 9));
  say("klogctl unknown", klogctl(11, NULL, 0));
}

static void compressed(const char *path) {
  int fd = open(path, O_RDONLY);
  printf("%s: ", path);
  say("as it is", finit(fd, "", 0));
  printf("%s: ", path);
  say("compressed", finit(fd, "", MODULE_INIT_COMPRESSED_FILE));
  close(fd);
}

int main(int argc, char **argv) {
  if (argc < 3) return 1;
  if (!strcmp(argv[1], "--compressed")) {
    for (int i = 2; i < argc; i++) compressed(argv[i]);
    return 0;
  }
  load(argv[1]);
  by_file(argv[1], argv[2]);
  by_image(argv[2]);
  log_calls();
  return 0;
}
