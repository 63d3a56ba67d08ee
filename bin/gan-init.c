/* gan-init: from a page to a checkpoint with initial weights. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cli.h"
#include "game/frozen.h"
#include "game/game.h"
#include "game/weights.h"
#include "graph/shards.h"
#include "page/find.h"
#include "tensor/cpu.h"

/* No seed that can be given: --seed ends at the number below that a double can hold. */
static const uint64_t NO_SEED = UINT64_MAX;
static const double SEED_MAX = 18446744073709549568.0;

typedef struct {
    const char *output, *go_on, *dump;
    TextList define, from;
    uint64_t seed;   /* NO_SEED: not given */
    uint64_t batch;  /* 0: not given */
    uint64_t shards; /* the same */
    uint64_t memory, limit, threads;
    bool plan, functions, partial, no_moments;
} Options;

static void print_functions(void) {
    for (int t = 0; t < BUILTIN_TABLES; t++) {
        const Builtin *f;
        for (int i = 0; (f = builtin_get((BuiltinTable)t, i)); i++) {
            char call[200];
            snprintf(call, sizeof call, "%s(%s)", f->name, f->signature);
            printf("%s\n    %s\n", call, f->help);
        }
        if (t != BUILTIN_FUNCTIONS) putchar('\n'); /* the next table goes on with it */
    }
}

static unsigned how(const Options *o) {
    return (o->partial ? WEIGHTS_PARTIAL : 0) | (o->no_moments ? WEIGHTS_ALONE : 0);
}

/* Takes over what another checkpoint or file of weights has. */
static int take_weights(Model *m, const char *from, unsigned how, Error *err) {
    Weights w;
    int r = weights_take(m, from, how, &w, err);
    if (!r) tool_say("%s: %s", from, w.text.text);
    weights_free(&w);
    return r;
}

static void say_unset(const char *name, const char *value) {
    tool_say("the page has no option %s: %s=%s is left", name, name, value);
}

/* The run as it stands, with the same or another page and what -D changes. Its tensors are taken
 * once the page has been built. */
static int load_run(const Options *o, Model *m, const char *page, Error *err) {
    if (model_load(m, o->go_on, err)) return -1;
    if (page && model_read_page(m, page, err)) return -1;
    if (o->partial) model_unset_strange(m, say_unset);
    m->store->source = NULL;
    m->store->fixed = false;
    return 0;
}

static int take_run(const Options *o, Model *m, Error *err) {
    Weights w;
    int r = weights_go_on(m, o->go_on, how(o) | (o->from.count ? WEIGHTS_MORE : 0), &w, err);
    if (!r) tool_say("%s: step %" PRIu64 ", %s", o->go_on, m->step, w.text.text);
    weights_free(&w);
    return r ? r : model_settle(m, err);
}

static void say_initial(const char *net) {
    tool_say("%s: has its initial weights, and nobody trains it", net);
}

static void say_moments(const char *player) {
    tool_say("%s: all moments of the player begin anew, as those of some weights do", player);
}

/* The first of its kind, or NULL. */
static const Statement *find_statement(const Model *m, StatementKind kind) {
    for (int i = 0; i < m->page.count; i++)
        if (m->page.statements[i].kind == kind) return &m->page.statements[i];
    return NULL;
}

/* What is written to standard output, and what is warned of. */
typedef struct {
    Str plan, dump, warnings;
    bool dumps, factors, dot; /* dumps: of a view of plans */
    PlanView view;
} Report;

/* factors, graph, fused, plan or layers, and .dot behind the first four for a picture */
static bool find_view(const char *text, Report *r) {
    static const char *const views[] = {"graph", "fused", "plan", "layers"};
    size_t length = strcspn(text, ".");
    r->dot = !strcmp(text + length, ".dot");
    r->factors = length == strlen("factors") && !strncmp(text, "factors", length);
    r->dumps = !r->factors;
    if (r->factors) return r->dot || !text[length];
    for (size_t i = 0; i < sizeof views / sizeof *views; i++)
        if (strlen(views[i]) == length && !strncmp(text, views[i], length)) {
            r->view = (PlanView)i;
            return r->dot ? r->view != VIEW_LAYERS : !text[length];
        }
    return false;
}

/* The default sample may use nets no player does. */
static int check_sample(const Model *m, bool cost, Report *r, Error *err) {
    const Statement *s = find_statement(m, ST_SAMPLE);
    if (!s) return 0;
    Arena *arena = arena_new(NULL);
    const char *name = "sample";
    Expr *e = s->expr;
    const Program *p = program_sample(arena, m, 1, &name, &e, m->batch, &(SampleMode){0}, err);
    if (p && r->dumps) plan_dump(program_plan(p), r->view, r->dot, name, &r->dump);
    if (p && cost) {
        PlanCost c = plan_cost(program_plan(p));
        str_printf(&r->plan,
                   "sample of %zu: %d kernels, %.3f GFLOP, moves %.1f MiB, values %.1f MiB, "
                   "scratch %.1f MiB\n",
                   (size_t)m->batch, c.kernels, c.flops * 1e-9, c.traffic / 1048576,
                   (double)c.value_bytes / 1048576, (double)c.scratch_bytes / 1048576);
    }
    arena_free(arena);
    return p ? 0 : -1;
}

/* A page without players is for what it names. */
static int check_functions(Model *m, Report *r, Error *err) {
    if (model_evaluate(m, err)) return -1;
    model_describe(m, &r->plan);
    return check_sample(m, true, r, err);
}

static int check_game(Model *m, Report *r, Error *err) {
    Game *g = game_new(m, err);
    if (!g) return -1;
    int bad = game_fit(g, err);
    if (!bad && r->dumps) game_dump(g, r->view, r->dot, &r->dump);
    if (!bad) bad = check_sample(m, false, r, err);
    if (!bad) game_describe(g, &r->plan);
    game_free(g);
    return bad;
}

static int print_report(const Options *o, Report *r, Error *err) {
    char cpu[128];
    cpu_describe(cpu, sizeof cpu);
    if (o->plan) {
        str_printf(&r->plan, "processor: %s\n", cpu);
        fwrite(r->plan.text, 1, r->plan.length, stdout);
    }
    if (r->dot) fputs("digraph {\nrankdir=BT;\n", stdout);
    if (r->dump.length) fwrite(r->dump.text, 1, r->dump.length, stdout);
    if (r->dot) fputs("}\n", stdout);
    errno = 0;
    if (!fflush(stdout)) return 0;
    return fail(err, "standard output: cannot write: %s", strerror(errno ? errno : EIO));
}

static void say_warnings(const Str *lines) {
    for (const char *at = lines->text, *end; at && *at; at = end + 1) {
        end = strchr(at, '\n');
        tool_say("warning: %.*s", (int)(end - at), at);
    }
}

/* What is asked for; without -o, --plan and --dump the page is checked only. */
static int make(const Options *o, Model *m, Report *report, Error *err) {
    if (o->shards) m->shards = o->shards;
    if (o->batch)
        m->batch = o->batch;
    else if (m->batch % m->shards || m->batch / m->shards < SHARD_LEAST)
        m->batch =
            m->shards * (m->batch / m->shards > SHARD_LEAST ? m->batch / m->shards : SHARD_LEAST);
    m->memory = o->memory;
    m->settings.limits = limits_times(o->limit);
    m->settings.warnings = &report->warnings;
    bool plays = find_statement(m, ST_PLAYER) != NULL;
    if (model_graphs(m, report->dot, report->factors ? &report->dump : NULL, err)) return -1;
    if (report->factors && !report->dump.length)
        return fail(err, "%s: the page has no graph", m->page_name);
    if (plays ? check_game(m, report, err) : check_functions(m, report, err)) return -1;
    say_warnings(&report->warnings);
    if (o->go_on && take_run(o, m, err)) return -1;
    for (size_t i = 0; i < o->from.count; i++)
        if (take_weights(m, o->from.items[i], how(o), err)) return -1;
    if (o->go_on && o->from.count && !o->partial && weights_found(m, err))
        return fail_in(err, "%s", o->go_on);
    if (o->from.count || o->go_on) weights_moments(m, say_moments);
    if (o->from.count || plays) weights_initial(m, say_initial);
    store_follow(m->store);
    if ((o->plan || o->dump) && print_report(o, report, err)) return -1;
    if (o->output) return model_save(m, o->output, NULL, err);
    if (!o->plan && !o->dump) tool_say("%s: good", m->page_name);
    return 0;
}

/* name: of the page, or NULL for that of the run that goes on */
static int run(const Options *o, const char *name, Report *report, Error *err) {
    Arena *arena = arena_new(NULL);
    const char *page = name ? find_page(arena, name) : NULL;
    Model m = {0};
    int r = o->go_on
                ? load_run(o, &m, page, err)
                : model_from_page(&m, page, &(Settings){0}, o->seed == NO_SEED ? 0 : o->seed, err);
    if (!r) m.store->undrawn = !o->output;
    if (!r) r = model_define(&m, o->define.items, o->define.count, err);
    if (!r) frozen_start(&m);
    if (!r) r = make(o, &m, report, err);
    str_free(&report->plan), str_free(&report->dump), str_free(&report->warnings);
    model_free(&m);
    arena_free(arena);
    return r;
}

int main(int argc, char **argv) {
    Options o = {.seed = NO_SEED};
    const Opt table[] = {
        {"output", 'o', OPT_TEXT, "FILE", &o.output, "checkpoint to write"},
        {"define", 'D', OPT_PAIRS, "NAME=VALUE", &o.define, "set an option of the page"},
        {"seed", 0, OPT_U64(0, SEED_MAX), "N", &o.seed, "seed of weights, noise and all else (0)"},
        {"from", 0, OPT_LIST, "[NET=[NAME=]]FILE", &o.from,
         "take over tensors of the same names, or those of a net"},
        {"continue", 0, OPT_TEXT, "RUN", &o.go_on,
         "go on with this checkpoint, with -D or PAGE changed"},
        {"no-moments", 0, OPT_FLAG, NULL, &o.no_moments, "take weights alone; moments begin anew"},
        {"partial", 0, OPT_FLAG, NULL, &o.partial, "take what fits; the rest has initial values"},
        {"plan", 0, OPT_FLAG, NULL, &o.plan, "print parameters, work and memory"},
        {"dump", 0, OPT_TEXT, "factors|graph|fused|plan[.dot]|layers", &o.dump,
         "print the factors of the page's graphs, or what it is compiled to, or its picture for "
         "Graphviz, or what its layers cost"},
        {"batch", 0, OPT_U64(1, BATCH_MAX), "N", &o.batch, "minibatch size to plan for (64)"},
        {"shards", 0, OPT_U64(1, SHARDS_MAX), "N", &o.shards,
         "cut each minibatch into N parts, which processes can share (1)"},
        {"functions", 0, OPT_FLAG, NULL, &o.functions,
         "list the layers and functions of the language"},
        {"memory", 0, OPT_BYTES(1, UINT64_MAX), "BYTES", &o.memory,
         "plan for no more memory, 8G say, see gan-step"},
        {"limit", 0, OPT_U64(1, LIMIT_MAX), "N", &o.limit,
         "let the page take N times as much time and memory to evaluate (1)"},
        {"threads", 't', OPT_U64(1, THREADS_MAX), "N", &o.threads, "threads (all cores)"},
        {0}};
    const Cli cli = {"gan-init", NULL, "[PAGE]",
                     "Checks a page, draws its initial weights and writes a checkpoint.", table};
    int n, status;
    char **operands;
    tool_start("gan-init");
    if (cli_parse(&cli, argc, argv, &n, &operands, &status)) return status;
    if (o.functions) {
        print_functions();
        return tool_end_text();
    }
    if (n > 1 || (!n && !o.go_on))
        return cli_usage(&cli, "expected one page, found %d operands", n);
    Report report = {0};
    if (o.dump && !find_view(o.dump, &report))
        return cli_usage(
            &cli,
            "--dump: expected factors, graph, fused or plan, or one of them and .dot, or "
            "layers, found '%s'",
            o.dump);
    if (o.dump && o.plan && report.dot)
        return cli_usage(&cli, "--plan and a picture do not go into one output");
    if (o.go_on && o.seed != NO_SEED)
        return cli_usage(&cli, "--seed: a run that goes on has its own");
    if (o.output && (status = tool_output(o.output, false))) return status;
    int cut = cpu_start((int)o.threads);
    tool_threads(cut, cpu_threads());
    Error err;
    return run(&o, n ? operands[0] : NULL, &report, &err) ? tool_fail(&err) : 0;
}
