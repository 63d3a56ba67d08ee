/* edges.c: lines of numbers, and the frame of them. */
#include "media/graphs/edges.h"

#include "media/graphs/names.h"
#include "media/sources/source.h"
#include "stream/stream.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { TEXT_MAX = 1 << 30 };

/* ---- lines of numbers ---- */

typedef struct {
    const char *path;
    char *text, *at; /* all of it; where the next line begins, or NULL */
    uint64_t line;   /* the number of the last one */
    char *word;      /* what is left of it */
    char *taken;     /* the last word that was taken */
} Lines;

static int lines_open(Lines *l, const char *path, Error *err) {
    size_t n = 0;
    *l = (Lines){.path = input_name(path)};
    Source *s = source_open(path, err);
    int bad = s ? source_refuse(s, KIND_ANY_TEXT, "lines of numbers", err) : -1;
    if (!bad) bad = source_skip_mark(s, err) || source_text(s, TEXT_MAX, &l->text, &n, err);
    source_close(s);
    if (bad) return -1;
    if (strlen(l->text) != n) return fail(err, "%s: a byte that is 0, expected text", path);
    l->at = l->text;
    return 0;
}

/* Whether there is another line that is not empty and no comment. */
static bool lines_next(Lines *l) {
    while (l->at) {
        char *end = strchr(l->at, '\n');
        if (end) *end = '\0';
        l->word = l->at + strspn(l->at, " \t\r");
        l->at = end ? end + 1 : NULL;
        l->line++;
        if (*l->word && *l->word != '#') return true;
    }
    return false;
}

/* The next word of the line, or NULL. */
static char *next_word(Lines *l) {
    char *word = l->word;
    size_t n = strcspn(word, " \t\r");
    if (!n) return NULL;
    l->taken = word;
    l->word += n;
    if (*l->word) *l->word++ = '\0';
    l->word += strspn(l->word, " \t\r");
    return word;
}

/* Takes the next word if it is this one. */
static bool takes(Lines *l, const char *word) {
    size_t n = strcspn(l->word, " \t\r");
    return n == strlen(word) && !strncmp(l->word, word, n) && next_word(l);
}

static int refuse_word(const Lines *l, const char *word, const char *expected, Error *err) {
    if (!word)
        return fail(err, "%s: line %llu: expected %s", l->path, (unsigned long long)l->line,
                    expected);
    return fail(err, "%s: line %llu: expected %s, found '%s'", l->path, (unsigned long long)l->line,
                expected, word);
}

/* A number below GRAPH_NODES_MAX, which `what` names. */
static int take_number(Lines *l, const char *what, size_t *out, Error *err) {
    char *word = next_word(l), expected[96];
    uint64_t n;
    if (word && parse_u64(word, &n) && n < GRAPH_NODES_MAX) {
        *out = (size_t)n;
        return 0;
    }
    snprintf(expected, sizeof expected, "%s from 0 to %d", what, GRAPH_NODES_MAX - 1);
    return refuse_word(l, word, expected, err);
}

static int take_end(Lines *l, const char *what, Error *err) {
    return *l->word ? refuse_word(l, l->word, what, err) : 0;
}

/* ---- the graph ---- */

typedef struct {
    size_t node, feature;
    float value;
} Has;

typedef struct {
    size_t nodes, features;
    uint64_t *link; /* smaller << 32 | larger */
    size_t links, link_room;
    Has *has;
    size_t count, has_room;
    int64_t *label; /* [label_room], NONE without a line */
    size_t label_room;
    unsigned char *seen; /* [seen_room]: nodes whose features have had their line */
    size_t seen_room;
    bool named; /* nodes and classes are words */
    Names node_name, class_name;
} Network;

enum { NONE = -1 };

/* A number, or with names a word that has one. */
static int take_named(const Network *g, Lines *l, Names *names, const char *what, size_t *out,
                      Error *err) {
    Error why;
    if (!g->named) return take_number(l, what, out, err);
    const char *word = next_word(l);
    if (!word) return refuse_word(l, word, what, err);
    return names_take(names, word, GRAPH_NODES_MAX, out, &why)
               ? fail(err, "%s: line %llu: %s", l->path, (unsigned long long)l->line, why.text)
               : 0;
}

static int take_node(Network *g, Lines *l, const char *what, size_t *out, Error *err) {
    if (take_named(g, l, &g->node_name, what, out, err)) return -1;
    if (*out >= g->nodes) g->nodes = *out + 1;
    return 0;
}

static int ascending(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The links in both directions, in ascending order. */
static int both_ways(Network *g, Error *err) {
    size_t n = g->links;
    if (array_room(&g->link, &g->link_room, 2 * n, sizeof *g->link, "links", err)) return -1;
    for (size_t i = 0; i < n; i++) g->link[n + i] = g->link[i] << 32 | g->link[i] >> 32;
    g->links = 2 * n;
    qsort(g->link, g->links, sizeof *g->link, ascending);
    return 0;
}

static int read_links(Network *g, const EdgesWant *want, EdgesReport *report, Error *err) {
    const char *path = want->edges;
    Lines l;
    int bad = lines_open(&l, path, err);
    while (!bad && lines_next(&l)) {
        size_t a, b;
        bad = take_node(g, &l, "a node", &a, err) || take_node(g, &l, "a second node", &b, err) ||
              take_end(&l, "two nodes a line", err);
        if (bad) break;
        report->loops += a == b;
        if (a == b) continue;
        bad = array_room(&g->link, &g->link_room, g->links + 1, sizeof *g->link, "links", err);
        if (!bad) g->link[g->links++] = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    }
    free(l.text);
    if (bad) return -1;
    if (!g->links) return fail(err, "%s: no links", path);
    qsort(g->link, g->links, sizeof *g->link, ascending);
    size_t kept = 1;
    for (size_t i = 1; i < g->links; i++)
        if (g->link[i] != g->link[kept - 1]) g->link[kept++] = g->link[i];
    report->repeated = g->links - kept;
    g->links = kept;
    return want->both ? both_ways(g, err) : 0;
}

/* "17" or "17:0.25" */
static int take_feature(Lines *l, Has *has, Error *err) {
    char *colon = strchr(l->word, ':'), *end = l->word + strcspn(l->word, " \t\r");
    has->value = 1;
    if (colon && colon < end) {
        double value;
        char kept = *end;
        *end = '\0';
        bool fine = parse_double(colon + 1, &value) && fabs(value) <= 1e38;
        if (!fine) return refuse_word(l, colon + 1, "a value", err);
        *end = kept;
        has->value = (float)value;
        memset(colon, ' ', (size_t)(end - colon));
    }
    return take_number(l, "a feature", &has->feature, err);
}

/* Marks the node whose line this is; an error when it has had one. */
static int once_only(Lines *l, unsigned char **seen, size_t *room, size_t node, Error *err) {
    size_t before = *room;
    if (array_room(seen, room, node + 1, 1, "nodes", err)) return -1;
    memset(*seen + before, 0, *room - before);
    if ((*seen)[node])
        return fail(err, "%s: line %llu: node %s has had a line", l->path,
                    (unsigned long long)l->line, l->taken);
    (*seen)[node] = 1;
    return 0;
}

/* Keeps it; an error when the node has had another value of the feature. last: by feature, the
 * number of the last that was kept, from 1. */
static int keep_feature(Network *g, const Lines *l, const Has *has, size_t **last, size_t *room,
                        Error *err) {
    size_t before = *room, i = has->feature;
    if (array_room(last, room, i + 1, sizeof **last, "features", err) ||
        array_room(&g->has, &g->has_room, g->count + 1, sizeof *g->has, "features", err))
        return -1;
    memset(*last + before, 0, (*room - before) * sizeof **last);
    const Has *earlier = (*last)[i] ? &g->has[(*last)[i] - 1] : NULL;
    if (earlier && earlier->node == has->node && earlier->value != has->value)
        return fail(err, "%s: line %llu: feature %zu is %g and %g", l->path,
                    (unsigned long long)l->line, i, (double)earlier->value, (double)has->value);
    g->has[g->count++] = *has;
    (*last)[i] = g->count;
    if (i >= g->features) g->features = i + 1;
    return 0;
}

static int read_features(Network *g, const char *path, Error *err) {
    Lines l;
    size_t *last = NULL, room = 0;
    int bad = lines_open(&l, path, err);
    while (!bad && lines_next(&l)) {
        Has has;
        bad = take_node(g, &l, "a node", &has.node, err) ||
              once_only(&l, &g->seen, &g->seen_room, has.node, err);
        while (!bad && *l.word)
            bad = take_feature(&l, &has, err) || keep_feature(g, &l, &has, &last, &room, err);
    }
    free(l.text);
    free(last);
    if (!bad && !g->features) bad = fail(err, "%s: no features", path);
    return bad ? -1 : 0;
}

static int read_labels(Network *g, const char *path, Error *err) {
    Lines l;
    unsigned char *seen = NULL;
    size_t room = 0;
    int bad = lines_open(&l, path, err);
    while (!bad && lines_next(&l)) {
        size_t node, label = 0, before = g->label_room;
        bad = take_node(g, &l, "a node", &node, err) || once_only(&l, &seen, &room, node, err);
        bool none = !bad && takes(&l, "-1");
        if (!bad && !none) bad = take_named(g, &l, &g->class_name, "a class", &label, err);
        if (!bad) bad = take_end(&l, "a node and its class a line", err);
        if (!bad)
            bad = array_room(&g->label, &g->label_room, node + 1, sizeof *g->label, "labels", err);
        if (bad) break;
        for (size_t i = before; i < g->label_room; i++) g->label[i] = NONE;
        g->label[node] = none ? NONE : (int64_t)label;
    }
    free(l.text);
    free(seen);
    if (!bad && !g->label) bad = fail(err, "%s: no labels", path);
    return bad ? -1 : 0;
}

/* How many nodes that have features or a class are in no link. */
static int count_alone(const Network *g, uint64_t *count, Error *err) {
    unsigned char *linked = calloc(g->nodes, 1);
    if (!linked) return fail(err, "out of memory");
    for (size_t i = 0; i < g->links; i++)
        linked[g->link[i] >> 32] = linked[g->link[i] & UINT32_MAX] = 1;
    for (size_t i = 0; i < g->nodes; i++) {
        bool told = (i < g->label_room && g->label[i] != NONE) || (i < g->seen_room && g->seen[i]);
        *count += told && !linked[i];
    }
    free(linked);
    return 0;
}

/* ---- the frame ---- */

static void fill_links(const Network *g, int64_t *to) {
    for (size_t i = 0; i < g->links; i++) {
        to[2 * i] = (int64_t)(g->link[i] >> 32);
        to[2 * i + 1] = (int64_t)(g->link[i] & UINT32_MAX);
    }
}

static int write_graph(const Network *g, FILE *out, const char *name, Error *err) {
    Frame f = {0};
    int bad = frame_add(&f, "links", DT_I64, 2, (size_t[]){g->links, 2}, err) < 0;
    if (!bad && g->has)
        bad = frame_add(&f, "features", DT_F32, 2, (size_t[]){g->nodes, g->features}, err) < 0;
    if (!bad && g->label) bad = frame_add(&f, "label", DT_I64, 1, &g->nodes, err) < 0;
    if (!bad) bad = frame_allocate(&f, err);
    if (!bad) {
        fill_links(g, frame_find(&f, "links")->data);
        float *feature = g->has ? frame_find(&f, "features")->data : NULL;
        for (size_t i = 0; i < g->count; i++)
            feature[g->has[i].node * g->features + g->has[i].feature] = g->has[i].value;
        int64_t *label = g->label ? frame_find(&f, "label")->data : NULL;
        for (size_t i = 0; label && i < g->nodes; i++)
            label[i] = i < g->label_room ? g->label[i] : NONE;
        frame_set_metaf(&f, NODES_KEY, "%zu", g->nodes);
        char *classes = g->class_name.words ? names_json(&g->class_name) : NULL;
        if (classes) frame_set_meta(&f, "gan.classes", classes);
        free(classes);
        bad = frame_write(&f, out, name, err);
    }
    frame_free(&f);
    return bad ? -1 : 0;
}

int edges_read(const EdgesWant *want, FILE *out, const char *name, EdgesReport *report,
               Error *err) {
    Network g = {.nodes = (size_t)want->nodes, .named = want->names};
    *report = (EdgesReport){0};
    int bad = read_links(&g, want, report, err);
    if (!bad && want->features) bad = read_features(&g, want->features, err);
    if (!bad && want->labels) bad = read_labels(&g, want->labels, err);
    if (!bad) bad = count_alone(&g, &report->alone, err);
    if (!bad) bad = write_graph(&g, out, name, err);
    if (!bad && g.named) bad = names_write(&g.node_name, want->names, want->names_name, err);
    free(g.link);
    free(g.has);
    free(g.label);
    free(g.seen);
    names_free(&g.node_name);
    names_free(&g.class_name);
    return bad;
}
