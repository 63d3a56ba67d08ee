/* gan-data movie: a stream's clips as films. */
#include "media/views/movie.h"
#include "bin/data/data.h"

#include <string.h>

static int check(const Cli *cli, const MovieWant *w, const char *format, const char *output) {
    if (w->format == MOVIE_FORMATS)
        return format ? cli_usage(cli,
                                  "--format: expected mp4, webm, gif, apng, frames or sheet, "
                                  "found '%s'",
                                  format)
                      : cli_usage(cli, "expected --format, or -o FILE with the ending of one");
    if (w->format == MOVIE_GIF && w->fps > MOVIE_GIF_FPS)
        return cli_usage(cli, "--fps: a GIF shows at most %d frames a second, found %g",
                         MOVIE_GIF_FPS, w->fps);
    if (w->format == MOVIE_GIF && w->fps < 1.0 / MOVIE_GIF_SECONDS)
        return cli_usage(cli, "--fps: a GIF shows a frame for %d seconds at most, found %g",
                         MOVIE_GIF_SECONDS, w->fps);
    if (w->each && w->format == MOVIE_SHEET)
        return cli_usage(cli, "--each: a sheet is of all clips");
    if (w->each && w->tiles.columns)
        return cli_usage(cli, "--columns and --each exclude each other");
    if ((w->each || w->format == MOVIE_FRAMES) && (!output || !strcmp(output, "-")))
        return cli_usage(cli, "expected -o FOLDER for several files");
    if (w->each || w->format == MOVIE_FRAMES) return 0;
    return tool_output(output, false);
}

static int run(int argc, char **argv) {
    const char *output = NULL, *format = NULL;
    uint64_t columns = 0, count = 0, gap = 2, scale = 1;
    MovieWant want = {.fps = 10, .tiles.clips = true};
    const Opt options[] = {
        {"format", 'f', OPT_TEXT, "NAME", &format,
         "mp4, webm, gif, apng, frames, sheet (default: by FILE's ending)"},
        {"fps", 'r', OPT_REAL(0.001, 1000), "F", &want.fps, "frames a second (default 10)"},
        {"count", 'n', OPT_U64(1, UINT32_MAX), "N", &count,
         "at most N clips (default 16, all with --each)"},
        {"columns", 'c', OPT_U64(1, UINT32_MAX), "C", &columns,
         "clips side by side (default: a square)"},
        {"gap", 0, OPT_U64(0, SIDE_MAX), "P", &gap, "pixels between clips (default 2)"},
        {"scale", 0, OPT_U64(1, SIDE_MAX), "K", &scale, "magnify K times"},
        {"each", 'e', OPT_FLAG, NULL, &want.each, "a film of each clip, in the folder FILE"},
        {"force", 0, OPT_FLAG, NULL, &want.force, "replace the films or frames of an earlier run"},
        {"name", 0, OPT_TEXT, "NAME", &want.tiles.name, "tensor to take (default video)"},
        OUTPUT_OPTION(&output),
        {0},
    };
    const Cli cli = {DATA_TOOL, "movie", "[STREAM]", "Makes films of the clips of a stream.",
                     options};
    const char *operand;
    int status;
    if (data_one(&cli, argc, argv, "stream", &operand, &status)) return status;
    want.format = movie_format(format, output);
    want.tiles.columns = (size_t)columns;
    want.tiles.gap = (size_t)gap;
    want.tiles.scale = (size_t)scale;
    want.tiles.count = count ? (size_t)count : want.each ? SIZE_MAX : 16;
    if ((status = check(&cli, &want, format, output))) return status;
    Error err;
    size_t done;
    if (movie_write(data_operand(operand), &want, output, &done, &err)) return tool_fail(&err);
    return 0;
}

const Command command_movie = {"movie", run, "a stream's clips as films"};
