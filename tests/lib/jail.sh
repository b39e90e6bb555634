# SPDX-License-Identifier: ISC
# The scenarios' own services (tests/data/scripts) in a jail of their own:
# after netns_up, test_jail makes $W/jail for hpd_start -j "$W/jail".
test_jail() {
	"$B/bin/hpaudit" mkjail -m "$SRC/scripts/jail.manifest" \
	    -s "$SRC/tests/data/scripts" -i "$B/bin/hpd-init" "$W/jail"
}
