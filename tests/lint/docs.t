#!/bin/sh
# Manuals are clean, the protocol table and the README agree with the code.
cd "$(dirname "$0")/../.." || exit 1
. tests/lint/lib.sh
man_lint() { mandoc -T lint -W warning "$1"; }
for m in $(git ls-files '*.[1-8]'); do
	check "mandoc $m" man_lint "$m"
done
flags() { # every flag of hpd-parent -h is in its page
	"${B:-build}/bin/hpd-parent" -h 2>&1 | grep -oE '(^|[ [])-[A-Za-z]\b' | tr -d ' [' |
	    sort -u | while read -r f; do
		grep -qE "(Fl|Op Fl) ${f#-}" hpd-parent/hpd-parent.8 || echo "$f not in hpd-parent.8"
	done
}
check "hpd-parent.8 names every flag" flags
rows() { # each required row of the checklist has a test that exists, or a reason
	awk -F'\t' '/^[0-9]/ { seen[$1] = $2; if ($2 != "-" && system("test -e " $2)) print $1 ": no " $2
	    if ($2 == "-" && $3 == "") print $1 ": no reason" }
	    END { split("1-10 13-29 33-60 78-85 90-96 98-99 103-109", r, " ")
	    for (i in r) { split(r[i], ab, "-"); for (k = ab[1] + 0; k <= ab[2] + 0; k++)
	    if (!(k in seen)) print k ": missing" } }' tests/checklist.tsv
}
check "checklist: every row has a test or a reason" rows
detect() { # likewise of what gives a honeypot away: 1 to 28
	awk -F'\t' '/^[0-9]/ { seen[$1] = $2; if ($2 != "-" && system("test -e " $2)) print $1 ": no " $2
	    if ($3 == "" || ($2 == "-" && $3 !~ /: /)) print $1 ": no reason" }
	    END { for (k = 1; k <= 28; k++) if (!(k in seen)) print k ": missing" }' tests/detect.tsv
}
check "detection list: every row has a test or a reason" detect
finish
