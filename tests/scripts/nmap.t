#!/bin/sh
# SPDX-License-Identifier: ISC
# nmap -sV names product and system of each service.
. tests/scripts/lib.sh
command -v nmap >/dev/null || { echo "1..0 # SKIP no nmap"; exit 0; }

# seen NAME WANTED COMMAND...: WANTED is a pattern of nmap's grepable fields.
seen() {
	name=$1 want=$2
	shift 2
	serve "$@"
	nmap -n -Pn -sT -sV --allports -p "$port" -oX "$dir/answer" \
	    127.0.0.1 >/dev/null 2>&1
	ok "$name" has "$want"
	ok "$name: no word gives it away" no_word
}
seen "IIS 5.0 on Windows" \
    'product="Microsoft IIS httpd" version="5.0" .*ostype="Windows"' \
    perl scripts/iis5.net/main.pl
seen "Cisco IOS telnet" 'product="Cisco [A-Za-z ]*telnetd".*ostype="IOS"' \
    perl scripts/router-telnet.pl
HPD_HOSTNAME=mail.example.com seen "Postfix on Linux" \
    'product="Postfix smtpd".*hostname="mail.example.com" ostype="Linux"' \
    perl scripts/smtp/postfix.pl
seen "OpenSSH on Debian" \
    'product="OpenSSH" version="9.2p1 Debian [^"]*".*ostype="Linux"' \
    perl scripts/ssh/openssh.pl
# Scanners ask printers only on their own ports.
export LISTEN_PORT=9105
seen "HP printer" 'product="HP LaserJet 4250".*devicetype="printer"' \
    busybox sh scripts/printer/jetdirect.sh
finish
