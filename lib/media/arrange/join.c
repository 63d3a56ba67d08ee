/* join.c: streams side by side. */
#include "media/arrange/join.h"
#include "media/regroup.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A tensor that is taken: its place in the layout, and its name in the result. */
typedef struct {
    size_t column;
    const char *name;
} Taken;

typedef struct {
    const char *path, *list; /* of tensors, or NULL */
    Reader *reader;
    Frame frame;
    Layout layout;
    Taken *take;
    size_t takes;
    size_t at, rows; /* of the frame: samples used, and all */
    uint64_t used;   /* samples of the frames before it */
    bool frames;     /* the length that counts is that in frames */
    bool ended;
} Part;

typedef struct {
    Part *part;
    size_t count;
    bool frames; /* frame by frame, whatever their samples */
    Arena *arena;
    Str *note;
    Frame facts; /* metadata of the result */
    Frame frame;
} Join;

/* ---- operands ---- */

static void split(Join *j, Part *p, const char *operand) {
    const char *colon = strrchr(operand, ':');
    bool whole = !colon || colon == operand || !strcmp(operand, "-") || !access(operand, F_OK);
    p->path = whole ? operand : arena_strndup(j->arena, operand, (size_t)(colon - operand));
    p->list = whole ? NULL : colon + 1;
}

static int no_tensor(const Part *p, const char *name, size_t n, Error *err) {
    Str list = {0};
    for (size_t i = 0; i < p->layout.count && list.length < 400; i++)
        str_printf(&list, "%s%s", i ? ", " : "", p->layout.columns[i].name);
    fail(err, "%s: no tensor '%.*s'; it has %s", input_name(p->path), (int)n, name, list.text);
    str_free(&list);
    return -1;
}

static int add_take(Join *j, Part *p, const char *text, size_t n, Error *err) {
    const char *equals = memchr(text, '=', n), *old = equals ? equals + 1 : text;
    size_t length = n - (size_t)(old - text);
    for (size_t i = 0; i < p->layout.count; i++) {
        const char *name = p->layout.columns[i].name;
        if (strlen(name) != length || memcmp(name, old, length)) continue;
        p->take[p->takes++] =
            (Taken){i, arena_strndup(j->arena, text, equals ? n - length - 1 : n)};
        return 0;
    }
    return no_tensor(p, old, length, err);
}

static int choose(Join *j, Part *p, Error *err) {
    size_t most = p->list ? 1 : p->layout.count;
    for (const char *c = p->list; c && *c; c++) most += *c == ',';
    p->take = arena_new_array(j->arena, Taken, most);
    for (size_t i = 0; !p->list && i < p->layout.count; i++)
        p->take[p->takes++] = (Taken){i, p->layout.columns[i].name};
    for (const char *at = p->list; at; at = *at ? at + 1 : NULL) {
        size_t n = strcspn(at, ",");
        if (add_take(j, p, at, n, err)) return -1;
        at += n;
    }
    return 0;
}

static int check_names(const Join *j, Error *err) {
    for (size_t b = 0; b < j->count; b++)
        for (size_t k = 0; k < j->part[b].takes; k++)
            for (size_t a = 0; a <= b; a++)
                for (size_t i = 0; i < (a < b ? j->part[a].takes : k); i++)
                    if (!strcmp(j->part[a].take[i].name, j->part[b].take[k].name))
                        return fail(err,
                                    "%s and %s both have a tensor %s: %s:NEW=%s gives one another "
                                    "name",
                                    input_name(j->part[a].path), input_name(j->part[b].path),
                                    j->part[a].take[i].name, input_name(j->part[b].path),
                                    j->part[b].layout.columns[j->part[b].take[k].column].name);
    return 0;
}

/* ---- frames in ---- */

/* The next frame that has samples; p->ended when there is none. */
static int next_frame(Join *j, Part *p, Error *err) {
    while (!p->ended && p->at == p->rows) {
        p->used += p->rows;
        p->at = p->rows = 0;
        int more = reader_next(p->reader, &p->frame, err);
        if (more < 0) return -1;
        p->ended = !more;
        if (!more || !p->frame.tensor_count) continue;
        bool first = !p->layout.count;
        if ((first && layout_take(&p->layout, &p->frame, err)) ||
            layout_match(&p->layout, &p->frame, &p->rows, err))
            return reader_fail_in(p->reader, err);
        if (first && choose(j, p, err)) return -1;
    }
    return 0;
}

static int count_samples(const char *path, uint64_t *n, Error *err) {
    Frame f = {0};
    Reader *r = reader_open(path, err);
    int more;
    *n = 0;
    while ((more = reader_next_header(r, &f, NULL, err)) > 0)
        if (f.tensor_count && f.tensors[0].rank) *n += f.tensors[0].shape[0];
    reader_close(r);
    frame_free(&f);
    return more;
}

/* Files are compared before anything is written. */
static int compare_files(const Join *j, Error *err) {
    const Part *first = NULL;
    uint64_t all = 0, n;
    for (size_t i = 0; i < j->count; i++) {
        const Part *p = &j->part[i];
        if (!strcmp(p->path, "-") || !is_seekable(p->path)) continue;
        if (count_samples(p->path, &n, err)) return -1;
        if (first && n != all)
            return fail(err, "%s holds %" PRIu64 " samples, %s %" PRIu64, input_name(first->path),
                        all, input_name(p->path), n);
        first = p;
        all = n;
    }
    return 0;
}

/* One stream ended, another goes on; what a pipe still holds is not waited for. */
static int lengths_differ(const Part *ended, const Part *goes_on, Error *err) {
    if (goes_on->frames)
        return fail(err, "%s holds %" PRIu64 " frames, %s more", input_name(ended->path),
                    reader_frames(ended->reader), input_name(goes_on->path));
    return fail(err, "%s holds %" PRIu64 " samples, %s more", input_name(ended->path), ended->used,
                input_name(goes_on->path));
}

/* ---- metadata ---- */

/* The key of the result, or NULL when it belongs to a tensor that is not taken. */
static const char *key_of(Join *j, const Part *p, const char *key) {
    static const char classes[] = "gan.classes";
    size_t n = strlen(classes);
    if (strncmp(key, classes, n) || (key[n] && key[n] != '.')) return key;
    const char *tensor = key[n] ? key + n + 1 : "label";
    for (size_t i = 0; i < p->takes; i++) {
        if (strcmp(p->layout.columns[p->take[i].column].name, tensor)) continue;
        const char *name = p->take[i].name;
        return strcmp(name, "label") ? arena_printf(j->arena, "%s.%s", classes, name) : classes;
    }
    return NULL;
}

/* Metadata of the other streams that differ from these. */
static bool differs(Join *j, const Part *p, const char *key, const char *value) {
    for (size_t b = 0; b < j->count; b++)
        for (size_t i = 0; i < j->part[b].layout.facts.meta_count; i++) {
            const Meta *m = &j->part[b].layout.facts.meta[i];
            const char *other = key_of(j, &j->part[b], m->key);
            if (&j->part[b] != p && other && !strcmp(other, key) && strcmp(m->value, value))
                return true;
        }
    return false;
}

static bool is_noted(const Join *j, const char *key) {
    size_t n = strlen(key);
    for (const char *at = j->note->text; at && *at; at += strspn(at, ", ")) {
        size_t length = strcspn(at, ",");
        if (length == n && !memcmp(at, key, n)) return true;
        at += length;
    }
    return false;
}

static void gather_meta(Join *j) {
    for (const Part *p = j->part; p < j->part + j->count; p++)
        for (size_t i = 0; i < p->layout.facts.meta_count; i++) {
            const Meta *m = &p->layout.facts.meta[i];
            const char *key = key_of(j, p, m->key);
            if (key && !differs(j, p, key, m->value))
                frame_set_meta(&j->facts, key, m->value);
            else if (key && !is_noted(j, key))
                str_printf(j->note, "%s%s", j->note->length ? ", " : "", key);
        }
}

/* ---- minibatches ---- */

/* How the minibatches of all streams were made, those of the second with "2:" in front of each
 * entry: "size=32 seed=1 2:size=8 2:seed=5". Says nothing where one of them says nothing. */
static void gather_batches(Join *j) {
    Str how = {0};
    bool known = j->frames;
    for (size_t b = 0; known && b < j->count; b++) {
        const char *at = frame_meta(&j->part[b].frame, BATCHES_KEY);
        known = at != NULL;
        for (size_t n; known && *at; at += n + strspn(at + n, " ")) {
            n = strcspn(at, " ");
            if (how.length) str_printf(&how, " ");
            if (b) str_printf(&how, "%zu:", b + 1);
            str_printf(&how, "%.*s", (int)n, at);
        }
    }
    if (known) frame_set_meta(&j->facts, BATCHES_KEY, how.text);
    str_free(&how);
}

/* The place of the frames that meet, which is the same in each stream that numbers its own. */
static int set_place(Join *j, Error *err) {
    FramePlace all = {0};
    bool known = j->frames;
    for (size_t b = 0; j->frames && b < j->count; b++) {
        const Part *p = &j->part[b], *first = &j->part[0];
        FramePlace place;
        if (frame_place(&p->frame, &place, err)) return reader_fail_in(p->reader, err);
        if (all.number && place.number && all.number != place.number)
            return fail(err,
                        "frame %" PRIu64 " of %s meets frame %" PRIu64 " of %s: both have to begin "
                        "anew, or to go on with gan-data batch --from the same checkpoint",
                        all.number, input_name(first->path), place.number, input_name(p->path));
        known = known && place.number;
        if (!b) all = place;
    }
    if (known) frame_set_place(&j->frame, &all);
    return 0;
}

/* ---- frames out ---- */

/* The samples of the result's frame that a stream gives; the first has n. */
static size_t share(const Join *j, const Part *p, size_t n) { return j->frames ? p->rows : n; }

static int declare(Join *j, size_t n, Error *err) {
    frame_clear(&j->frame);
    for (size_t a = 0; a < j->count; a++) {
        const Part *p = &j->part[a];
        for (size_t i = 0; i < p->takes; i++) {
            const Column *c = &p->layout.columns[p->take[i].column];
            if (column_add(c, share(j, p, n), p->take[i].name, &j->frame, err)) return -1;
        }
    }
    frame_copy_meta(&j->frame, &j->facts);
    if (set_place(j, err)) return -1;
    return frame_allocate(&j->frame, err);
}

static int fill(Join *j, size_t n, Error *err) {
    for (size_t a = 0; a < j->count; a++) {
        Part *p = &j->part[a];
        for (size_t done = 0, part, all = share(j, p, n); done < all; done += part) {
            if (next_frame(j, p, err)) return -1;
            if (p->ended) return lengths_differ(p, &j->part[0], err);
            part = p->rows - p->at < all - done ? p->rows - p->at : all - done;
            for (size_t i = 0; i < p->takes; i++)
                column_copy(&p->layout.columns[p->take[i].column], &p->frame, p->at, part,
                            &j->frame, p->take[i].name, done);
            p->at += part;
        }
    }
    return 0;
}

static int write_all(Join *j, FILE *out, const char *name, Error *err) {
    Part *first = &j->part[0];
    for (size_t a = 0; a < j->count; a++) {
        Part *p = &j->part[a];
        if (!(p->reader = reader_open(p->path, err)) || next_frame(j, p, err)) return -1;
        if (p->ended) return fail(err, "%s: the stream holds no samples", input_name(p->path));
    }
    if (check_names(j, err)) return -1;
    gather_meta(j);
    gather_batches(j);
    while (!first->ended) {
        size_t n = first->rows;
        for (size_t a = 1; a < j->count && j->frames; a++) {
            if (next_frame(j, &j->part[a], err)) return -1;
            if (j->part[a].ended) return lengths_differ(&j->part[a], first, err);
        }
        if (declare(j, n, err) || fill(j, n, err) || frame_write(&j->frame, out, name, err) ||
            next_frame(j, first, err))
            return -1;
    }
    for (size_t a = 1; a < j->count; a++) {
        if (next_frame(j, &j->part[a], err)) return -1;
        if (!j->part[a].ended) return lengths_differ(first, &j->part[a], err);
    }
    return 0;
}

int join_write(char *const *operands, size_t count, bool frames, FILE *out, const char *name,
               Str *note, Error *err) {
    Join j = {.count = count, .frames = frames, .arena = arena_new(NULL), .note = note};
    j.part = arena_new_array(j.arena, Part, count);
    for (size_t i = 0; i < count; i++) {
        split(&j, &j.part[i], operands[i]);
        j.part[i].frames = frames;
    }
    size_t inputs = 0;
    for (size_t i = 0; i < count; i++) inputs += !strcmp(j.part[i].path, "-");
    int bad = inputs > 1 ? fail(err, "only one stream can come from standard input") : 0;
    if (!bad) bad = (!frames && compare_files(&j, err)) || write_all(&j, out, name, err);
    for (size_t i = 0; i < count; i++) {
        reader_close(j.part[i].reader);
        frame_free(&j.part[i].frame);
        layout_free(&j.part[i].layout);
    }
    frame_free(&j.facts);
    frame_free(&j.frame);
    arena_free(j.arena);
    return bad ? -1 : 0;
}
