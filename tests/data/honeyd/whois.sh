#!/bin/sh
# SPDX-License-Identifier: ISC
# Calls a program that no jail has.
read x
/usr/sbin/sendmail -t root
echo "rc $?"
