#!/usr/bin/perl
# Writes one frame of a tensor stream to standard output, for the shell tests:
#   perl stream.pl NAME:TYPE:SHAPE:VALUES... @KEY=VALUE...
# TYPE is U8, U16, I64, F32 or F64; SHAPE and VALUES are separated by commas; a value may be
# `A*N`, N times A. `\n` in a metadata value is a newline.
use strict;
use warnings;

my %pack = (U8 => 'C', U16 => 'S<', I64 => 'q<', F32 => 'f<', F64 => 'd<');
my (@entries, @meta, $data);
$data = '';
for (@ARGV) {
    if (/^@([^=]+)=(.*)$/s) {
        push @meta, "\"$1\":\"$2\"";
        next;
    }
    my ($name, $type, $shape, $values) = split /:/, $_, 4;
    my @v = map { /^(.*)\*(\d+)$/ ? ($1) x $2 : $_ } split /,/, $values // '';
    my $begin = length $data;
    $data .= pack "($pack{$type})*", map { $_ + 0 } @v;
    my $end = length $data;
    push @entries, "\"$name\":{\"dtype\":\"$type\",\"shape\":[$shape],\"data_offsets\":[$begin,$end]}";
}
unshift @entries, '"__metadata__":{' . join(',', @meta) . '}' if @meta;
my $header = '{' . join(',', @entries) . '}';
$header .= ' ' x (-length($header) % 8);
binmode STDOUT;
print pack('Q<', length $header), $header, $data;
