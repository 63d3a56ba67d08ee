#!/usr/bin/perl
# Writes NumPy arrays for the shell tests:
#   perl npy.pl TYPE SHAPE ORDER VALUES            one .npy, on standard output
#   perl npy.pl -z METHOD NAME:TYPE:SHAPE:ORDER:VALUES...    an .npz, METHOD store or deflate
# TYPE is as NumPy writes it: |u1 <f4 >i2 ...; SHAPE and VALUES have commas between, VALUES in C
# order; A..B are the whole numbers between. ORDER C or F is how they are laid out in the file.
use strict;
use warnings;
use IO::Compress::Zip qw(:constants);

my %code = (u1 => 'C', i1 => 'c', b1 => 'C', u2 => 'S', i2 => 's', u4 => 'L', i4 => 'l', i8 => 'q', u8 => 'Q', f4 => 'f', f8 => 'd');

sub array {
    my ($type, $shape, $order, $values) = @_;
    my ($end, $kind) = $type =~ /^([<>|])(..)$/ or die "type $type";
    my @shape = split /,/, $shape;
    my @v = map { /^(-?\d+)\.\.(\d+)$/ ? ($1 .. $2) : $_ } split /,/, $values;
    if ($order eq 'F') {
        my @stride = (1) x @shape;
        $stride[$_] = $stride[$_ - 1] * $shape[$_ - 1] for 1 .. $#shape;
        my @f;
        for my $i (0 .. $#v) {
            my ($rest, $at) = ($i, 0);
            for my $k (reverse 0 .. $#shape) { $at += $rest % $shape[$k] * $stride[$k]; $rest = int($rest / $shape[$k]) }
            $f[$at] = $v[$i];
        }
        @v = @f;
    }
    my $pack = $code{$kind} . ($end eq '|' ? '' : $end);
    my $head = sprintf "{'descr': '%s', 'fortran_order': %s, 'shape': (%s,), }", $type, $order eq 'F' ? 'True' : 'False', join(', ', @shape);
    $head .= ' ' x (63 - (10 + length $head) % 64) . "\n";
    return "\x93NUMPY\1\0" . pack('v', length $head) . $head . pack("($pack)*", @v);
}

binmode STDOUT;
if ($ARGV[0] ne '-z') { print array(@ARGV); exit }
shift;
my $method = shift() eq 'store' ? ZIP_CM_STORE : ZIP_CM_DEFLATE;
my $z;
for (@ARGV) {
    my ($name, @array) = split /:/;
    my @o = (Name => "$name.npy", Method => $method, Minimal => 1);
    $z ? $z->newStream(@o) : ($z = IO::Compress::Zip->new('-', @o, AutoClose => 0));
    $z->print(array(@array));
}
$z->close;
