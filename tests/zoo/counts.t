#!/bin/sh
# As many parameters as the papers' networks: the pages, options and nets of counts.tsv.
. "$(dirname "$0")/../lib/tap.sh"
rows=$here/zoo/counts.tsv
tab=$(printf '\t')

while IFS=$tab read -r page options nets; do
    [ "$options" != options ] || continue
    [ "$options" != - ] || options=
    set -- "$here"/../scripts/*/"$page.gan"
    case $options in *--batch*) ;; *) options="$options --batch 2" ;; esac
    # shellcheck disable=SC2086 # options are words
    gan-init "$1" $options --plan >out 2>err </dev/null &&
        awk '$2 == "total" && $1 != "all" { printf "%s%s %s", sep, $1, $3; sep = " " }' out >counted
    [ "$(cat counted)" = "$nets" ]
    check $? "$page $options: $nets"
done <"$rows"
finish
