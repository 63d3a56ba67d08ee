/* gan-data video: films and strips of frames to a stream of clips. */
#include "bin/data/data.h"
#include "media/film/clips.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    FramingArgs framing;
    FilesArgs files;
    const char *output, *start;
    uint64_t frame, length, stride;
    ClipsWant want;
} Args;

static int check(const Cli *cli, Args *a) {
    static const char *const starts[] = {"random", "uniform"};
    ClipsWant *w = &a->want;
    a->framing.framing.filter = FILTER_TRIANGLE;
    int status = data_framing(cli, &a->framing);
    if (status) return status;
    if (w->stabilise && a->framing.framing.pad)
        return cli_usage(cli, "--stabilise and --pad exclude each other");
    size_t k = 0;
    while (a->start && k < 2 && strcmp(a->start, starts[k])) k++;
    if (k == 2) return cli_usage(cli, "--start: expected random or uniform, found '%s'", a->start);
    if (a->start && !w->count) return cli_usage(cli, "--start goes with --clips");
    if (w->step && w->count) return cli_usage(cli, "--step and --clips exclude each other");
    if (w->seconds && !(a->files.companion.path && w->fps > 0))
        return cli_usage(cli, "--seconds goes with --table and --fps");
    a->files.companion.whole = !w->seconds;
    w->uniform = k == 1;
    w->framing = a->framing.framing;
    w->length = (size_t)a->length;
    w->stride = (size_t)a->stride;
    w->per_frame = (size_t)a->frame;
    w->first = a->files.skip;
    return 0;
}

/* What was left out, besides files that are no good. */
static void tell(const ClipsCount *count) {
    if (count->brief)
        tool_say("%" PRIu64 " films are shorter than a clip, and left out", count->brief);
    if (count->unsure)
        tool_say("at %" PRIu64 " places the camera's motion is unsure, and no clip begins",
                 count->unsure);
}

static int write(const Args *a, const Paths *paths) {
    Error err;
    Output out;
    Progress bar;
    ClipsCount count;
    int status = data_start(&out, a->output);
    if (status) return status;
    size_t lacking = a->want.table ? data_unused(a->want.table) : 0;
    progress_start(&bar, "files", (double)paths->count, 30);
    ImagesReport report = {&bar, data_offender, data_progress};
    int bad = clips_write(paths, &a->want, &report, out.file, out.name, &count, &err);
    char note[64];
    snprintf(note, sizeof note, "%" PRIu64 " clips, %zu skipped", count.clips, count.skipped);
    tell(&count);
    FilesEnd end = {&bar, paths->count, count.skipped, lacking + count.rows, a->files.strict};
    return data_files_end(&end, note, &out, bad, &err);
}

static int read_all(Args *a, int n, char **operands) {
    FilesArgs *f = &a->files;
    Error err;
    int bad = data_files(f, n, operands, &err);
    if (f->companion.path) a->want.table = &f->table;
    if (f->labels && f->paths.count) a->want.classes = &f->classes;
    int status = bad ? tool_fail(&err) : write(a, &f->paths);
    data_files_free(f);
    return status;
}

static int run(int argc, char **argv) {
    Args a = {.frame = FRAME_SAMPLES,
              .length = 16,
              .stride = 1,
              .files.companion = {.files = true, .parts = true}};
    ClipsWant *w = &a.want;
    const Opt options[] = {
        {"length", 't', OPT_U64(1, 1 << 16), "T", &a.length, "frames of a clip (default 16)"},
        {"stride", 0, OPT_U64(1, 1 << 16), "N", &a.stride, "every N-th frame (default 1)"},
        {"step", 0, OPT_U64(1, UINT32_MAX), "N", &w->step,
         "frames from a clip's start to the next (default: to its end)"},
        {"clips", 'n', OPT_U64(1, 1 << 24), "N", &w->count, "of each film, at most (default: all)"},
        {"start", 0, OPT_TEXT, "HOW", &a.start, "of --clips: random (default) or uniform"},
        {"fps", 'r', OPT_REAL(0.001, 1000), "F", &w->fps,
         "frames a second (default: those in the film)"},
        FRAMING_OPTIONS(&a.framing),
        {"flip", 0, OPT_REAL(0, 1), "P", &w->flip, "mirror this part of the clips, drawn"},
        {"stabilise", 0, OPT_FLAG, NULL, &w->stabilise, "hold the camera still in each clip"},
        {"lengths", 0, OPT_FLAG, NULL, &w->lengths,
         "tell how many frames a clip has before its last is repeated"},
        {"drop-short", 0, OPT_FLAG, NULL, &w->drop_short,
         "leave out films shorter than a clip (default: repeat their last frame)"},
        {"seconds", 0, OPT_FLAG, NULL, &w->seconds, "start and end of --table are seconds"},
        {"seed", 0, OPT_U64(0, UINT64_MAX), "S", &w->seed, "of the draws (default 0)"},
        FILES_OPTIONS(&a.files, 0),
        FRAME_OPTION(&a.frame),
        OUTPUT_OPTION(&a.output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "video", "PATH...",
                     "Makes a stream of clips of films and strips of frames.", options};
    char **operands;
    int n, status;
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (!n) return cli_usage(&cli, "expected a folder or file");
    if ((status = check(&cli, &a))) return status;
    if ((status = data_files_check(&cli, &a.files, n, operands))) return status;
    if ((status = tool_output(a.output, false))) return status;
    return read_all(&a, n, operands);
}

const Command command_video = {"video", run, "films and strips of frames to a stream of clips"};
