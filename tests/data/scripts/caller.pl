# SPDX-License-Identifier: ISC
# What the script is told of its peer's system.
use strict;
use warnings;

my $os = $ENV{HONEYD_REMOTE_OS};
print defined $os ? "<$os>\n" : "none\n";
