#!/usr/bin/perl
# SPDX-License-Identifier: ISC
# A service that was taken over: reads the name of one attack, tries it, says
# WORKED or REFUSED. With arguments (name, directory) it does the same outside,
# as the control. "list" prints what there is: name, wanted result in the nofork
# profile, in the shell profile: E refused, K killed, W works and may.
use strict;
use warnings;
no warnings qw(portable exec);
use POSIX ();
$| = 1;
my $dir = $ARGV[1] // '/tmp';
my (%do, @order, %want);
my $mem = "\0" x 4096;

sub sys { my $r = eval { syscall $_[0], @_[1 .. $#_] }; defined $r && $r != -1 }
sub attack {
	my ($name, $want, $code) = @_;
	push @order, $name;
	$want{$name} = $want;
	$do{$name} = $code;
}
# A system call by its number (x86_64) and arguments.
sub call { my ($name, $want, @a) = @_; attack($name, $want, sub { sys(@a) }) }
sub opens { my ($mode, $p) = @_; open my $f, $mode, $p }
sub forks {
	my $r = sys2(@_);
	POSIX::_exit(0) if defined $r && $r == 0;
	return defined $r && $r > 0;
}
sub sys2 { my $r = eval { syscall $_[0], @_[1 .. $#_] }; defined $r && $r != -1 ? $r : undef }

# 1-6 files
attack 'read /etc/passwd', 'EE', sub { opens '<', '/etc/passwd' };
attack 'read ../../etc/passwd', 'EE', sub { opens '<', '/../../etc/passwd' };
attack 'read /proc/self/maps', 'EE', sub { opens '<', '/proc/self/maps' };
attack 'list /proc/1/root', 'EE', sub { -d '/proc/1' };
attack 'list /sys', 'EE', sub { opendir my $d, '/sys' };
attack 'list /dev but null', 'EE', sub { -e '/dev/zero' || -e '/dev/kmsg' || -d '/dev/shm' };
attack 'create a file', 'EE', sub { opens '>', "$dir/a" };
attack 'create in /', 'EE', sub { opens '>', ($ARGV[1] // '') . '/b' };
attack 'mkdir', 'EE', sub { mkdir "$dir/c" };
call 'mknod', 'EE', 133, "$dir/fifo", 0010644, 0;
attack 'symlink', 'EE', sub { symlink '/', "$dir/d" };
attack 'hard link', 'EE', sub { link $0, "$dir/e" };
attack 'unlink', 'EE', sub { unlink "$dir/old" };
attack 'rename', 'EE', sub { rename "$dir/old2", "$dir/new2" };
call 'truncate', 'EE', 76, "$dir/old3", 0;
call 'setxattr', 'EE', 188, "$dir/old3", 'user.x', 'y', 1, 0;
attack 'write the script itself', 'EE', sub { opens '>>', $0 };
attack 'chmod to setuid', 'EE', sub { chmod 04755, $0 };
attack 'open /dev/null for writing', 'WW', sub { opens '>', '/dev/null' };
# 7-12 roots, mounts, namespaces, ids
call 'chroot', 'KK', 161, '.';
attack 'a directory or socket kept', 'EE', sub {
	for my $fd (4 .. 1100) {
		open(my $f, '<&=', $fd) or next;
		return 1 if -d $f || -S $f;
	}
	return 0;
};
call 'name_to_handle_at', 'KK', 303, -100, '.', $mem, $mem, 0;
call 'open_by_handle_at', 'KK', 304, 0, $mem, 0;
call 'mount', 'KK', 165, 'x', $dir, 'tmpfs', 0, 0;
call 'umount', 'KK', 166, $dir, 0;
call 'pivot_root', 'KK', 155, $dir, $dir;
call 'fsopen', 'KK', 430, 'tmpfs', 0;
call 'open_tree', 'KK', 428, -100, '/', 1;
call 'move_mount', 'KK', 429, 0, '', -100, $dir, 4;
call 'mount_setattr', 'KK', 442, -100, '/', 0, $mem, 32;
call 'unshare a user namespace', 'KK', 272, 0x10000000;
call 'unshare a network', 'KK', 272, 0x40000000;
call 'setns', 'KK', 308, 0, 0;
attack 'clone with a user namespace', 'EE', sub { forks 56, 0x10000011, 0, 0, 0, 0 };
call 'clone3', 'EE', 435, $mem, 64;
call 'setuid 0', 'EE', 105, 0;
call 'setresuid to a neighbour', 'EE', 117, 1879099393, 1879099393, 1879099393;
call 'setgroups', 'EE', 116, 0, 0;
call 'capset', 'EE', 126, pack('LL', 0x20080522, 0), pack('L6', (~0) x 6);
# 14-15
call 'clear PDEATHSIG', 'EE', 157, 1, 0, 0, 0, 0;
call 'set DUMPABLE', 'EE', 157, 4, 1, 0, 0, 0;
call 'set KEEPCAPS', 'EE', 157, 8, 1, 0, 0, 0;
call 'clear MDWE', 'EE', 157, 65, 0, 0, 0, 0;
call 'prctl seccomp', 'EE', 157, 22, 1, 0, 0, 0;
call 'seccomp filter', 'KK', 317, 1, 0, $mem;
call 'personality READ_IMPLIES_EXEC', 'KK', 135, 0x400000;
# 16-23 sockets
call "socket @$_[0]", 'EE', 41, @$_[1 .. 3] for ['TCP', 2, 1, 0], ['UDP', 2, 2, 0],
    ['ping', 2, 2, 1], ['raw', 2, 3, 1], ['unix', 1, 1, 0], ['TCP6', 10, 1, 0],
    ['netlink', 16, 3, 0], ['packet', 17, 3, 0], ['alg', 38, 5, 0],
    ['vsock', 40, 1, 0], ['xdp', 44, 3, 0], ['bluetooth', 31, 3, 0];
call 'socketpair', 'EE', 53, 1, 1, 0, $mem;
call 'sendmsg', 'EE', 46, 1, $mem, 0;
call 'sendto', 'EE', 44, 1, 'x', 1, 0, 0, 0;
call 'recvmsg', 'EE', 47, 0, $mem, 0x40;
call 'recvfrom', 'EE', 45, 0, $mem, 10, 0x40, 0, 0;
call 'shutdown', 'EE', 48, 0, 0;
call 'setsockopt', 'EE', 54, 0, 1, 9, pack('L', 1), 4;
call 'getpeername', 'EE', 52, 0, $mem, pack('L', 16);
# 24-27
call 'TIOCSTI', 'EE', 16, 0, 0x5412, 'x';
call 'TIOCSTI, high bits', 'EE', 16, 0, 0x100005412, 'x';
call 'TIOCLINUX', 'EE', 16, 0, 0x541c, 'x';
call 'FIOASYNC', 'EE', 16, 0, 0x5452, pack('L', 1);
call 'F_SETOWN', 'EE', 72, 0, 8, $$;
call 'F_SETSIG', 'EE', 72, 0, 10, 9;
call 'F_NOTIFY', 'EE', 72, 0, 1026, 1;
call 'F_SETPIPE_SZ', 'EE', 72, 2, 1031, 1 << 20;
call 'O_ASYNC', 'EE', 72, 0, 4, 020000;
call 'ptrace', 'KK', 101, 16, getppid(), 0, 0;
call 'process_vm_readv', 'KK', 310, getppid(), $mem, 0, $mem, 0, 0;
call 'process_vm_writev', 'KK', 311, getppid(), $mem, 0, $mem, 0, 0;
call 'pidfd_getfd', 'KK', 438, 0, 0, 0;
call 'kcmp', 'KK', 312, $$, $$, 0, 0, 0;
call 'kill all', 'EE', 62, -1, 0;
call 'kill all, as 32 bits', 'EE', 62, 0xffffffff, 0;
call 'kill the group', 'EE', 62, 0, 0;
attack 'see a stranger', 'EE', sub {
	for my $pid (1 .. 4000) {
		next if $pid == $$ || $pid == getppid();
		return 1 if kill(0, $pid) || ($! == POSIX::EPERM() && @ARGV);
	}
	return 0;
};
call 'sigqueue', 'EE', 129, getppid(), 0, $mem;
# 28-33 limits
attack 'fork', 'EW', sub { forks 57 };
attack 'more than 16 processes', 'EE', sub {
	my $n = 0;
	while ($n < 24) {
		my $r = sys2 57;
		if (defined $r && $r == 0) { sleep 2; POSIX::_exit(0) }
		last if !defined $r;
		$n++;
	}
	return $n >= 24;
};
attack '200 MB', 'EE', sub { my $n = 200_000_000; my $x = 'x' x $n; length $x };
attack '100 descriptors', 'EE', sub {
	my @f;
	for (1 .. 100) { open my $f, '<', '/dev/null' or return 0; push @f, $f }
	return 1;
};
call 'raise NOFILE', 'EE', 302, 0, 7, pack('QQ', 512, 512), 0;
call 'mlock', 'EE', 149, $mem, 4096;
call 'mq_open', 'EE', 240, 'hpd', 0102, 0600, 0;
call 'shmget', 'EE', 29, 0, 4096, 01600;
call 'semget', 'EE', 64, 0, 1, 01600;
call 'msgget', 'EE', 68, 0, 01600;
# 43-47 code
attack 'execve busybox', 'EW', sub { exec {'/bin/busybox'} 'echo', 'WORKED'; 0 };
attack 'execve itself', 'EE', sub { -e '/proc/self/exe' && exec {'/proc/self/exe'} 'perl', '-e', 'print "WORKED\n"'; 0 };
call 'execveat 1000', 'EE', 322, 1000, '', $mem, $mem, 0x1000;
call 'dup2 onto 1000', 'EE', 33, 0, 1000;
call 'F_DUPFD 1000', 'EE', 72, 0, 0, 1000;
attack 'open of a command', 'EW', sub { my $f; open($f, 'echo x|') && <$f> };
attack 'backticks', 'EW', sub { my $x = `echo x`; defined $x && $x ne '' };
attack 'system', 'EW', sub { system('true') == 0 };
call 'memfd_create', 'KK', 319, 'x', 0;
call 'memfd_secret', 'KK', 447, 0;
call 'mmap RWX', 'EE', 9, 0, 4096, 7, 0x22, -1, 0;
attack 'mprotect W to X', 'EE', sub {
	my $p = sys2 9, 0, 4096, 3, 0x22, -1, 0;
	defined $p && sys 10, $p, 4096, 5;
};
attack 'mprotect R to X', 'EE', sub {
	my $p = sys2 9, 0, 4096, 1, 0x22, -1, 0;
	defined $p && sys 10, $p, 4096, 5;
};
attack 'pkey_mprotect', 'EE', sub {
	my $p = sys2 9, 0, 4096, 3, 0x22, -1, 0;
	defined $p && sys 329, $p, 4096, 5, -1;
};
call 'remap_file_pages', 'EE', 216, 0, 0, 0, 0, 0;
attack 'variables of the host', 'EE', sub {
	my @bad = grep { !/^(HONEYD_|HPD_|PATH$|LC_ALL$|HOME$|PWD$|SHLVL$|_$)/ } keys %ENV;
	scalar @bad;
};
# 50-54 kernel
call 'io_uring_setup', 'KK', 425, 1, $mem;
call 'userfaultfd', 'KK', 323, 0;
call 'userfaultfd, user mode', 'KK', 323, 1;
call 'bpf', 'KK', 321, 0, $mem, 32;
call 'perf_event_open', 'KK', 298, $mem, 0, -1, -1, 0;
call 'fanotify_init', 'KK', 300, 0, 0;
call 'inotify_init', 'EE', 253;
call 'keyctl', 'KK', 250, 0, 0, 0;
call 'add_key', 'KK', 248, 'user', 'x', 'y', 1, -3;
call 'request_key', 'KK', 249, 'user', 'x', 0, 0;
call "the machine: @$_[0]", 'KK', @$_[1 .. $#$_] for ['init_module', 175, $mem, 0, ''],
    ['kexec_load', 246, 0, 0, 0, 0], ['reboot', 169, 0, 0, 0, 0],
    ['swapon', 167, 'x', 0], ['acct', 163, 0], ['quotactl', 179, 0, 0, 0, 0],
    ['syslog', 103, 3, $mem, 100], ['settimeofday', 164, 0, 0],
    ['sethostname', 170, 'x', 1], ['iopl', 172, 3], ['modify_ldt', 154, 0, $mem, 16];
call 'sched_setscheduler', 'EE', 144, 0, 0, pack('L', 0);
call 'sched_setaffinity', 'EE', 203, 0, 8, pack('Q', 1);
call 'setpriority', 'EE', 141, 0, 0, 0;
call 'ioprio_set', 'EE', 251, 1, 0, 0x4004;
call 'set_mempolicy', 'EE', 238, 0, 0, 0;
# 55-58 numbers and flags
call 'an x32 call', 'KK', 0x40000000 | 39;
call 'call 10000', 'EE', 10000;
call 'call -1', 'EE', -1;
attack "clone with @$_[0]", 'EE', eval "sub { forks 56, $$_[1], 0, 0, 0, 0 }" for
    ['CLONE_PARENT', 0x8011], ['CLONE_FILES', 0x411], ['CLONE_UNTRACED', 0x800011],
    ['CLONE_NEWPID', 0x20000011], ['high bits', 0x100000011];

my $name = $ARGV[0] // <STDIN>;
chomp $name;
if ($name eq 'list') {
	print "$want{$_} $_\n" for @order;
	exit;
}
exit 1 unless $do{$name};
$SIG{PIPE} = 'DEFAULT';
print $do{$name}->() ? "WORKED\n" : "REFUSED\n";
