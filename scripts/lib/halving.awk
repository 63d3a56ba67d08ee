# halving.awk: which cells of a sweep go on, and what has come of all: successive halving (Jamieson &
# Talwalkar 2016). After every, 2 every, 4 every, ... steps the better half of the cells that are still in
# goes on. Everything here follows from the figures alone, in whatever order they were found.
#
# Standard input has a line a run: number of its cell, seed, name, and settings of the cell (words
# NAME=VALUE). The figures lie in the folder of the environment's `out`, in NAME.figures: lines of step and
# figure, a number or nan; a run that came to nothing before a step has there, instead, the word for it:
# diverged, or ended. Variables: steps, every, keep, higher, and show, which is
#   next     the step that all who are still in have to reach, then the numbers of their cells
#   table    a line a cell, the best first
#   curves   a line a step that has figures, a column a cell, as the table has them
BEGIN { FS = "\t" }

{
    if ($1 > cells) cells = $1
    settings[$1] = $4
    run[$1, ++runs[$1]] = NR
    file = ENVIRON["out"] "/" $3 ".figures"
    while ((getline line <file) > 0) {
        split(line, part, "\t")
        if (part[2] == "diverged" || part[2] == "ended") {
            broken[NR] = part[1]
            end_of[NR] = part[2]
        } else figure[NR, part[1]] = part[2]
        if (!(part[1] in seen)) step[++rows] = part[1]
        seen[part[1]] = 1
    }
    close(file)
}

# known C AT: whether all that can be known at a step of a cell is; then count, mean and deviation there are
# those of its runs that have a number
function known(c, at,   i, r, sum, far) {
    count = sum = far = 0
    for (i = 1; i <= runs[c]; i++) {
        r = run[c, i]
        if ((r, at) in figure) {
            if (figure[r, at] != "nan") { count++; sum += figure[r, at] }
        } else if (!(r in broken) || broken[r] + 0 > at + 0) return 0
    }
    mean = count ? sum / count : 0
    for (i = 1; i <= runs[c]; i++) {
        r = run[c, i]
        if ((r, at) in figure && figure[r, at] != "nan") far += (figure[r, at] - mean) ^ 2
    }
    deviation = count > 1 ? sqrt(far / (count - 1)) : 0
    return 1
}

# ranked AT: puts the cells that are in in order, first those with most figures, then the best, then as
# given; 0 if not all is known
function ranked(at,   i, k, c) {
    for (i = 1; i <= in_count; i++) {
        c = order[i]
        if (!known(c, at)) return 0
        have[c] = count
        worth[c] = higher ? -mean : mean
    }
    for (i = 2; i <= in_count; i++) {
        c = order[i]
        for (k = i - 1; k > 0 && better(c, order[k]); k--) order[k + 1] = order[k]
        order[k + 1] = c
    }
    return 1
}
function better(a, b) {
    if (have[a] != have[b]) return have[a] > have[b]
    if (worth[a] != worth[b]) return worth[a] < worth[b]
    return a < b
}

# halved AT: leaves the better half in, or `keep`
function halved(at,   most) {
    most = int((in_count + 1) / 2)
    if (most < keep) most = keep
    for (; in_count > most; in_count--) last[order[in_count]] = at
}

# row C: settings, figure, deviation, seeds that have one, the last step that has figures, how it ended
function row(c,   i, at, parts, part, line, ends, way) {
    at = last[c] + 0
    for (i = rows; i > 0 && (step[i] > at || !reached(c, step[i])); i--) {}
    at = i ? step[i] : 0
    known(c, at)
    for (i = 1; i <= runs[c]; i++) if (run[c, i] in broken) ends[end_of[run[c, i]]]++
    if (ends["diverged"] + ends["ended"] == runs[c]) { count = 0; way = "" }
    else way = last[c] < steps ? ", stopped" : ", played"
    if (ends["diverged"]) way = way ", " ends["diverged"] " diverged"
    if (ends["ended"]) way = way ", " ends["ended"] " ended by the page"
    for (i = split(settings[c], parts, " "); i > 0; i--) {
        split(parts[i], part, "=")
        line = substr(parts[i], length(part[1]) + 2) "\t" line
    }
    line = line (count ? sprintf("%.5g", mean) : "-") "\t" (count > 1 ? sprintf("%.2g", deviation) : "-")
    print line "\t" count "\t" at "\t" substr(way, 3)
}
function reached(c, at,   i) {
    for (i = 1; i <= runs[c]; i++) if ((run[c, i], at) in figure) return 1
    return 0
}

function names(   i, n, parts) {
    n = split(settings[1], parts, " ")
    for (i = 1; i <= n; i++) {
        sub(/=.*/, "", parts[i])
        printf "%s\t", parts[i]
    }
}

# short C: those of its settings that others have not
function short(c,   i, k, n, parts, other, name) {
    n = split(settings[c], parts, " ")
    for (i = 1; i <= n; i++)
        for (k = 1; k <= cells; k++) {
            split(settings[k], other, " ")
            if (other[i] == parts[i]) continue
            name = name (name == "" ? "" : ",") parts[i]
            break
        }
    return name == "" ? "figure" : name
}

function curves(   i, k, c) {
    printf "step"
    for (i = 1; i <= cells; i++) printf "\t%s", short(order[i])
    for (k = 1; k <= rows; k++) {
        printf "\n%d", step[k]
        for (i = 1; i <= cells; i++) {
            c = order[i]
            printf "\t%s", step[k] <= last[c] && known(c, step[k]) && count ? sprintf("%.5g", mean) : ""
        }
    }
    print ""
}

# those of which no run has come to its end are behind all others
function broken_last(   i, k, c, n, behind) {
    for (i = 1; i <= cells; i++) {
        c = order[i]
        for (k = 1; k <= runs[c] && run[c, k] in broken; k++) {}
        if (k > runs[c]) behind[++n] = c
        else order[i - n] = c
    }
    for (i = 1; i <= n; i++) order[cells - n + i] = behind[i]
}

END {
    for (in_count = 1; in_count <= cells; in_count++) order[in_count] = in_count
    in_count = cells
    for (at = every; at < steps && ranked(at); at *= 2) halved(at)
    if (at > steps) at = steps
    if (show == "next") {
        printf "%d", at
        for (i = 1; i <= in_count; i++) printf " %d", order[i]
        print ""
        exit
    }
    for (i = 1; i <= in_count; i++) last[order[i]] = steps
    if (!ranked(steps)) exit 1
    for (i = 2; i <= rows; i++) { # few: by insertion
        at = step[i] + 0
        for (k = i - 1; k > 0 && step[k] + 0 > at; k--) step[k + 1] = step[k]
        step[k + 1] = at
    }
    broken_last()
    if (show == "curves") curves()
    else {
        names()
        print "figure\tdeviation\tseeds\tsteps\tended"
        for (i = 1; i <= cells; i++) row(order[i])
    }
}
