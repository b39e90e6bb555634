#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# Reads to the end: the bulk bench's sink.
1 while sysread(STDIN, $b, 262144);
