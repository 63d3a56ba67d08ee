#!/bin/sh
# Recipes whose small check tells by its exit status whether the figures are as they should be; minutes each.
# shellcheck disable=SC2154 # $scripts is of zoo.sh
. "$(dirname "$0")/../lib/tap.sh"
. "$here/lib/zoo.sh"

# the same of other families takes half an hour: tree vae betavae svae svae-semi 3dgan 3dae 3dvaegan
for name in checkerboard dream transfer invert roots circle vgae wae aae; do
    recipe $name --small $name
    check $? "$name --small"
done
finish
