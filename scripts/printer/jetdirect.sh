#!/bin/sh
# SPDX-License-Identifier: ISC
# shellcheck disable=SC3003,SC3045 # the jail's sh is busybox
#
# A laser printer's raw port (9100): takes jobs and forgets them, answers PJL
# questions. Shell builtins only, so it runs in the nofork profile. Bounded:
# 2000 lines of at most 1024 bytes. HPD_BANNER has no place here: whoever prints
# reads nothing.
model='HP LaserJet 4250'
seed=${HPD_SEED:-0}
pages=$((20000 + 0x0${seed%"${seed#????}"} % 60000))
serial=CNRXF$((10000 + 0x0${seed%"${seed#????}"} % 80000))
cr=$'\r' ff=$'\f' esc=$'\033'	# no $(...): that would fork
lines=0 jobs=0

# Everything but plain characters is left out of what is noted.
clean() {
	text= rest=$1 n=0
	while [ -n "$rest" ] && [ $n -lt 120 ]; do
		c=${rest%"${rest#?}"}
		rest=${rest#?}
		case $c in
		[A-Za-z0-9\ @=:._/,+-]) text=$text$c ;;
		*) text=$text? ;;
		esac
		n=$((n + 1))
	done
}

note() {
	clean "$2"
	echo "$1 $text" >&2
	[ -z "$have3" ] || echo "{\"event\":\"$1\",\"line\":\"$text\"}" >&3
}
have3=
command : 2>/dev/null >&3 && have3=1

# An answer ends in CR LF and a form feed.
answer() {
	printf '@PJL %s\r\n' "$1"
	shift
	for a; do
		printf '%s\r\n' "$a"
	done
	printf '%s' "$ff"
}

pjl() {
	case $1 in
	'INFO ID') answer "$1" "\"$model\"" ;;
	'INFO STATUS')
		answer "$1" 'CODE=10001' 'DISPLAY="Ready"' 'ONLINE=TRUE' ;;
	'INFO PAGECOUNT') answer "$1" "$pages" ;;
	'INFO MEMORY') answer "$1" 'TOTAL=58720256' 'LARGEST=47185920' ;;
	'INFO FILESYS')
		answer "$1" 'VOLUME TOTAL SIZE FREE SPACE LOCATION LABEL STATUS' \
		    '0: 3862528 3855360 <HT> <HT> READ-WRITE' ;;
	'INFO CONFIG')
		answer "$1" 'IN TRAYS [3 ENUMERATED]' "SERIAL NUMBER = $serial" \
		    'DUPLEX' 'MEMORY=64MB' ;;
	INFO\ *) answer "$1" '?' ;;
	ECHO\ *) answer "$1" ;;
	'DINQUIRE '* | 'INQUIRE '*) answer "$1" '?' ;;
	FSDIRLIST\ * | FSUPLOAD\ * | FSDOWNLOAD\ * | FSDELETE\ * | FSQUERY\ *)
		answer "$1" 'FILEERROR=3' ;;
	JOB* | EOJ*) jobs=$((jobs + 1)) ;;
	RDYMSG\ * | SET\ * | DEFAULT\ * | ENTER\ * | COMMENT* | RESET* | \
	    INITIALIZE* | USTATUS* | '') ;;
	esac
}

while [ $lines -lt 2000 ] && { IFS= read -r -n 1024 line || [ -n "$line" ]; }
do
	lines=$((lines + 1))
	line=${line%"$cr"}
	while :; do		# the universal exit stands before a command
		case $line in
		"$esc"%-12345X*) line=${line#"$esc%-12345X"} ;;
		*) break ;;
		esac
	done
	case $line in
	'@PJL'*)
		note pjl "$line"
		line=${line#@PJL}
		line=${line# }
		pjl "${line%% }" ;;
	'') ;;
	*) [ $lines -gt 50 ] || note data "$line" ;;
	esac
done
note end "lines=$lines jobs=$jobs"
