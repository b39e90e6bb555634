/* SPDX-License-Identifier: ISC */
/*
 * The sensor's key file. Runs in hpd-parent as root, before the children
 * exist; the key reaches them in START and never a log.
 */
#include "key.h"

#include <sys/random.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"

#define KEY_LEN 16

void
key_random(void *to, size_t len)
{
	if (getentropy(to, len) == -1)
		fatal("random bytes");
}

void
key_make_dir(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);

	if (len == 0 || len >= sizeof(dir))
		return;
	memcpy(dir, path, len);
	dir[len] = '\0';
	(void)mkdir(dir, 0755);
}

static int
make(const char *path, uint8_t key[KEY_LEN])
{
	int fd, saved;

	key_make_dir(path);
	fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
	    0600);
	if (fd == -1)
		return -1;
	key_random(key, KEY_LEN);
	if (write(fd, key, KEY_LEN) != KEY_LEN || fsync(fd) == -1) {
		saved = errno;
		close(fd);
		(void)unlink(path);
		errno = saved;
		return -1;
	}
	return close(fd);
}

int
key_load(const char *path, uint8_t key[KEY_LEN], char *err, size_t errlen)
{
	struct stat st;
	int fd, ok;

	fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd == -1) {
		if (errno == ENOENT && make(path, key) == 0)
			return 0;
		snprintf(err, errlen, "%s: %s", path, strerror(errno));
		return -1;
	}
	ok = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 077) == 0 &&
	    st.st_size == KEY_LEN && read(fd, key, KEY_LEN) == KEY_LEN;
	close(fd);
	if (!ok) {
		snprintf(err, errlen, "%s: wants to be %d bytes, owned by "
		    "root, mode 0600", path, KEY_LEN);
		return -1;
	}
	return 0;
}
