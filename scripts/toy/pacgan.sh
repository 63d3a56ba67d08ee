#!/bin/sh
# pacgan.sh [OPTION]... OUT: PacGAN (Lin et al. 2018) on mixtures of Gaussians, packed and not.
#
# Calls modes.sh, whose options it takes, with the arms nonsat,pacgan2,pacgan3,pacgan4.
here=$(dirname "$0")
case " $* " in *' --help '* | *' -h '*) sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" ;; esac
GAN_RECIPE=$(basename "$0") exec "$here/modes.sh" --arms nonsat,pacgan2,pacgan3,pacgan4 "$@"
