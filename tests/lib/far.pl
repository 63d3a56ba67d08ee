#!/usr/bin/perl
# far.pl A B: how far two checkpoints are apart: the largest difference in a tensor, relative to the
# largest number in it, or to 1e-5, as what has no gradient moves by rounding alone; and that tensor's
# name. Running means count in units of the deviation.
use strict;
use warnings;

sub tensors {
    my ($file) = @_;
    open my $f, '<:raw', $file or die "$file: $!\n";
    local $/;
    my $bytes = <$f>;
    my $length = unpack 'Q<', $bytes;
    my $header = substr $bytes, 8, $length;
    my %t;
    while ($header =~ /"([^"]+)":\{"dtype":"F32","shape":\[[\d,]*\],"data_offsets":\[(\d+),(\d+)\]/g) {
        $t{$1} = [unpack 'f<*', substr $bytes, 8 + $length + $2, $3 - $2];
    }
    return \%t;
}
my ($x, $y) = map { tensors($_) } @ARGV;
my ($far, $worst) = (0, 'none');
for my $name (sort keys %$x) {
    my ($u, $v) = ($x->{$name}, $y->{$name} // []);
    my ($apart, $size) = (@$u == @$v ? 0 : 'inf', 1e-5);
    (my $variance = $name) =~ s/running_mean$/running_var/;
    for my $i (0 .. $#$u) {
        my $own = abs($variance eq $name ? $u->[$i] : sqrt $x->{$variance}[$i]);
        $size = $own if $own > $size;
        $apart = abs($u->[$i] - $v->[$i]) if abs($u->[$i] - $v->[$i]) > $apart;
    }
    ($far, $worst) = ($apart / $size, $name) if $apart / $size > $far;
}
printf "%.3g %s\n", $far, $worst;
exit !%$x;
