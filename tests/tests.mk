# Tests. A unit test tests/unit/t_PART_X.c links the library of PART (net, svc,
# log, view, ship, parent, conf, audit; habit: conf and net) and the common ones; any other
# t_X.c the common ones.
# Fuzz targets likewise: tests/fuzz/fuzz_PART_X.c, corpus in tests/fuzz/corpus/PART_X.

part_of  = $(word 2,$(subst _, ,$(notdir $(1))))
part_lib = $(if $(filter net svc log view ship parent conf audit,$(call part_of,$(1))),$(B)/lib$(call part_of,$(1)).a) \
	$(if $(filter conf,$(call part_of,$(1))),$(B)/liblang.a) \
	$(if $(filter view,$(call part_of,$(1))),$(B)/liblog.a) \
	$(if $(filter habit,$(call part_of,$(1))),$(B)/libconf.a $(B)/libnet.a)
TESTLIBS = -lcmocka $(EVENT_LIBS) $(DNET_LIBS) $(PCAP_LIBS) -lseccomp -lcap-ng -lm \
	$(SEAL_LIBS) -lmaxminddb -lqrencode -lpthread

UNIT_SRC := $(sort $(wildcard tests/unit/t_*.c))
UNIT     := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(UNIT_SRC))
FUZZ_SRC := $(sort $(wildcard tests/fuzz/fuzz_*.c))
FUZZ     := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(FUZZ_SRC))
BENCH_SRCS := $(sort $(wildcard tests/bench/*.c))
BENCH_BIN := $(patsubst tests/bench/%.c,$(B)/bench/%,$(BENCH_SRCS))

define unit_rule
$(1): $(B)/$(2:.c=.o) $(call part_lib,$(2)) $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(LHARD) -o $$@ $(B)/$(2:.c=.o) -Wl,--start-group $(call part_lib,$(2)) $(B)/libcommon.a $(B)/libpolicy.a -Wl,--end-group $$(TESTLIBS)
endef
define fuzz_rule
$(1): $(B)/$(2:.c=.o) $(B)/tests/fuzz/main.o $(call part_lib,$(2)) $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $$(@D)
	$$(Q)$$(CC) $$(LHARD) -o $$@ $(B)/$(2:.c=.o) $(B)/tests/fuzz/main.o -Wl,--start-group $(call part_lib,$(2)) $(B)/libcommon.a $(B)/libpolicy.a -Wl,--end-group $$(TESTLIBS)
endef
$(foreach s,$(UNIT_SRC),$(eval $(call unit_rule,$(patsubst tests/unit/%.c,$(B)/tests/unit/%,$(s)),$(s))))
$(foreach s,$(FUZZ_SRC),$(eval $(call fuzz_rule,$(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,$(s)),$(s))))
$(B)/bench/%: $(B)/tests/bench/%.o $(B)/libparent.a $(B)/libnet.a $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $< -Wl,--start-group $(B)/libparent.a $(B)/libnet.a $(B)/libcommon.a $(B)/libpolicy.a -Wl,--end-group $(EVENT_LIBS) $(DNET_LIBS) $(PCAP_LIBS) -lcap-ng

# Drivers: programs that play a part of the suite for a script of their folder.
DRIVERS := $(patsubst %.c,$(B)/%,$(wildcard tests/integ/*.c))
$(B)/tests/integ/%: $(B)/tests/integ/%.o $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $^ $(EVENT_LIBS) $(DNET_LIBS) $(SEAL_LIBS) -lcap-ng

# Sends malformed frames.
$(B)/tests/lib/blast: $(B)/tests/lib/blast.o $(B)/tests/lib/badframe.o $(B)/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $^ $(DNET_LIBS)
DRIVERS += $(B)/tests/lib/blast

# Writes big logs for what reads them.
$(B)/tests/lib/genlog: $(B)/tests/lib/genlog.o $(B)/liblog.a $(B)/libcommon.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $^ $(DNET_LIBS) $(SEAL_LIBS)
DRIVERS += $(B)/tests/lib/genlog

# Drivers that play hpd-parent and hpd-net to a real hpd-svc.
SVC_DRIVERS := $(addprefix $(B)/tests/jail/,svc_driver svc_shell_driver svc_cost)
$(SVC_DRIVERS): %: %.o $(addprefix $(B)/tests/jail/,svc_harness.o svc_procs.o svc_image.o) $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $^ $(EVENT_LIBS) $(DNET_LIBS) -lcap-ng
DRIVERS += $(SVC_DRIVERS)

# nmap -O without nmap and network: hpd-conf's and hpd-net's code in one program.
OFFLINE := $(B)/tests/os/offline
$(OFFLINE): $(patsubst %.c,$(B)/%.o,$(wildcard tests/os/*.c)) $(B)/libconf.a $(B)/libnet.a $(B)/libcommon.a $(B)/libpolicy.a
	@mkdir -p $(@D)
	$(Q)$(CC) $(LHARD) -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(TESTLIBS)

unit: $(UNIT)
fuzz: $(FUZZ)
SANB := $(B)/san

# Everything without root: units plain and under ASan+UBSan, fuzz corpora
# replayed, configuration pairs, lints.
check: all $(UNIT) $(OFFLINE)
	+$(MAKE) B=$(SANB) SAN=address,undefined unit fuzz $(SANB)/bin/hpd-conf $(SANB)/tests/os/offline
	B=$(B) SANB=$(SANB) prove --failures -e '' $(UNIT) $(UNIT:$(B)/%=$(SANB)/%)
	B=$(B) SANB=$(SANB) prove --failures tests/fuzz tests/conf tests/os tests/lint tests/scripts

# Needs root: real tools against the running suite in namespaces made here. They
# talk to it in real time, and a shared machine may stand still for seconds:
# scripts that failed have one more try, said loudly; what fails twice fails.
# WAITING: what sleeps more than it works, two at a time.
WAITING = $(patsubst %,tests/integ/%.t,arp frag icmp ip-persona scan-types tcp-timers)
ROOT_PROVE = B=$(B) INJECTB=$(B)/inject prove --failures --timer --statefile=$(B)/root.state
check-root: all $(DRIVERS) $(BENCH_BIN)
	+$(MAKE) B=$(B)/inject INJECT=1 all
	@rm -rf $(B)/root.state $(B)/events-seen
	@r=0; $(ROOT_PROVE) -j2 --state=save $(WAITING) || r=1; \
	$(ROOT_PROVE) --state=save $(filter-out $(WAITING),$(sort $(wildcard tests/integ/*.t))) tests/jail || r=1; \
	[ $$r = 0 ] || { echo "== FAILED ABOVE, once more:"; $(ROOT_PROVE) --state=failed,save; }

bench: all $(BENCH_BIN) $(SVC_DRIVERS)
	B=$(B) sh tests/bench/bench.sh

# The whole of nmap-os-db on decoys of their own, asked by nmap -O: about ten
# minutes. STRICT=1: nmap has one try; N=200 SEED=x: a sample (tests/os/score.sh
# names the others). check-root asks 60 of them.
os-score: all
	B=$(B) sh tests/os/score.sh
.PHONY: os-score

# The corpora of fuzz_proto, fuzz_image and fuzz_event are made from the unit
# tests' vectors; run this after changing those.
$(B)/tests/fuzz/gen_common: $(B)/tests/fuzz/gen_common.o $(B)/libcommon.a
	$(CC) $(LHARD) -o $@ $^ $(DNET_LIBS)
fuzz-corpus: $(B)/tests/fuzz/gen_common
	cd tests/fuzz/corpus && rm -rf proto image event
	$(B)/tests/fuzz/gen_common tests/fuzz/corpus
.PHONY: fuzz-corpus
