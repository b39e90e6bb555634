# A jail for the tests of hpd-svc: busybox, perl without modules, hpd-init.
# Sets JAIL; removed by svc_jail_gone.
svc_jail() {
	JAIL=$(mktemp -d /tmp/hpd-svc-jail.XXXXXX) || exit 1
	chmod 755 "$JAIL"
	mkdir "$JAIL/bin" "$JAIL/dev" "$JAIL/lib" "$JAIL/lib64"
	: > "$JAIL/dev/null"
	cp "$(command -v busybox)" "$JAIL/bin/busybox"
	for a in sh cat tr sed env sort id sleep setsid kill yes nc ls ps mkdir \
	    chmod mount unshare true echo; do
		ln "$JAIL/bin/busybox" "$JAIL/bin/$a"
	done
	cp /usr/bin/perl "$JAIL/bin/perl"
	ldd /usr/bin/perl | awk '/=> \// { print $3 } /^[ \t]*\// { print $1 }' |
	while read -r lib; do
		mkdir -p "$JAIL$(dirname "$lib")"
		cp "$lib" "$JAIL$lib"
	done
	cp "$B/bin/hpd-init" "$JAIL/bin/hpd-init"
	printf 'not a program\n' > "$JAIL/bin/text"
	cp "$JAIL/bin/hpd-init" "$JAIL/bin/setuid"
	chmod 111 "$JAIL"/bin/*
	chmod 4111 "$JAIL/bin/setuid"
}
svc_jail_gone() {
	case $JAIL in /tmp/hpd-svc-jail.*) rm -rf "$JAIL" ;; esac
}
