#!/bin/sh
# gan-data make movers, hues, scenes, curves: what moves is where `path` says, and is what `factor` says.
. "$(dirname "$0")/../lib/tap.sh"
tool=gan-data
for kind in movers hues scenes curves; do
    passes "$kind" make $kind -n 40 --seed 3 -o $kind.st
    gan-data make $kind -n 40 --seed 3 --frame 7 | gan-data cat --frame 40 -o again.st &&
        OMP_NUM_THREADS=1 gan-data make $kind -n 40 --seed 3 -o one.st && alike again.st $kind.st && alike one.st $kind.st
    check $? "$kind: the same however they are made"
    for name in path:f label:q factor:f; do values $kind.st "${name%:*}" "${name#*:}" >"$kind.${name%:*}"; done
    case $kind in
    curves) echo 0 >curves.video ;; # is large
    *) values $kind.st video C >$kind.video ;;
    esac
done
gan-data make movers -n 40 --seed 4 -o other.st
differ other.st movers.st "another seed"
shows 'video *U8 *\[N,16,16,16,1\]' "movers are grey" movers.st
shows 'video *U8 *\[N,16,64,64,3\]' "curves are of 64x64" curves.st
shows 'path *F32 *\[N,16,2\]' "path" hues.st
shows 'factor *F32 *\[N,5\]' "factor" scenes.st
is "$(gan-data info movers.st --meta gan.classes)" \
    '["square right","square down","square left","square up","disc right","disc down","disc left","disc up"]' "classes of movers"
is "$(gan-data info curves.st --meta gan.classes)" '["right","down"]' "and of curves"
gan-data make hues -n 9 -t 5 -s 20 --directions 3 -o some.st
is "$(gan-data info some.st --meta gan.classes)" '["right","down","left"]' "--directions"
shows 'video *U8 *\[N,5,20,20,3\]' "--frames, --size" some.st

cat >clip.pl <<'P'
use strict; use warnings;
our ($kind, $side, $c) = @ARGV;
our $t = 16;
sub numbers { open my $f, '<', "$kind.$_[0]" or die; return [split ' ', <$f>] }
our ($video, $path, $label, $factor) = map { numbers($_) } qw(video path label factor);
our @axis = (0, 1, 0, 1);
sub at { my ($i, $k, $a) = @_; return $path->[($i * $t + $k) * 2 + $a] }
sub pixel { my ($i, $k, $y, $x, $d) = @_; return $video->[((($i * $t + $k) * $side + $y) * $side + $x) * $c + $d] }
P
clip() { # clip KIND SIDE CHANNELS NAME: whether the perl that follows finds nothing wrong
    { cat clip.pl && cat; } >run.pl
    perl run.pl "$1" "$2" "$3" >out 2>err
    check $? "$1: $4"
}
cat >way.pl <<'P'
for my $i (0 .. 39) {
    my $way = $label->[$i] % ($kind eq 'curves' ? 2 : 4);
    my $r = $factor->[$i * 5 + 1];
    my $step = at($i, 1, $axis[$way]) - at($i, 0, $axis[$way]);
    die "direction of $i" if ($way < 2) != ($step > 0);
    die "step of $i" if abs($step) * 15 < ($side - 2 * $r) / 2 - 1e-3;
    for my $k (0 .. 15) {
        die "out of view" if grep { at($i, $k, $_) < $r - 1e-3 || at($i, $k, $_) > $side - $r + 1e-3 } 0, 1;
        next if !$k;
        die "speed of $i" if abs(at($i, $k, $axis[$way]) - at($i, $k - 1, $axis[$way]) - $step) > 1e-4;
        die "way of $i" if $kind ne 'curves' && at($i, $k, !$axis[$way]) != at($i, 0, !$axis[$way]);
    }
}
P
for kind in movers hues scenes curves; do
    clip $kind "$([ $kind = curves ] && echo 64 || echo 16)" 3 "in its class's direction, at constant speed, in full view" <way.pl
done
clip movers 16 1 "its middle is where the path says, its area what its radius says" <<'P'
my %seen;
for my $i (0 .. 39) {
    my ($shape, $r) = @$factor[$i * 5, $i * 5 + 1];
    die "class of $i" if int($label->[$i] / 4) != $shape;
    $seen{$shape}++;
    for my $k (0, 7, 15) {
        my ($sum, @m) = (0, 0, 0);
        for my $y (0 .. 15) { for my $x (0 .. 15) {
            my $v = pixel($i, $k, $y, $x, 0) / 255;
            $sum += $v; $m[0] += $v * ($x + 0.5); $m[1] += $v * ($y + 0.5);
        } }
        die "middle of $i: @m $sum" if grep { abs($m[$_] / $sum - at($i, $k, $_)) > 0.12 } 0, 1;
        die "area of $i: $sum" if abs($sum / (3.14159 * $r * $r) - 1) > 0.12;
    }
}
die if keys %seen != 2;
P
clip scenes 16 3 "the ground stays, and is of many colours" <<'P'
my %seen;
for my $i (0 .. 39) {
    my $r = $factor->[$i * 5 + 1];
    for my $y (0 .. 15) { for my $x (0 .. 15) {
        my $first;
        for my $k (0 .. 15) {
            next if sqrt(($x + 0.5 - at($i, $k, 0)) ** 2 + ($y + 0.5 - at($i, $k, 1)) ** 2) < 1.3 * $r + 1;
            my $now = join ' ', map { pixel($i, $k, $y, $x, $_) } 0 .. 2;
            $first //= $now;
            die "ground of $i" if $now ne $first;
        }
        $seen{$first}++ if defined $first;
    } }
}
die "few colours" if keys %seen < 1000;
P
clip hues 16 3 "the colour of the middle is the factor's, the corner is black" <<'P'
for my $i (0 .. 39) { for my $k (0, 15) {
    my ($x, $y) = map { int at($i, $k, $_) } 0, 1;
    die "colour of $i" if grep { pixel($i, $k, $y, $x, $_) != $factor->[$i * 5 + 2 + $_] } 0 .. 2;
    my @far = map { at($i, $k, $_) < 8 ? 15 : 0 } 0, 1;
    die "ground of $i" if grep { pixel($i, $k, $far[1], $far[0], $_) } 0 .. 2;
} }
P
clip curves 64 3 "the way bends" <<'P'
my $bent = 0;
for my $i (0 .. 39) {
    my $a = !$axis[$label->[$i]];
    my ($from, $to) = map { at($i, $_, $a) } 0, 15;
    my $most = 0;
    for my $k (0 .. 15) { my $d = abs(at($i, $k, $a) - $from - ($to - $from) * $k / 15); $most = $d if $d > $most }
    $bent++ if $most > 2;
}
die "$bent bent" if $bent < 30;
P
refuses 2 'movers: images of side 4, expected 8 to 4096' "too small" make movers -s 4
refuses 2 'clips of 65536 frames of 4096x4096 are too large' "too large" make curves -s 4096 -t 65536
refuses 2 'directions' "five directions" make hues --directions 5
refuses 2 'expected ring, grid, .*, scenes or curves, found .foo' "an unknown kind" make foo
for option in 'movers --modes 3' 'ring -t 4' 'grid --radius 1' 'shapes --sigma 1' 'tags --frames 2' 'solids --zoom 0.1'; do
    refuses 2 'means nothing for' "$option" make $option
done
passes "--sigma means something for digits" make digits -n 2 --sigma 0.1 -o noisy.st
finish
