# modulated.pl: StyleGAN2's convolution as its paper writes it, with a kernel for each sample. Standard input has a
# line for each of x [N,H,W,C], w [N,S], weight [O,C,3,3], affine [C,S] and bias [C]: its name and its numbers; the
# arguments are N, H = W, and whether the map is enlarged twice. Prints y [N,H',W',O].
use strict;
use warnings;

my ($count, $side, $up) = @ARGV;
my %in = map { my ($name, @numbers) = split; $name => \@numbers } <STDIN>;
my $channels = @{$in{bias}};
my $styles = @{$in{affine}} / $channels;
my $maps = @{$in{weight}} / (9 * $channels);

# kernel of a sample: [o][c][i][j] in one list
sub kernel {
    my ($sample) = @_;
    my @style = map { my $c = $_; my $s = $in{bias}[$c];
        $s += $in{affine}[$c * $styles + $_] / sqrt($styles) * $in{w}[$sample * $styles + $_] for 0 .. $styles - 1; $s } 0 .. $channels - 1;
    my @k = map { $in{weight}[$_] / sqrt(9 * $channels) * $style[$_ / 9 % $channels] } 0 .. $#{$in{weight}};
    for my $o (0 .. $maps - 1) {
        my @own = $o * 9 * $channels .. ($o + 1) * 9 * $channels - 1;
        my $norm = 1e-8;
        $norm += $k[$_]**2 for @own;
        $k[$_] /= sqrt $norm for @own;
    }
    return @k;
}
for my $sample (0 .. $count - 1) {
    my @k = kernel($sample);
    my (@y, $large);
    my $x = sub { my ($r, $q, $c) = @_; $in{x}[(($sample * $side + $r) * $side + $q) * $channels + $c] };
    my $add = sub { my ($r, $q, $size, $i, $j, $from_r, $from_q) = @_;
        for my $o (0 .. $maps - 1) { for my $c (0 .. $channels - 1) {
            $y[($r * $size + $q) * $maps + $o] += $k[(($o * $channels + $c) * 3 + $i) * 3 + $j] * $x->($from_r, $from_q, $c) } } };
    if ($up) { # each pixel adds a kernel, 2 pixels apart; then [1,3,3,1]/8 along both axes, times 4
        $large = 2 * $side + 1;
        for my $r (0 .. $side - 1) { for my $q (0 .. $side - 1) { for my $i (0 .. 2) { for my $j (0 .. 2) {
            $add->(2 * $r + $i, 2 * $q + $j, $large, $i, $j, $r, $q) } } } }
        my @taps = (1, 3, 3, 1);
        my @z;
        for my $r (0 .. 2 * $side - 1) { for my $q (0 .. 2 * $side - 1) { for my $o (0 .. $maps - 1) {
            my $sum = 0;
            for my $i (0 .. 3) { for my $j (0 .. 3) {
                my ($a, $b) = ($r + $i - 1, $q + $j - 1);
                $sum += $taps[$i] * $taps[$j] / 16 * $y[($a * $large + $b) * $maps + $o] if $a >= 0 && $a < $large && $b >= 0 && $b < $large;
            } }
            push @z, $sum;
        } } }
        @y = @z;
    } else {
        for my $r (0 .. $side - 1) { for my $q (0 .. $side - 1) { for my $i (0 .. 2) { for my $j (0 .. 2) {
            my ($a, $b) = ($r + $i - 1, $q + $j - 1);
            $add->($r, $q, $side, $i, $j, $a, $b) if $a >= 0 && $a < $side && $b >= 0 && $b < $side;
        } } } }
    }
    print "@y\n";
}
