# hpd: build, tests, demo, install. GNU make. Everything lands in $(B).
#   make            programs in build/bin
#   make check      tests that need no root      make check-root  the others
#   sudo make test  installs packages, builds, runs both
#   sudo make demo  a private network with decoys to attack (TOUR=1: unattended)

B          ?= build
ifeq ($(strip $(B)),)
$(error B, the build folder, must not be empty)
endif
# One word, and no place that holds this tree: all of it is written below.
B_AT := $(or $(realpath $(B)),$(abspath $(B)))
ifneq ($(words $(B)),1)
$(error B=$(B): one word, please)
endif
ifneq ($(filter /,$(B_AT))$(filter $(B_AT)/%,$(CURDIR)/.),)
$(error B=$(B): this tree lies in it)
endif
ifeq ($(origin CC),default)
CC := gcc
endif
Q := $(if $(V),,@)
PKG_CONFIG ?= pkg-config
PREFIX     ?= /usr/local
SBINDIR    ?= $(PREFIX)/sbin
LIBEXECDIR ?= $(PREFIX)/libexec/hpd
DATADIR    ?= $(PREFIX)/share/hpd
MANDIR     ?= $(PREFIX)/share/man
SYSCONFDIR ?= /etc/hpd
JAILDIR    ?= /var/lib/hpd/jail

VERSION := 0.1
OS      := $(shell uname -s | tr A-Z a-z)
OTHER_OS := $(filter-out $(OS),linux openbsd)

WARN := -Wall -Wextra -Wformat=2 -Wshadow -Wstrict-prototypes \
	-Wmissing-prototypes -Wpointer-arith \
	-Wcast-qual -Wwrite-strings -Wundef -Wvla -Wimplicit-fallthrough -Werror
HARD := -O2 -g -fstack-protector-strong -fstack-clash-protection \
	-fcf-protection=full -fno-strict-aliasing \
	-fno-delete-null-pointer-checks -fPIE -U_FORTIFY_SOURCE \
	-D_FORTIFY_SOURCE=2 -ftrivial-auto-var-init=zero
LHARD := -pie -Wl,-z,relro,-z,now,-z,noexecstack,-z,separate-code,--as-needed
ifneq ($(SAN),)
HARD  := -O1 -g -fno-omit-frame-pointer -fsanitize=$(SAN) \
	-fno-sanitize-recover=all -DHPD_SANITIZED
LHARD := -fsanitize=$(SAN)
endif
ifeq ($(INJECT),1)
HARD  += -DHPD_TEST_INJECT
endif
CFLAGS   ?=
CPPFLAGS += -D_GNU_SOURCE -I. -DHPD_VERSION='"$(VERSION)"' \
	-DHPD_LIBEXECDIR='"$(LIBEXECDIR)"' -DHPD_SYSCONFDIR='"$(SYSCONFDIR)"' \
	-DHPD_JAILDIR='"$(JAILDIR)"'
COMPILE  = $(CC) -std=c17 $(WARN) $(HARD) $(CPPFLAGS) $(CFLAGS) -MMD -MP

# A folder's sources but other systems' files and the mains.
srcs = $(sort $(filter-out $(foreach o,$(OTHER_OS),%_$(o).c) %/main.c,\
	$(wildcard $(1)/*.c)))
objs = $(patsubst %.c,$(B)/%.o,$(call srcs,$(1)))

COMMON := $(call objs,common)
PARENT := $(call objs,hpd-parent)
CONF   := $(call objs,hpd-parent/conf)
NET    := $(call objs,hpd-net)
SVC    := $(call objs,hpd-svc)
LOG    := $(call objs,hpd-log)
VIEW   := $(call objs,hpd-log/hpview) $(B)/gen/page_html.o \
	$(B)/gen/page_css.o $(B)/gen/page_js.o
SHIP   := $(call objs,hpd-log/hpship)
AUDIT  := $(filter-out $(B)/policies/polc.o,$(call objs,policies)) \
	$(call objs,policies/attack)

POLICIES := $(sort $(wildcard policies/*.policy))
POLGEN   := $(patsubst policies/%.policy,$(B)/gen/policy_%.c,$(POLICIES))
# Their text, for hpd-conf: what an operator's policy is held against.
POLTEXT  := $(patsubst policies/%.policy,$(B)/gen/text_%.c,$(POLICIES))
POLOBJ   := $(POLGEN:.c=.o) $(POLTEXT:.c=.o)
# The language: parser, compiler, comparison. No daemon links it.
LANGOBJ  := $(filter $(B)/policies/policy_%,$(AUDIT)) $(B)/policies/bpf_sim.o

LIBS := $(B)/libcommon.a $(B)/libparent.a $(B)/libconf.a $(B)/libnet.a \
	$(B)/libsvc.a $(B)/liblog.a $(B)/libview.a $(B)/libship.a $(B)/libaudit.a $(B)/liblang.a $(B)/libpolicy.a
BIN  := $(addprefix $(B)/bin/,hpd-parent hpd-conf hpd-net hpd-svc hpd-init \
	hpd-log hpview hpship hpaudit hpd-attack)

EVENT_LIBS := -levent_core
DNET_LIBS  := -ldumbnet
PCAP_LIBS  := -lpcap
SEAL_LIBS  := -lsodium

EVDOC := $(B)/gen/hpd-events.schema.json $(B)/gen/hpd-events.7

all: $(BIN) $(EVDOC) $(B)/jail.stamp

$(B)/bin/hpd-parent: $(B)/hpd-parent/main.o $(B)/libparent.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpd-conf:   $(B)/hpd-parent/conf/main.o $(B)/libconf.a $(B)/liblang.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpd-net:    $(B)/hpd-net/main.o $(B)/libnet.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpd-svc:    $(B)/hpd-svc/main.o $(B)/libsvc.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpd-log:    $(B)/hpd-log/main.o $(B)/liblog.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpview:     $(B)/hpd-log/hpview/main.o $(B)/libview.a $(B)/liblog.a $(B)/libcommon.a
$(B)/bin/hpship:     $(B)/hpd-log/hpship/main.o $(B)/libship.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpaudit:    $(B)/policies/main.o $(B)/libaudit.a $(B)/libcommon.a $(B)/libpolicy.a
$(B)/bin/hpd-parent: LDLIBS = $(PCAP_LIBS) $(DNET_LIBS) $(SEAL_LIBS) -lcap-ng
$(B)/bin/hpd-conf:   LDLIBS = -lseccomp $(DNET_LIBS) $(PCAP_LIBS) -lcap-ng -lm
$(B)/bin/hpd-net:    LDLIBS = $(EVENT_LIBS) $(DNET_LIBS) $(PCAP_LIBS) -lcap-ng
$(B)/bin/hpd-svc:    LDLIBS = $(EVENT_LIBS) $(DNET_LIBS) -lcap-ng
$(B)/bin/hpd-log:    LDLIBS = $(EVENT_LIBS) $(DNET_LIBS) $(SEAL_LIBS) -lcap-ng
$(B)/bin/hpview:     LDLIBS = $(DNET_LIBS) $(SEAL_LIBS) -lmaxminddb -lqrencode -lpthread
$(B)/bin/hpship:     LDLIBS = $(EVENT_LIBS) $(DNET_LIBS) -lcap-ng
$(B)/bin/hpaudit:    LDLIBS = -lseccomp $(DNET_LIBS) -lcap-ng

$(addprefix $(B)/bin/,hpd-parent hpd-conf hpd-net hpd-svc hpd-log hpview hpship hpaudit):
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) $(LHARD) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# Exec'd inside the jail, first process of a shell session: static and tiny.
$(B)/bin/hpd-init: $(sort $(wildcard hpd-svc/init/*.c))
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) -std=c17 $(WARN) -O2 -static -D_GNU_SOURCE -I. -o $@ $^

# An intruder for hpaudit attack's own jail: static, needs nothing of it.
$(B)/bin/hpd-attack: $(B)/policies/attack/main.o $(call objs,policies/attack)
	@mkdir -p $(@D)
	@echo "  LD $@"
	$(Q)$(CC) -static -no-pie -o $@ $^

$(B)/libcommon.a: $(COMMON)
$(B)/libparent.a: $(PARENT)
$(B)/libconf.a:   $(CONF)
$(B)/libnet.a:    $(NET)
$(B)/libsvc.a:    $(SVC)
$(B)/liblog.a:    $(LOG)
$(B)/libview.a:   $(VIEW)
$(B)/libship.a:   $(SHIP)
$(B)/libaudit.a:  $(AUDIT)
$(B)/liblang.a:   $(LANGOBJ)
$(B)/libpolicy.a: $(POLOBJ)
$(LIBS):
	@rm -f $@
	@ar rcsD $@ $^

# Policies are compiled into the programs: the ceiling nobody can widen.
$(B)/polc: $(B)/policies/polc.o $(B)/liblang.a $(B)/libcommon.a
	$(Q)$(CC) $(LHARD) -o $@ $^ -lseccomp $(DNET_LIBS)
$(B)/gen/policy_%.c: policies/%.policy $(B)/polc
	@mkdir -p $(@D)
	$(Q)$(B)/polc $< > $@.tmp && mv $@.tmp $@
$(B)/gen/text_%.c: policies/%.policy $(B)/polc
	@mkdir -p $(@D)
	$(Q)$(B)/polc -t $< > $@.tmp && mv $@.tmp $@
$(B)/gen/%.o: $(B)/gen/%.c
	@echo "  CC $<"
	$(Q)$(COMPILE) -c -o $@ $<
# The report's page is compiled into hpview.
$(B)/gen/page_html.c: hpd-log/hpview/report.html
$(B)/gen/page_css.c: hpd-log/hpview/report.css
$(B)/gen/page_js.c: $(addprefix hpd-log/hpview/report_,base.js table.js charts.js talk.js main.js)
$(B)/gen/page_html.c $(B)/gen/page_css.c $(B)/gen/page_js.c:
	@mkdir -p $(@D)
	$(Q)n=$(basename $(@F)); { echo '#include "hpd-log/hpview/report.h"'; \
	    echo "const unsigned char $$n[] = {"; \
	    cat $^ | od -An -v -tu1 | sed 's/[0-9][0-9]*/&,/g'; \
	    echo "}; const size_t $${n}_len = sizeof($$n);"; } > $@.tmp && mv $@.tmp $@
.PRECIOUS: $(B)/gen/policy_%.c $(B)/gen/text_%.c

# What the log's lines look like, from the table of events: for machines and
# for people.
$(B)/evdoc: $(call objs,hpd-log/evdoc) $(B)/hpd-log/evdoc/main.o $(filter $(B)/hpd-log/json%.o $(B)/hpd-log/log_time.o,$(LOG)) $(B)/libcommon.a
	$(Q)$(CC) $(LHARD) -o $@ $^ $(DNET_LIBS)
$(B)/gen/hpd-events.schema.json: $(B)/evdoc
	@mkdir -p $(@D)
	$(Q)$(B)/evdoc -s > $@.tmp && mv $@.tmp $@
$(B)/gen/hpd-events.7: $(B)/evdoc
	@mkdir -p $(@D)
	$(Q)$(B)/evdoc -m > $@.tmp && mv $@.tmp $@

# The places of an installation are compiled in: other ones, another flags.o.
$(B)/places: FORCE
	@mkdir -p $(@D)
	@echo '$(LIBEXECDIR) $(SYSCONFDIR) $(JAILDIR)' | cmp -s - $@ || \
	    echo '$(LIBEXECDIR) $(SYSCONFDIR) $(JAILDIR)' > $@
$(B)/hpd-parent/flags.o: $(B)/places
FORCE:

$(B)/%.o: %.c
	@mkdir -p $(@D)
	@echo "  CC $<"
	$(Q)$(COMPILE) -c -o $@ $<

# The jail of the build tree: what scripts see as their whole world.
JAIL_SRC := $(shell find scripts -type f 2>/dev/null | sort)
$(B)/jail.stamp: $(B)/bin/hpaudit $(B)/bin/hpd-init scripts/jail.manifest $(JAIL_SRC)
	$(B)/bin/hpaudit mkjail -m scripts/jail.manifest -s scripts -i $(B)/bin/hpd-init $(B)/jail
	@touch $@

include tests/tests.mk

# setup prints what it installs; nothing else in this file touches the system.
PACKAGES := gcc make pkg-config libpcap-dev libdumbnet-dev libevent-dev \
	libseccomp-dev libcap-ng-dev libsodium-dev libmaxminddb-dev \
	libqrencode-dev libjs-chart.js chromium libcmocka-dev busybox-static perl clang \
	libclang-rt-14-dev nmap hping3 curl netcat-openbsd traceroute arping \
	iproute2 iputils-ping procps e2fsprogs bsdextrautils \
	openssh-client systemd tcpdump ethtool jq mandoc strace python3-scapy python3-jsonschema p0f
setup:
	@missing=; for p in $(PACKAGES); do \
	    dpkg-query -W -f='$${Status}' $$p 2>/dev/null | grep -q 'ok installed' || \
	    missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then echo "installing:$$missing"; apt-get update -qq && \
	    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
	    --no-install-recommends $$missing >/dev/null; fi

# As many compilers as processors; tests run one after the other all the same.
JOBS ?= $(shell nproc 2>/dev/null || echo 1)
test: setup
	+$(MAKE) -j$(JOBS) all
	+$(MAKE) -j$(JOBS) check
	+$(MAKE) -j$(JOBS) check-root

demo: setup
	+$(MAKE) -j$(JOBS) all
	TOUR=$(TOUR) B=$(B) sh tests/lib/demo.sh

# DESTDIR and the usual variables are honoured. Creates no users: the sysusers
# file does (without it the suite uses fixed numeric ids).
INSTALL   ?= install
UNITDIR   ?= $(PREFIX)/lib/systemd/system
SYSUSERS  ?= $(PREFIX)/lib/sysusers.d
TMPFILES  ?= $(PREFIX)/lib/tmpfiles.d
LIBEXEC_PROGS := hpd-conf hpd-net hpd-svc hpd-init hpd-log hpship hpd-attack
MANUALS   := $(wildcard hpd-*/*.[1-8] hpd-*/*/*.[1-8] policies/*.[1-8]) \
	$(B)/gen/hpd-events.7
D         := $(DESTDIR)
install: all
	$(INSTALL) -d $(D)$(SBINDIR) $(D)$(LIBEXECDIR) $(D)$(DATADIR) \
	    $(D)$(SYSCONFDIR) $(D)$(UNITDIR) $(D)$(SYSUSERS) $(D)$(TMPFILES)
	$(INSTALL) -d -m 0755 $(D)$(JAILDIR)
	$(INSTALL) -m 0755 $(addprefix $(B)/bin/,hpd-parent hpaudit hpview) $(D)$(SBINDIR)
	$(INSTALL) -m 0755 $(addprefix $(B)/bin/,$(LIBEXEC_PROGS)) $(D)$(LIBEXECDIR)
	$(B)/bin/hpaudit mkjail -m scripts/jail.manifest -s scripts \
	    -i $(B)/bin/hpd-init $(D)$(JAILDIR)
	for m in $(MANUALS); do d=$(D)$(MANDIR)/man$${m##*.}; \
	    $(INSTALL) -d $$d && $(INSTALL) -m 0644 $$m $$d || exit 1; done
	$(INSTALL) -m 0644 scripts/hpd.conf.example \
	    $(B)/gen/hpd-events.schema.json $(D)$(DATADIR)
	$(INSTALL) -d $(D)$(DATADIR)/policies
	$(INSTALL) -m 0644 $(POLICIES) $(D)$(DATADIR)/policies
	test -e $(D)$(SYSCONFDIR)/hpd.conf || \
	    $(INSTALL) -m 0644 scripts/hpd.conf.example $(D)$(SYSCONFDIR)/hpd.conf
	test -e $(D)$(SYSCONFDIR)/args || \
	    echo 'HPD_ARGS="-i eth0 192.0.2.0/24"' > $(D)$(SYSCONFDIR)/args
	sed 's,@SBINDIR@,$(SBINDIR),; s,@SYSCONFDIR@,$(SYSCONFDIR),' \
	    hpd-parent/hpd.service > $(D)$(UNITDIR)/hpd.service
	$(INSTALL) -m 0644 hpd-parent/hpd.sysusers $(D)$(SYSUSERS)/hpd.conf
	$(INSTALL) -m 0644 hpd-parent/hpd.tmpfiles $(D)$(TMPFILES)/hpd.conf

# Leaves the configuration, the key and the logs.
uninstall:
	@case "$(JAILDIR)" in /*/*/*) ;; *) echo "JAILDIR=$(JAILDIR): not removed, nothing done"; exit 1 ;; esac
	cd $(D)$(SBINDIR) && rm -f hpd-parent hpaudit hpview
	cd $(D)$(LIBEXECDIR) && rm -f $(LIBEXEC_PROGS)
	rm -f $(D)$(UNITDIR)/hpd.service $(D)$(SYSUSERS)/hpd.conf \
	    $(D)$(TMPFILES)/hpd.conf $(D)$(DATADIR)/hpd.conf.example \
	    $(D)$(DATADIR)/hpd-events.schema.json
	for m in $(notdir $(MANUALS)); do \
	    rm -f $(D)$(MANDIR)/man$${m##*.}/$$m; done
	rm -f $(addprefix $(D)$(DATADIR)/,$(POLICIES))
	rm -rf $(D)$(JAILDIR)
	rmdir $(D)$(LIBEXECDIR) $(D)$(DATADIR)/policies $(D)$(DATADIR) 2>/dev/null || :

clean:
	@test ! -e $(B) || test -d $(B)/common || test -d $(B)/policies || \
	    { echo "B=$(B): not made by this Makefile, not removed"; exit 1; }
	rm -rf $(B)

.PHONY: FORCE all setup test demo check check-root check-san fuzz-smoke bench lint install uninstall clean
-include $(shell find $(B) -name '*.d' 2>/dev/null)
.SECONDARY:
