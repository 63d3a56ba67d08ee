#!/bin/sh
# unrolled.sh [OPTION]... OUT: Unrolled GAN (Metz et al. 2017) on mixtures of Gaussians, beside the minimax game.
#
# Calls modes.sh, whose options it takes, with the arms minimax,unrolled.
here=$(dirname "$0")
case " $* " in *' --help '* | *' -h '*) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" ;; esac
GAN_RECIPE=$(basename "$0") exec "$here/modes.sh" --arms minimax,unrolled "$@"
