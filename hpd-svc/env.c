/* SPDX-License-Identifier: ISC */
/*
 * Builds the environment of a script in hpd-svc. Values come from the image
 * and from numbers; none is a text of the peer's. Must never pass on a variable of the
 * host's.
 */
#include "hpd-svc/env.h"

#include <stdio.h>
#include <string.h>

#include "common/addr.h"
#include "common/siphash.h"

static void
env_add(struct env *e, const char *name, const char *value)
{
	size_t room = sizeof(e->text) - e->used;
	int n;

	if (e->over || e->n == ENV_VARS_MAX) {
		e->over = 1;
		return;
	}
	n = snprintf(e->text + e->used, room, "%s=%s", name, value);
	if (n < 0 || (size_t)n >= room) {
		e->over = 1;
		return;
	}
	e->vec[e->n++] = e->text + e->used;
	e->vec[e->n] = NULL;
	e->used += (size_t)n + 1;
}

static void
env_add_u64(struct env *e, const char *name, uint64_t v)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "%llu", (unsigned long long)v);
	env_add(e, name, buf);
}

uint64_t
env_seed(const uint8_t key[16], uint8_t ver, const uint8_t dst[16])
{
	uint8_t buf[8 + 1 + 16] = { 'h', 'p', 'd', '-', 's', 'e', 'e', 'd' };

	buf[8] = ver;
	memcpy(buf + 9, dst, 16);
	return siphash24(key, buf, sizeof(buf));
}

/* A template's name is good as a host's when it could be one; the stock name
 * "default" would tell that many decoys share it. */
static int
env_is_host(const char *s)
{
	size_t n = strlen(s);

	return n > 0 && n <= 63 && s[0] != '-' && s[n - 1] != '-' &&
	    strcmp(s, "default") != 0 &&
	    strspn(s, "abcdefghijklmnopqrstuvwxyz"
		      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == n;
}

int
env_build(struct env *e, const struct image *img,
    const struct msg_svc_open *open, uint64_t id, const uint8_t key[16])
{
	const struct img_template *t = &img->templates[open->tmpl];
	const char *name = image_str(img, t->name);
	uint64_t seed = env_seed(key, open->ver, open->dst);
	char buf[ADDR_STRLEN], os[SRCOS_NAME_BUF];

	e->n = 0;
	e->used = 0;
	e->over = 0;
	env_add(e, "HONEYD_IP_SRC", addr_text(open->ver, open->src, buf));
	env_add(e, "HONEYD_IP_DST", addr_text(open->ver, open->dst, buf));
	env_add_u64(e, "HONEYD_SRC_PORT", open->sport);
	env_add_u64(e, "HONEYD_DST_PORT", open->dport);
	env_add(e, "HONEYD_PERSONALITY",
	    image_str(img, img->personas[open->persona].name));
	srcos_name(img, open->srcos, os);
	if (os[0] != '\0')
		env_add(e, "HONEYD_REMOTE_OS", os);
	env_add(e, "HONEYD_TEMPLATE_NAME", name);
	env_add_u64(e, "HPD_SESSION", id);
	snprintf(buf, sizeof(buf), "%016llx", (unsigned long long)seed);
	env_add(e, "HPD_SEED", buf);
	if (t->banner != 0)
		env_add(e, "HPD_BANNER", image_str(img, t->banner));
	if (env_is_host(name)) {
		env_add(e, "HPD_HOSTNAME", name);
	} else {
		snprintf(buf, sizeof(buf), "host-%06llx",
		    (unsigned long long)(seed & 0xffffff));
		env_add(e, "HPD_HOSTNAME", buf);
	}
	env_add(e, "PATH", "/bin:/usr/bin");
	env_add(e, "LC_ALL", "C");
	env_add(e, "HOME", "/");
	return e->over ? -1 : 0;
}
