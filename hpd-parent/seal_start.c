/* SPDX-License-Identifier: ISC */
/*
 * The seal at the start of the suite, in hpd-parent as root, before a child
 * exists. The order is what counts: the next start's key is durable before
 * this start goes on, so that a power failure can cost a number and never
 * brings a key back. It must never begin a new key where traces of an old one
 * are: that is what somebody who altered the log would like it to do.
 */
#include "seal_start.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "key.h"

#define CARRY	    "carry"
#define CARRY_NEW   "carry.new"
#define STATE	    "state"
#define ROOT	    "root"
#define ROOT_NEW    "root.new"
#define ORDINAL_MAX (UINT32_MAX - 1)
#define AHEAD_MAX   100000u	/* starts, and records, that a state may be */
#define INDEX_MAX   (1ULL << 30) /* ahead of carry and be believed */
#define MOVE_AWAY                                                            \
	"; move the directory away to begin a new key on purpose (what was " \
	"sealed with the old one stays verifiable with the old one)"

struct task { /* what the steps share */
	struct seal_start *s;
	const char *path; /* of the directory, for messages */
	char *err;
	size_t errlen;
};

static int
failed(const struct task *t, const char *file)
{
	snprintf(t->err, t->errlen, "%s/%s: %s", t->path, file,
	    strerror(errno));
	return -1;
}

static int
refused(const struct task *t, const char *file, const char *why)
{
	snprintf(t->err, t->errlen, "%s/%s %s%s", t->path, file, why,
	    MOVE_AWAY);
	return -1;
}

/* Make the entry of path in the directory above it durable. */
static int
sync_above(const char *path)
{
	char dir[PATH_MAX];
	const char *slash = strrchr(path, '/');
	size_t len = slash == NULL ? 0 : (size_t)(slash - path);
	int fd, r;

	if (len >= sizeof(dir))
		return -1;
	memcpy(dir, path, len);
	dir[len] = '\0';
	if (slash == NULL)
		memcpy(dir, ".", 2);
	else if (len == 0)
		memcpy(dir, "/", 2);
	fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return -1;
	r = fsync(fd);
	close(fd);
	return r;
}

static int
open_dir(struct task *t)
{
	struct stat st;
	int made;

	key_make_dir(t->path);
	made = mkdir(t->path, 0700) == 0;
	if (!made && errno != EEXIST)
		return failed(t, "");
	t->s->dir = open(t->path,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (t->s->dir == -1 || fstat(t->s->dir, &st) == -1 ||
	    (made && sync_above(t->path) == -1))
		return failed(t, "");
	if (st.st_uid != geteuid() || (st.st_mode & 077)) {
		snprintf(t->err, t->errlen, "%s: must belong to root and be "
		    "open to nobody else (chmod 0700)", t->path);
		return -1;
	}
	/* Two starts at once would seal with the same keys. */
	if (flock(t->s->dir, LOCK_EX | LOCK_NB) == -1) {
		if (errno != EWOULDBLOCK)
			return failed(t, "");
		snprintf(t->err, t->errlen, "%s: another hpd-parent seals "
		    "with it; each needs a directory of its own (-S)", t->path);
		return -1;
	}
	return 0;
}

static int
there(const struct task *t, const char *name)
{
	struct stat st;

	return fstatat(t->s->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* A file that nobody else could have made or can read. */
static int
open_own(const struct task *t, const char *name, int flags)
{
	struct stat st;
	int fd = openat(t->s->dir, name,
	    flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_uid == geteuid() && (st.st_mode & 077) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

/* Write a file that is not there, durable. */
static int
put(const struct task *t, const char *name, const void *data, size_t len)
{
	int fd, ok, saved;

	(void)unlinkat(t->s->dir, name, 0); /* left by a power failure */
	fd = open_own(t, name, O_WRONLY | O_CREAT | O_EXCL);
	if (fd == -1)
		return -1;
	errno = EIO;
	ok = write(fd, data, len) == (ssize_t)len && fsync(fd) == 0;
	saved = errno;
	close(fd);
	errno = saved;
	return ok ? 0 : -1;
}

/* The next start's key in carry's place. What the old file held is overwritten,
 * for what that is worth on the disk at hand. */
static int
carry_put(const struct task *t, uint64_t ordinal,
    const uint8_t key[SEAL_KEY_LEN])
{
	static const uint8_t zero[SEAL_CARRY_SIZE];
	uint8_t file[SEAL_CARRY_SIZE];
	int old, r;

	seal_carry_pack(file, ordinal, key);
	old = open_own(t, CARRY, O_WRONLY);
	r = put(t, CARRY_NEW, file, sizeof(file));
	explicit_bzero(file, sizeof(file));
	if (r == 0)
		r = renameat(t->s->dir, CARRY_NEW, t->s->dir, CARRY);
	if (r == 0)
		r = fsync(t->s->dir);
	if (r == -1)
		(void)failed(t, CARRY);
	if (old != -1) {
		if (r == 0 && pwrite(old, zero, sizeof(zero), 0) > 0)
			(void)fdatasync(old);
		close(old);
	}
	return r;
}

static int
carry_get(const struct task *t, uint64_t *ordinal, uint8_t key[SEAL_KEY_LEN])
{
	uint8_t file[SEAL_CARRY_SIZE + 1]; /* one more: is it longer? */
	ssize_t n;
	int r, fd = open_own(t, CARRY, O_RDONLY);

	if (fd == -1)
		return failed(t, CARRY);
	n = read(fd, file, sizeof(file));
	close(fd);
	r = n == SEAL_CARRY_SIZE ? seal_carry_unpack(file, ordinal, key) : -1;
	explicit_bzero(file, sizeof(file));
	if (r == -1)
		return refused(t, CARRY, "is damaged, or was tampered with");
	if (*ordinal >= ORDINAL_MAX)
		return refused(t, CARRY, "counts more starts than there can be");
	return 0;
}

/*
 * The very first start: a key of our own. root.new, state, carry, then root:
 * the presence of carry says that the key is whole, and a power failure
 * before that leaves nothing but what is overwritten here.
 */
static int
first(const struct task *t)
{
	uint8_t key[SEAL_KEY_LEN];
	static const uint8_t slots[2 * SEAL_STATE_SIZE];
	int r;

	if (there(t, ROOT) || (there(t, STATE) && !there(t, ROOT_NEW)))
		return refused(t, CARRY, "is missing and the directory is not "
		    "new: somebody removed it");
	key_random(key, sizeof(key));
	r = put(t, ROOT_NEW, key, sizeof(key));
	if (r == 0)
		r = put(t, STATE, slots, sizeof(slots)); /* room for good:
					it is written when the disk is full */
	if (r == 0)
		r = fsync(t->s->dir);
	if (r == -1)
		(void)failed(t, ROOT_NEW);
	else
		r = carry_put(t, 0, key);
	explicit_bzero(key, sizeof(key));
	return r;
}

/* The key's file gets its name when carry is there. */
static int
show_root(const struct task *t)
{
	if (there(t, ROOT_NEW) &&
	    (renameat(t->s->dir, ROOT_NEW, t->s->dir, ROOT) == -1 ||
		fsync(t->s->dir) == -1))
		return failed(t, ROOT_NEW);
	t->s->unclaimed = (uint8_t)there(t, ROOT);
	return 0;
}

/* Does the state, of a start that carry has not come to, have its proof? Only
 * who had that start's keys could make it. hpd-log writes that file: without
 * the proof one in wrong hands could keep the suite from ever starting. */
static int
proven(const struct seal_state *old, const uint8_t carry[SEAL_KEY_LEN],
    uint64_t ordinal)
{
	struct seal_chain c;
	int r;

	if (old->ordinal - ordinal > AHEAD_MAX ||
	    old->chain[SEAL_EVENTS].index > INDEX_MAX)
		return 0;
	seal_derive(&c, carry, old->ordinal - ordinal, old->boot, SEAL_EVENTS);
	seal_skip(&c, old->chain[SEAL_EVENTS].index);
	r = seal_proof(old, SEAL_EVENTS, &c);
	explicit_bzero(&c, sizeof(c));
	return r;
}

/* What the last start left in state, for this one to follow. One that can't be
 * read is no reason to stop: this start's first records say that they know of
 * none before, and a verifier asks why. */
static int
previous(const struct task *t, uint64_t ordinal,
    const uint8_t carry[SEAL_KEY_LEN], struct seal_state *old)
{
	static uint8_t slots[2 * SEAL_STATE_SIZE];
	struct seal_start *s = t->s;
	size_t len = 0;
	ssize_t n;
	int fd = open_own(t, STATE, O_RDONLY | O_CREAT);

	if (fd == -1)
		return failed(t, STATE);
	while (len < sizeof(slots) &&
	    (n = read(fd, slots + len, sizeof(slots) - len)) > 0)
		len += (size_t)n;
	close(fd);
	s->known = seal_unpack(old, slots, len) == 0;
	if (s->known && old->ordinal >= ordinal) {
		if (proven(old, carry, ordinal))
			return refused(t, CARRY, "is older than state: it was "
			    "put back from a copy");
		s->known = 0;
	}
	s->damaged = !s->known && ordinal > 0;
	return 0;
}

static int
begin(const struct task *t, uint64_t boot)
{
	static struct seal_state old;
	struct seal_start *s = t->s;
	uint8_t key[SEAL_KEY_LEN], next[SEAL_KEY_LEN];
	void *at;
	int r = -1;

	if (carry_get(t, &s->ordinal, key) == -1)
		return -1;
	if (previous(t, s->ordinal, key, &old) == 0) {
		s->page = seal_page(&at, SEAL_STATE_SIZE);
		r = s->page == -1 ? failed(t, "(page)") : 0;
	}
	if (r == 0) {
		s->state = at;
		seal_begin(s->state, key, s->ordinal, boot, next);
		seal_follow(s->state, s->known ? &old : NULL);
		r = carry_put(t, s->ordinal + 1, next);
	}
	explicit_bzero(key, sizeof(key));
	explicit_bzero(next, sizeof(next));
	if (r == -1 || show_root(t) == -1)
		return -1;
	s->file = open_own(t, STATE, O_WRONLY);
	return s->file == -1 ? failed(t, STATE) : 0;
}

int
seal_start(struct seal_start *s, const char *dir, uint64_t boot, char *err,
    size_t errlen)
{
	struct task t = {s, dir, err, errlen};

	memset(s, 0, sizeof(*s));
	s->dir = s->page = s->file = -1;
	if (seal_init() == -1) {
		snprintf(err, errlen, "libsodium does not start");
		return -1;
	}
	if (open_dir(&t) == -1)
		return -1;
	if (!there(&t, CARRY) && first(&t) == -1)
		return -1;
	return begin(&t, boot);
}
