/* SPDX-License-Identifier: ISC */
/*
 * Tells the service manager how far we are, as sd_notify(3) describes, without
 * its library. Runs in hpd-parent; sends only, the socket is made at start.
 */
#include "notify.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../common/diag.h"

static int sock = -1;
static struct sockaddr_un to;
static socklen_t to_len;

int
notify_init(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t len;

	if (path == NULL || (path[0] != '/' && path[0] != '@'))
		return 0;
	len = strlen(path);
	if (len < 2 || len >= sizeof(to.sun_path))
		return 0;
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (sock == -1)
		return 0;
	to.sun_family = AF_UNIX;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@') /* abstract name */
		to.sun_path[0] = '\0';
	to_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	return 1;
}

void
notify_send(const char *state)
{
	if (sock == -1)
		return;
	if (sendto(sock, state, strlen(state), MSG_NOSIGNAL,
		(struct sockaddr *)&to, to_len) == -1)
		diag_warn("service manager");
}
