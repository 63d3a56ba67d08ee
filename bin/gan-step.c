/* gan-step: plays steps of a game. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "game/collect.h"
#include "game/record.h"
#include "tensor/cpu.h"

typedef struct {
    const char *output, *log, *every, *statistics;
    uint64_t steps, until, log_every, batch, threads;
    bool profile, quiet;
} Options;

/* --checkpoint-every: steps, or seconds */
typedef struct {
    uint64_t steps;
    double seconds;
} Interval;

/* The handler says which signal came, and through the pipe ends a wait for data. */
static volatile sig_atomic_t stop_signal;
static int wake_pipe[2];
static void on_signal(int s) {
    int before = errno;
    stop_signal = s;
    if (write(wake_pipe[1], "", 1) < 0) stop_signal = s; /* full: it is awake */
    errno = before;
}

static bool parse_interval(const char *text, Interval *i) {
    *i = (Interval){0};
    if (!text) return true;
    size_t n = strlen(text);
    char head[32];
    double scale = 0;
    if (n && text[n - 1] == 's') scale = 1;
    if (n && text[n - 1] == 'm') scale = 60;
    if (n && text[n - 1] == 'h') scale = 3600;
    if (!scale) return parse_u64(text, &i->steps) && i->steps > 0;
    if (n >= sizeof head) return false;
    snprintf(head, sizeof head, "%.*s", (int)n - 1, text);
    return parse_double(head, &i->seconds) && (i->seconds *= scale) > 0;
}

typedef struct {
    const Options *o;
    Model m;
    Game *game;
    Reader *data;
    Record record;
    Interval interval;
    Progress progress;
    uint64_t last; /* step to stop at; UINT64_MAX when the data decide */
    uint64_t saved_step;
    bool saved; /* nothing is left to write */
    double saved_time;
} Run;

static const char *target(const Run *r, const char *input) {
    return r->o->output ? r->o->output : input;
}

static int diverged(const Run *r, Error *err) {
    fail_in(err, "diverged, the checkpoint stays at step %" PRIu64, r->saved_step);
    return EXIT_DIVERGED;
}

/* Returns the exit status, 0 when the model is saved. */
static int save(Run *r, const char *input, Error *err) {
    if (model_finite(&r->m, err)) return diverged(r, err);
    if (model_save(&r->m, target(r, input), err)) return EXIT_BAD;
    r->saved = true;
    r->saved_step = r->m.step;
    r->saved_time = now_seconds();
    return 0;
}

static bool checkpoint_due(const Run *r) {
    if (r->interval.steps) return r->m.step % r->interval.steps == 0;
    return r->interval.seconds > 0 && now_seconds() - r->saved_time >= r->interval.seconds;
}

static void figures_text(const Run *r, char *buf, size_t size) {
    size_t n = 0;
    *buf = 0;
    for (int i = 0; i < game_figures(r->game) && n + 40 < size && i < 4; i++)
        n += (size_t)snprintf(buf + n, size - n, "%s%s %.4g", i ? "  " : "",
                              game_figure_name(r->game, i), (double)game_figure(r->game, i));
}

/* Plays until the last step, the end of the data, a signal or trouble. */
static int loop(Run *r, const char *input, Error *err) {
    uint64_t first = r->m.step;
    char note[200] = "";
    double before = now_seconds();
    int status;
    while (r->m.step < r->last && !stop_signal) {
        PlayResult p = game_step(r->game, r->data, err);
        /* an interrupt of the whole pipeline also stops the writer, in the middle of a frame */
        if (p == PLAY_NO_DATA || (p == PLAY_BAD_DATA && stop_signal)) break;
        if (p == PLAY_DIVERGED) return diverged(r, err);
        if (p != PLAY_DONE) return EXIT_BAD;
        r->saved = false;
        double now = now_seconds(), rate = (double)game_batch(r->game) / fmax(now - before, 1e-9);
        before = now;
        if (r->o->log && r->m.step % r->o->log_every == 0 &&
            record_row(&r->record, r->game, r->m.step, rate, err))
            return EXIT_BAD;
        if (!r->o->quiet) {
            figures_text(r, note, sizeof note);
            progress_update(&r->progress, (double)(r->m.step - first), note);
        }
        if (checkpoint_due(r) && (status = save(r, input, err))) return status;
    }
    if (!r->o->quiet) progress_end(&r->progress, (double)(r->m.step - first), note);
    if (!r->saved && (status = save(r, input, err))) return status;
    if (stop_signal) {
        tool_say("stopped by signal %d after step %" PRIu64 ", saved in %s", (int)stop_signal,
                 r->m.step, target(r, input));
        return EXIT_INTERRUPTED;
    }
    if (r->last != UINT64_MAX && r->m.step < r->last)
        tool_say("the data ended after step %" PRIu64 " of %" PRIu64, r->m.step, r->last);
    return 0;
}

static void print_profile(const Run *r) {
    Str text = {0};
    game_profile_print(r->game, &text);
    if (text.text) fputs(text.text, stderr);
    str_free(&text);
}

static int catch_signals(Error *err) {
    if (pipe(wake_pipe)) return fail(err, "cannot make a pipe: %s", strerror(errno));
    fcntl(wake_pipe[1], F_SETFL, O_NONBLOCK);
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
    sigaction(SIGINT, &a, NULL);
    sigaction(SIGTERM, &a, NULL);
    return 0;
}

static int play(Run *r, const char *input, Error *err) {
    r->game = game_new(&r->m, err);
    if (!r->game || model_settle(&r->m, err)) return EXIT_BAD;
    if (r->o->profile) game_profile_start(r->game);
    bool reads = game_reads_data(r->game);
    if (!reads && r->last == UINT64_MAX) {
        fail(err, "the page reads no data: give --steps or --until");
        return EXIT_BAD;
    }
    if (reads && !(r->data = reader_open("-", err))) return EXIT_BAD;
    if (r->o->log && record_open(&r->record, r->o->log, r->game, r->m.step, err)) return EXIT_BAD;
    r->saved_step = r->m.step;
    r->saved = !r->o->output; /* with -o even no step at all makes a file */
    r->saved_time = now_seconds();
    double total = r->last == UINT64_MAX || r->last < r->m.step ? 0 : (double)(r->last - r->m.step);
    progress_start(&r->progress, "steps", total, 30);
    if (catch_signals(err)) return EXIT_BAD;
    if (r->data) reader_wake(r->data, wake_pipe[0]);
    int status = loop(r, input, err);
    if (r->o->log && record_close(&r->record, err) && !status) status = EXIT_BAD;
    if (r->o->profile) print_profile(r);
    reader_close(r->data);
    game_free(r->game);
    return status;
}

/* --statistics: running statistics of an expression's layers, averaged over the stream. */
static int collect(Run *r, const char *input, Error *err) {
    uint64_t frames;
    if (collect_statistics(&r->m, r->o->statistics, &frames, err)) return EXIT_BAD;
    r->saved_step = r->m.step;
    int status = save(r, input, err);
    if (status) return status;
    tool_say("statistics of %" PRIu64 " minibatches", frames);
    return 0;
}

int main(int argc, char **argv) {
    Options o = {.log_every = 1, .steps = UINT64_MAX, .until = UINT64_MAX};
    const Opt table[] = {
        {"steps", 'n', OPT_U64(0, UINT64_MAX), "N", &o.steps, "play N more steps"},
        {"until", 0, OPT_U64(0, UINT64_MAX), "N", &o.until, "play until N steps have been played in all"},
        {"checkpoint-every", 0, OPT_TEXT, "N", &o.every, "save each N steps, or 30s, 10m, 2h"},
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "save there instead of in place"},
        {"log", 0, OPT_TEXT, "FILE", &o.log, "append a table of costs and logged values"},
        {"log-every", 0, OPT_U64(1, UINT64_MAX), "N", &o.log_every, "a row each N steps (1)"},
        {"batch", 0, OPT_U64(1, BATCH_MAX), "N", &o.batch, "minibatch size of games that read no data"},
        {"statistics", 0, OPT_TEXT, "EXPR", &o.statistics,
         "play nothing; average the batch norm statistics of EXPR over the stream"},
        {"profile", 0, OPT_FLAG, NULL, &o.profile, "print the time each kernel took"},
        {"quiet", 'q', OPT_FLAG, NULL, &o.quiet, "no progress"},
        {"threads", 't', OPT_U64(1, THREADS_MAX), "N", &o.threads, "threads (all cores)"},
        {0}};
    const Cli cli = {"gan-step", NULL, "CHECKPOINT",
                     "Plays a game with the minibatches on standard input and saves the result.",
                     table};
    int n, status;
    char **operands;
    Error err;
    Run r = {.o = &o};
    cpu_short_spin(argv);
    tool_start("gan-step");
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one checkpoint, found %d operands", n);
    if (o.steps != UINT64_MAX && o.until != UINT64_MAX) return cli_usage(&cli, "--steps and --until exclude each other");
    if (!parse_interval(o.every, &r.interval))
        return cli_usage(&cli, "--checkpoint-every: expected steps or a time, found '%s'", o.every);
    cpu_start((int)o.threads);
    if (model_load(&r.m, operands[0], &err)) return tool_fail(&err);
    if (o.batch) r.m.batch = o.batch;
    r.last = o.until;
    if (o.steps < UINT64_MAX - r.m.step) r.last = r.m.step + o.steps;
    status = o.statistics ? collect(&r, operands[0], &err) : play(&r, operands[0], &err);
    if (status && status != EXIT_INTERRUPTED) tool_say("%s", err.text);
    model_free(&r.m);
    return status;
}
