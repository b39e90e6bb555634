#!/bin/sh
# SPDX-License-Identifier: ISC
# make install below DESTDIR, its parts run from there, uninstall leaves none.
cd "$(dirname "$0")/../.." || exit 1
. tests/lib/tap.sh
. tests/lib/netns.sh
netns_up
D=$W/root
ok "make install" make -s B="$B" DESTDIR="$D" install
for f in usr/local/sbin/hpd-parent usr/local/sbin/hpaudit usr/local/libexec/hpd/hpd-net \
    usr/local/libexec/hpd/hpd-svc usr/local/libexec/hpd/hpd-log usr/local/libexec/hpd/hpship usr/local/libexec/hpd/hpd-conf \
    usr/local/share/man/man8/hpship.8 usr/local/share/man/man7/hpd-events.7 \
    usr/local/share/hpd/hpd-events.schema.json \
    var/lib/hpd/jail/bin/hpd-init etc/hpd/hpd.conf usr/local/share/man/man8/hpd-parent.8 \
    usr/local/lib/systemd/system/hpd.service usr/local/lib/sysusers.d/hpd.conf; do
	ok "/$f is there" test -e "$D/$f"
done
not_ok "the unit has no place-holder left" grep -n '@[A-Z]*@' "$D/usr/local/lib/systemd/system/hpd.service"
is "nothing is setuid" "$(find "$D" -perm /6000 | wc -l)" 0
# The example is about 192.0.2.0/24.
sed "s/192\.0\.2\./$NET./g" "$D/etc/hpd/hpd.conf" > "$W/hpd.conf"
L=$D/usr/local/libexec/hpd
ok "the installed configuration is right" setpriv --reuid 65534 --regid 65534 --clear-groups \
    "$D/usr/local/sbin/hpd-parent" -n -L "$L" -j "$D/var/lib/hpd/jail" -f "$W/hpd.conf"
cp "$D/usr/local/sbin/hpd-parent" "$L/hpd-parent"
mkdir "$W/b"; ln -s "$L" "$W/b/bin"
real=$B B=$W/b
ok "the installed programs run" hpd_start -j "$D/var/lib/hpd/jail" $NET.0/24
ok "...and answer" eventually 5 tester ping -c1 -W1 $NET.10
ok "...and end" hpd_stop
rm -f "$L/hpd-parent"
B=$real
if command -v systemd-analyze > /dev/null; then
	sed "s,^ExecStart=.*,ExecStart=/bin/true," "$D/usr/local/lib/systemd/system/hpd.service" > "$W/hpd.service"
	ok "the unit is well formed" systemd-analyze verify --man=no "$W/hpd.service"
else
	skip "the unit is well formed" "no systemd-analyze here"
fi
ok "make uninstall" make -s B="$B" DESTDIR="$D" uninstall
is "only configuration is left" "$(cd "$D" && find . -type f | sort | tr '\n' ' ')" "./etc/hpd/args ./etc/hpd/hpd.conf "
finish
