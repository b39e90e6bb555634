#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Sends 200 MB: the bulk bench's source.
$b = "x" x 262144;
for (1 .. 763) { last unless syswrite(STDOUT, $b) }
