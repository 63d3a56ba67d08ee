# Bench.pm: what the scripts of this folder share.
package Bench;
use strict;
use warnings;
use Exporter 'import';
use FindBin;
use Time::HiRes qw(sleep);
our @EXPORT = qw(median shell watched step_seconds);

sub median { my @s = sort { $a <=> $b } @_; return @s ? $s[@s / 2] : 0 }

sub shell { system('sh', '-c', $_[0]) == 0 or die "$FindBin::Script: failed: $_[0]\n" }

# Runs a command from one file to another; the most MiB that it had resident.
sub watched {
    my ($in, $out, @command) = @_;
    my $most = 0;
    my $pid = fork() // die "$FindBin::Script: $!\n";
    if (!$pid) {
        open STDIN, '<', $in or die "$FindBin::Script: $in: $!\n";
        open STDOUT, '>', $out or die "$FindBin::Script: $out: $!\n";
        exec @command;
        die "$FindBin::Script: $command[0]: $!\n";
    }
    while (waitpid($pid, 1) == 0) { # WNOHANG
        if (open my $s, '<', "/proc/$pid/status") {
            while (my $line = <$s>) { $most = $1 / 1024 if $line =~ /^VmHWM:\s+(\d+)/ && $1 / 1024 > $most }
        }
        sleep 0.01;
    }
    die "$FindBin::Script: @command failed\n" if $?;
    return $most;
}

# Median seconds of a step after the first, by a log of gan-step.
sub step_seconds {
    my ($path) = @_;
    open my $log, '<', $path or die "$FindBin::Script: $path: $!\n";
    my ($last, @seconds);
    while (my $row = <$log>) {
        my (undef, $at) = split /\t/, $row;
        next if $at !~ /^[\d.]+$/;
        push @seconds, $at - $last if defined $last;
        $last = $at;
    }
    return median(@seconds);
}

1;
