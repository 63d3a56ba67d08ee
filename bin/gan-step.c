/* gan-step: plays steps of a game. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cli.h"
#include "game/collect.h"
#include "game/frozen.h"
#include "game/keep.h"
#include "game/record.h"
#include "game/share.h"
#include "ranks/start.h"
#include "tensor/cpu.h"

typedef struct {
    const char *output, *log, *every, *statistics, *data, *patience;
    uint64_t steps, until, log_every, batch, memory, limit, threads;
    bool profile, quiet, new_data, times;
} Options;

/* The handler says which signal came, and through the pipe ends a wait for data. */
static volatile sig_atomic_t stop_signal;
static int wake_pipe[2];
static void on_signal(int s) {
    int before = errno;
    stop_signal = s;
    if (write(wake_pipe[1], "", 1) < 0) stop_signal = s; /* full: it is awake */
    /* in the background a terminal that is read would stop the process, again and again */
    signal(SIGTTIN, SIG_IGN);
    signal(SIGTTOU, SIG_IGN);
    errno = before;
}

typedef struct {
    const Options *o;
    Model m;
    Game *game;
    Reader *data;
    Keep keep;
    Record record;
    bool log_fails; /* and that has been told */
    Progress progress;
    pid_t parent;
    uint64_t first, last; /* steps to go on from and to stop at; UINT64_MAX when the data decide */
} Run;

/* Of several processes the first reads, writes and speaks. */
static bool leads(const Run *r) { return !ranks_own(r->m.ranks); }

/* Returns the exit status, 0 when the model is saved. */
static int save(Run *r, Error *err) {
    ranks_at(r->m.ranks, r->m.step, "checksums of states");
    if (share_check_states(r->m.ranks, &r->m, err)) return EXIT_DIVERGED;
    if (model_finite(&r->m, err)) {
        fail_in(err, "diverged, the checkpoint stays at step %" PRIu64, r->keep.step);
        return EXIT_DIVERGED;
    }
    if (leads(r)) return keep_save(&r->keep, &r->m, err) ? EXIT_BAD : 0;
    r->keep.saved = true;
    r->keep.step = r->m.step;
    return 0;
}

/* On the way a save that fails is no reason to stop: the disk may have room again later. */
static int save_on_the_way(Run *r, Error *err) {
    Error trouble;
    if (r->o->log && record_sync(&r->record, &trouble) && !r->log_fails)
        tool_say("%s; playing on", trouble.text);
    int status = save(r, err);
    if (status != EXIT_BAD) return status;
    tool_say("%s; playing on from step %" PRIu64 ", saved is step %" PRIu64, err->text, r->m.step,
             r->keep.step);
    return 0;
}

static void log_row(Run *r, double rate) {
    Error trouble;
    if (!r->o->log || !leads(r) || r->m.step % r->o->log_every) return;
    bool fails = record_row(&r->record, r->game, r->m.step, rate, &trouble) != 0;
    if (fails && !r->log_fails)
        tool_say("%s%s", trouble.text, r->record.gone ? "" : "; playing on");
    if (!fails && r->log_fails && !r->record.gone) tool_say("%s: written again", r->record.path);
    r->log_fails = fails;
}

/* What the bar or the dated line says: all figures, players' costs and what they log. */
static void show(Run *r, bool end) {
    Str note = {0};
    if (r->o->quiet) return;
    for (int i = 0; i < game_figures(r->game); i++)
        str_printf(&note, "%s%s %.4g", i ? "  " : "", game_figure_name(r->game, i),
                   (double)game_figure(r->game, i));
    (end ? progress_end : progress_update)(&r->progress, (double)(r->m.step - r->first),
                                           note.text ? note.text : "");
    str_free(&note);
}

/* Ranks outlive a launcher that is killed: nobody waits for them any more. */
static bool is_orphan(const Run *r) { return r->m.ranks && getppid() != r->parent; }

/* Saves if that is due, and finds whether to go on; so that all processes do the same, a signal to
 * any of them stops all. */
static bool go_on(Run *r, int *status, Error *err) {
    enum { STOP = 1, SAVE = 2 };
    bool due = leads(r) && r->m.step > r->first && keep_due(&r->keep, &r->m);
    ranks_at(r->m.ranks, r->m.step + 1, "the others");
    bool stop = stop_signal || is_orphan(r);
    unsigned all = ranks_agree(r->m.ranks, (stop ? STOP : 0) | (due ? SAVE : 0));
    if (all & STOP && !stop_signal) stop_signal = SIGTERM;
    if (all & SAVE) *status = save_on_the_way(r, err);
    return r->m.step < r->last && !stop_signal && !*status;
}

/* Plays until the last step, the end of the data, a signal or trouble. */
static PlayResult play_on(Run *r, int *status, Error *err) {
    double before = now_seconds();
    PlayResult p = PLAY_DONE;
    *status = 0;
    while (go_on(r, status, err)) {
        p = game_step(r->game, r->data, err);
        const char *note = game_note(r->game);
        if (note) tool_say("%s", note);
        if (p != PLAY_DONE && p != PLAY_STOPPED) break;
        r->keep.saved = false;
        double now = now_seconds(), rate = (double)game_batch(r->game) / fmax(now - before, 1e-9);
        before = now;
        log_row(r, rate);
        show(r, false);
        if (p == PLAY_STOPPED) break;
    }
    return p;
}

static int stopped(const Run *r) {
    if (r->keep.saved)
        tool_say("stopped by signal %d after step %" PRIu64 ", saved in %s", (int)stop_signal,
                 r->m.step, r->keep.path);
    else
        tool_say("stopped by signal %d before a step was played", (int)stop_signal);
    return EXIT_INTERRUPTED;
}

/* The data have been played to their end before. */
static bool nothing_left(const Run *r) {
    return r->m.step && r->last == UINT64_MAX && reader_complete(r->data);
}

/* All that was asked for, or not? */
static int data_ended(const Run *r, const Error *why) {
    bool played = r->m.step > r->first;
    if (r->last != UINT64_MAX) {
        tool_say("the data ended after step %" PRIu64 " of %" PRIu64 ": %s", r->m.step, r->last,
                 why->text);
        return EXIT_DATA_ENDED;
    }
    if (played) return 0;
    if (nothing_left(r)) {
        tool_say("nothing is left of the data, %" PRIu64 " steps have been played", r->m.step);
        return 0;
    }
    tool_say("no step was played: %s", why->text);
    return EXIT_DATA_ENDED;
}

static int bad_data(const Run *r, const Error *why, Error *err) {
    *err = *why;
    if (r->m.step > r->first)
        fail(err, "%s; step %" PRIu64 " is saved in %s", why->text, r->m.step, r->keep.path);
    return EXIT_BAD;
}

/* What is in memory is of no use. */
static int lost(const Run *r, PlayResult p, const Error *why, Error *err) {
    const char *what = p == PLAY_DIVERGED ? "diverged" : p == PLAY_STOPPED ? "stopped" : "failed";
    fail(err, "%s, the checkpoint stays at step %" PRIu64 ": %s", what, r->keep.step, why->text);
    return p == PLAY_DIVERGED ? EXIT_DIVERGED : p == PLAY_STOPPED ? EXIT_STOPPED : EXIT_BAD;
}

/* Plays, saves what was played, and then says what went wrong, if anything did. */
static int loop(Run *r, Error *err) {
    int status;
    Error why = {""};
    PlayResult p = play_on(r, &status, &why);
    bool played = r->m.step > r->first;
    if (played) show(r, true);
    if (p == PLAY_DIVERGED || p == PLAY_STOPPED || p == PLAY_FAILED) return lost(r, p, &why, err);
    if (status) {
        *err = why;
        return status;
    }
    /* what fails before its first step leaves the file of -o as it was */
    bool ended = leads(r) && p == PLAY_NO_DATA && !nothing_left(r);
    ranks_tell(r->m.ranks, &ended, sizeof ended);
    bool fails = stop_signal || p == PLAY_BAD_DATA || ended;
    if (!r->keep.saved && (played || !fails) && (status = save(r, err))) {
        if (p == PLAY_BAD_DATA) tool_say("%s", why.text);
        return status;
    }
    /* (a signal to the whole pipeline also stops the writer, in the middle of a frame) */
    if (stop_signal) return stopped(r);
    if (p == PLAY_BAD_DATA) return bad_data(r, &why, err);
    return p == PLAY_NO_DATA ? data_ended(r, &why) : 0;
}

static void print_profile(const Run *r) {
    Str text = {0};
    game_profile_print(r->game, &text);
    if (text.text) fputs(text.text, stderr);
    str_free(&text);
}

/* What ends a game: it is saved first. A hangup that was ignored, as by nohup, stays so. A reader
 * of messages or of the log that goes away, and a file that may not grow, are no reason to end it.
 */
static int catch_signals(Error *err) {
    static const int stops[] = {SIGINT, SIGTERM, SIGUSR1, SIGXCPU, SIGHUP};
    struct sigaction a = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, old;
    if (pipe(wake_pipe)) return fail(err, "cannot make a pipe: %s", strerror(errno));
    for (int i = 0; i < 2; i++) fcntl(wake_pipe[i], F_SETFD, FD_CLOEXEC);
    fcntl(wake_pipe[1], F_SETFL, O_NONBLOCK);
    for (size_t i = 0; i < sizeof stops / sizeof *stops; i++) {
        bool keeps =
            stops[i] == SIGHUP && !sigaction(SIGHUP, NULL, &old) && old.sa_handler == SIG_IGN;
        if (!keeps) sigaction(stops[i], &a, NULL);
    }
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

/* srun copies its input to all tasks, and stands still when one of them does not read it. */
static void *read_away(void *none) {
    char bytes[1 << 16];
    while (read(STDIN_FILENO, bytes, sizeof bytes) > 0) {
    }
    return none;
}

static int open_data(Run *r, Error *err) {
    bool reads = game_reads_data(r->game), here = reads && leads(r);
    pthread_t away;
    if (!reads && r->last == UINT64_MAX)
        return fail(err, "the page reads no data: give --steps or --until");
    if (r->m.ranks && (!here || r->o->data) && pthread_create(&away, NULL, read_away, NULL))
        return fail(err, "cannot start a thread");
    if (here && !(r->data = reader_open(tool_input(r->o->data ? r->o->data : "-"), err))) return -1;
    if (r->data) reader_wake(r->data, wake_pipe[0]);
    return 0;
}

static int open_log(Run *r, Error *err) {
    Error note;
    if (!r->o->log || !leads(r)) return 0;
    if (record_open(&r->record, r->o->log, r->game, r->m.step, &note, err)) return -1;
    if (*note.text) tool_say("%s", note.text);
    return 0;
}

static int compile(Run *r, Error *err) {
    if (share_check_size(r->m.ranks, &r->m, err)) return -1;
    r->game = game_new(&r->m, err);
    return r->game ? model_settle(&r->m, err) : -1;
}

static int ready(Run *r, Error *err) {
    if (ranks_together(r->m.ranks, compile(r, err), err) || share_check(r->m.ranks, &r->m, err))
        return -1;
    if (r->o->profile) game_profile_start(r->game);
    if (r->o->times) game_times(r->game);
    if (r->o->new_data) game_new_data(r->game);
    return catch_signals(err) || open_data(r, err) || open_log(r, err) ? -1 : 0;
}

static int play_ready(Run *r, Error *err) {
    r->first = r->m.step;
    r->keep.saved = !r->o->output; /* with -o a game of no step makes a file, too */
    keep_start(&r->keep, &r->m);
    double total = r->last == UINT64_MAX || r->last < r->first ? 0 : (double)(r->last - r->first);
    progress_start(&r->progress, "steps", total, 30);
    int status = loop(r, err);
    if (r->o->log && leads(r) && record_close(&r->record, status ? &(Error){""} : err) && !status)
        status = EXIT_BAD;
    if (r->o->profile && leads(r)) print_profile(r);
    ranks_tell(r->m.ranks, &status, sizeof status);
    return status;
}

static int play(Run *r, Error *err) {
    int bad = ranks_together(r->m.ranks, ready(r, err), err);
    int status = bad ? EXIT_BAD : play_ready(r, err);
    reader_close(r->data);
    game_free(r->game);
    return status;
}

/* --statistics: running statistics of an expression's layers, averaged over the stream. */
static int collect(Run *r, Error *err) {
    uint64_t frames;
    tool_input("-");
    if (collect_statistics(&r->m, r->o->statistics, &frames, err)) return EXIT_BAD;
    keep_start(&r->keep, &r->m);
    int status = save(r, err);
    if (status) return status;
    tool_say("statistics of %" PRIu64 " minibatches", frames);
    return 0;
}

/* Rows would be written into a checkpoint. */
static int check_log(const Cli *cli, const Options *o, const char *input) {
    const char *other[] = {input, o->output};
    for (int i = 0; i < 2 && o->log; i++)
        if (other[i] && same_file(o->log, other[i]))
            return cli_usage(cli, "--log: %s is the checkpoint", o->log);
    return 0;
}

/* Takes what is to be written for this process, the first of several for all. */
static int hold(Run *r, Error *err) {
    r->keep.hold = -1;
    if (!leads(r)) return 0;
    return output_check(r->keep.path, err) || keep_hold(&r->keep, err) ? -1 : 0;
}

/* The checkpoint is read once nobody else can replace it. */
static int run(Run *r, const char *input, Ranks *ranks, Error *err) {
    r->keep.path = r->o->output ? r->o->output : input;
    r->m.ranks = ranks;
    if (ranks_together(ranks, hold(r, err), err)) return EXIT_BAD;
    int status = EXIT_BAD, bad = model_load(&r->m, input, err);
    r->m.ranks = ranks;
    if (!ranks_together(ranks, bad, err)) {
        frozen_start(&r->m);
        if (r->o->batch) r->m.batch = r->o->batch;
        r->m.memory = r->o->memory;
        r->m.settings.limits = limits_times(r->o->limit);
        r->last = r->o->until;
        if (r->o->steps < UINT64_MAX - r->m.step) r->last = r->m.step + r->o->steps;
        status = r->o->statistics ? collect(r, err) : play(r, err);
    }
    keep_end(&r->keep);
    model_free(&r->m);
    return status;
}

/* Alone, or with the processes that were started together. All is said before the end of any, as
 * that of one with a status that is not 0 makes the launcher end the others. */
static int run_together(Run *r, const char *input, const RanksWish *wish) {
    Ranks *ranks;
    Error why, *err = &why;
    int status = EXIT_BAD;
    bool traced = getenv("GAN_TRACE") != NULL;
    if (ranks_start(&ranks, wish, err)) return tool_fail(err);
    tool_mute(ranks_own(ranks) != 0);
    if (ranks && (r->o->statistics || traced))
        fail(err, "%s takes one process", traced ? "GAN_TRACE" : "--statistics");
    else
        status = run(r, input, ranks, err);
    if (status && status != EXIT_INTERRUPTED && status != EXIT_DATA_ENDED)
        tool_say("%s", err->text);
    ranks_end(ranks);
    return status;
}

static void say_lost(const char *text) {
    tool_mute(false);
    tool_say("%s", text);
}

int main(int argc, char **argv) {
    Options o = {.log_every = 1, .steps = UINT64_MAX, .until = UINT64_MAX};
    const Opt table[] = {
        {"steps", 'n', OPT_U64(0, UINT64_MAX), "N", &o.steps, "play N more steps"},
        {"until", 0, OPT_U64(0, UINT64_MAX), "N", &o.until,
         "play until N steps have been played in all"},
        {"checkpoint-every", 0, OPT_TEXT, "N", &o.every,
         "save each N steps, or 30s, 10m, 2h, or never (5m)"},
        {"data", 0, OPT_TEXT, "FILE", &o.data, "read minibatches there, not on standard input"},
        {"comm-timeout", 0, OPT_TEXT, "TIME", &o.patience,
         "of several processes: how long one waits for the others (10m)"},
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "save there instead of in place"},
        {"log", 0, OPT_TEXT, "FILE", &o.log, "append a table of costs and logged values"},
        {"log-every", 0, OPT_U64(1, UINT64_MAX), "N", &o.log_every, "a row each N steps (1)"},
        {"times", 0, OPT_FLAG, NULL, &o.times, "log each part's share of the time, too"},
        {"batch", 0, OPT_U64(1, BATCH_MAX), "N", &o.batch,
         "minibatch size of games that read no data"},
        {"statistics", 0, OPT_TEXT, "EXPR", &o.statistics,
         "play nothing; average the batch norm statistics of EXPR over the stream"},
        {"new-data", 0, OPT_FLAG, NULL, &o.new_data,
         "go on with other data than those played so far"},
        {"profile", 0, OPT_FLAG, NULL, &o.profile, "print the time each kernel took"},
        {"quiet", 'q', OPT_FLAG, NULL, &o.quiet, "no progress"},
        {"memory", 0, OPT_BYTES(1, UINT64_MAX), "BYTES", &o.memory,
         "take no more memory, 8G say; compute values again instead of keeping them"},
        {"limit", 0, OPT_U64(1, LIMIT_MAX), "N", &o.limit,
         "let the page take N times as much time and memory to evaluate (1)"},
        {"threads", 't', OPT_U64(1, THREADS_MAX), "N", &o.threads, "threads (all cores)"},
        {0}};
    const Cli cli = {"gan-step", NULL, "CHECKPOINT",
                     "Plays a game with the minibatches on standard input and saves the result.",
                     table};
    int n, status;
    char **operands;
    Run r = {.o = &o, .parent = getppid()};
    cpu_settings(argv);
    tool_start("gan-step");
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (n != 1) return cli_usage(&cli, "expected one checkpoint, found %d operands", n);
    if (o.memory && o.statistics)
        return cli_usage(&cli, "--memory and --statistics exclude each other");
    if (o.steps != UINT64_MAX && o.until != UINT64_MAX)
        return cli_usage(&cli, "--steps and --until exclude each other");
    if (!keep_parse(o.every, &r.keep))
        return cli_usage(&cli, "--checkpoint-every: expected steps or a time, found '%s'", o.every);
    RanksWish wish = {600, say_lost};
    if (o.patience && !keep_parse_time(o.patience, &wish.patience))
        return cli_usage(&cli, "--comm-timeout: expected a time such as 30s or 10m, found '%s'",
                         o.patience);
    if ((status = check_log(&cli, &o, operands[0]))) return status;
    if (o.output && (status = tool_output(o.output, false))) return status;
    int cut = cpu_start((int)o.threads);
    tool_threads(cut, cpu_threads());
    cpu_reserve();
    return run_together(&r, operands[0], &wish);
}
