/* pick.c: samples by number, or by class. */
#include "base/random.h"
#include "media/arrange/choose.h"
#include "media/index.h"
#include "media/sources/paths.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const size_t file_max = (size_t)1 << 30;

/* The numbers of the samples picked. */
typedef struct {
    uint32_t *row;
    size_t count, capacity;
} RowList;

static int rows_add(RowList *l, uint32_t row, Error *err) {
    if (array_room(&l->row, &l->capacity, l->count + 1, sizeof *l->row, "rows", err)) return -1;
    l->row[l->count++] = row;
    return 0;
}

/* ---- by number ---- */

/* "3", "10-19" and mixtures, with commas or white space between. */
static int parse_rows(const char *text, uint64_t samples, RowList *l, Error *err) {
    static const char between[] = ", \t\r\n";
    for (const char *at = text + strspn(text, between); *at; at += strspn(at, between)) {
        uint64_t first, last;
        const char *word = at;
        bool good = parse_digits(&at, &first);
        last = first;
        if (good && *at == '-') good = parse_digits((at++, &at), &last) && first <= last;
        if (!good || (*at && !strchr(between, *at)))
            return fail(err, "expected numbers such as 3 or 10-19, found '%.20s'", word);
        if (last >= samples)
            return fail(err, "row %" PRIu64 ": the stream holds %" PRIu64 " samples, from 0 on",
                        last, samples);
        for (; first <= last; first++)
            if (rows_add(l, (uint32_t)first, err)) return -1;
    }
    return l->count ? 0 : fail(err, "no row is named");
}

static int read_rows(const char *rows, uint64_t samples, RowList *l, Error *err) {
    /* a file's name may begin with a digit */
    bool list = isdigit((unsigned char)*rows) &&
                (!rows[strspn(rows, "0123456789-, \t\r\n")] || access(rows, F_OK));
    if (list) return parse_rows(rows, samples, l, err) ? fail_in(err, "--rows") : 0;
    char *text = NULL;
    size_t length;
    int bad = read_file(rows, file_max, "a list of rows", &text, &length, err);
    if (!bad && parse_rows(text, samples, l, err)) bad = fail_in(err, "%s", rows);
    free(text);
    return bad;
}

/* ---- by class ---- */

/* An item of the list: a class by name or number, or a range of numbers. */
typedef struct {
    int64_t low, high;
    const char *text;
    size_t length;
    bool seen;
} Item;

typedef struct {
    const Index *x;
    const PickWant *want;
    Arena *arena;
    Classes names;
    Item *item;
    size_t items;
    int64_t *label; /* [samples] */
    size_t samples;
    int64_t *class; /* the distinct labels among those wanted, ascending */
    size_t classes;
} Select;

static int take_names(Select *s, Error *err) {
    char key[128] = "gan.classes";
    if (strcmp(s->want->tensor, "label"))
        snprintf(key, sizeof key, "gan.classes.%s", s->want->tensor);
    const char *names = layout_meta(&s->x->layout, key);
    if (names && classes_parse(&s->names, names, s->arena, err))
        return fail_in(err, "%s", s->x->name);
    return 0;
}

static int64_t named(const Select *s, const char *text, size_t length) {
    for (size_t i = 0; i < s->names.count; i++)
        if (strlen(s->names.names[i]) == length && !memcmp(s->names.names[i], text, length))
            return (int64_t)i;
    return -1;
}

/* "3", "-1", "3-5" */
static bool numbers(const char *text, size_t length, Item *to) {
    const char *at = text + (*text == '-');
    uint64_t low, high;
    if (!parse_digits(&at, &low) || low > INT64_MAX) return false;
    high = low;
    bool range = *text != '-' && *at == '-' && (size_t)(at - text) < length;
    if (range && (!parse_digits((at++, &at), &high) || high > INT64_MAX || high < low))
        return false;
    to->low = *text == '-' ? -(int64_t)low : (int64_t)low;
    to->high = *text == '-' ? to->low : (int64_t)high;
    return at == text + length;
}

static int no_class(const Select *s, const char *text, size_t length, Error *err) {
    Str list = {0};
    for (size_t i = 0; i < s->names.count && list.length < 400; i++)
        str_printf(&list, "%s%s", i ? ", " : "", s->names.names[i]);
    if (list.length >= 400) str_printf(&list, ", ...");
    if (s->names.count)
        fail(err, "--label: no class '%.*s'; they are %s", (int)length, text, list.text);
    else
        fail(err, "--label: expected numbers of classes, found '%.*s' (the stream has no names)",
             (int)length, text);
    str_free(&list);
    return -1;
}

/* A name that has a comma in it can be the whole list. */
static int parse_list(Select *s, Error *err) {
    const char *text = s->want->labels;
    size_t most = 1;
    for (const char *c = text; *c; c++) most += *c == ',';
    s->item = arena_new_array(s->arena, Item, most);
    bool whole = named(s, text, strlen(text)) >= 0;
    for (const char *at = text, *end; at; at = *end ? end + 1 : NULL) {
        size_t length = whole ? strlen(at) : strcspn(at, ",");
        Item *i = &s->item[s->items++];
        end = at + length;
        *i = (Item){.text = at, .length = length};
        i->low = i->high = named(s, at, length);
        if (i->low < 0 && !numbers(at, length, i)) return no_class(s, at, length, err);
    }
    return 0;
}

static bool wanted(Select *s, int64_t label) {
    bool yes = !s->items;
    for (size_t i = 0; i < s->items; i++)
        if (label >= s->item[i].low && label <= s->item[i].high) yes = s->item[i].seen = true;
    return yes;
}

/* The classes there are, less those that are not asked for. */
static int find_classes(Select *s, Error *err) {
    size_t kept = 0;
    s->class = data_alloc(s->samples * sizeof *s->class, err);
    if (!s->class) return -1;
    memcpy(s->class, s->label, s->samples * sizeof *s->class);
    s->classes = labels_distinct(s->class, s->samples);
    for (size_t i = 0; i < s->classes; i++)
        if (wanted(s, s->class[i])) s->class[kept++] = s->class[i];
    s->classes = kept;
    for (size_t i = 0; i < s->items; i++)
        if (!s->item[i].seen)
            return fail(err, "%s: no sample is of class %.*s", s->x->name, (int)s->item[i].length,
                        s->item[i].text);
    return 0;
}

static size_t place_of(const Select *s, int64_t label) {
    return label_place(s->class, s->classes, label);
}

static int take_all(const Select *s, RowList *l, Error *err) {
    for (size_t i = 0; i < s->samples; i++)
        if (place_of(s, s->label[i]) != SIZE_MAX && rows_add(l, (uint32_t)i, err)) return -1;
    return 0;
}

static const char *name_of(const Select *s, int64_t label, char *room, size_t size) {
    const char *name = class_name(&s->names, label);
    if (!name) snprintf(room, size, "%" PRId64, label);
    return name ? name : room;
}

static int count_each(const Select *s, const uint64_t *count, uint64_t *each, Error *err) {
    char room[24];
    *each = s->want->each ? s->want->each : UINT64_MAX;
    for (size_t c = 0; c < s->classes; c++) {
        if (count[c] >= *each) continue;
        if (s->want->each)
            return fail(err, "%s: class %s has %" PRIu64 " samples, %" PRIu64 " are asked for",
                        s->x->name, name_of(s, s->class[c], room, sizeof room), count[c], *each);
        *each = count[c];
    }
    return 0;
}

/* Names that no sample has, of those asked for. */
static void note_absent(Select *s, char *to, size_t size) {
    size_t n = 0;
    for (size_t i = 0; i < s->names.count && n < size; i++)
        if (!s->items && place_of(s, (int64_t)i) == SIZE_MAX)
            n += (size_t)snprintf(to + n, size - n, "%s%s", n ? ", " : "", s->names.names[i]);
}

/* `each` of the samples of every class, by a permutation of their own. */
static int take_each(Select *s, uint64_t *first, uint64_t each, RowList *l, Error *err) {
    uint32_t *row = data_alloc(s->samples * sizeof *row, err);
    uint32_t *order = row ? data_alloc(s->samples * sizeof *order, err) : NULL;
    bool *take = order ? calloc(s->samples, sizeof *take) : NULL;
    int bad = take ? 0 : order ? fail(err, "out of memory") : -1;
    for (size_t i = 0; !bad && i < s->samples; i++) { /* sorted by class */
        size_t c = place_of(s, s->label[i]);
        if (c != SIZE_MAX) row[first[c]++] = (uint32_t)i;
    }
    for (size_t c = 0; !bad && c < s->classes; c++) {
        uint64_t start = c ? first[c - 1] : 0;
        random_permutation(s->want->seed, (uint64_t)s->class[c], order,
                           (uint32_t)(first[c] - start));
        for (uint64_t k = 0; k < each; k++) take[row[start + order[k]]] = true;
    }
    for (size_t i = 0; !bad && i < s->samples; i++)
        if (take[i]) bad = rows_add(l, (uint32_t)i, err);
    free(row);
    free(order);
    free(take);
    return bad;
}

static int take_equally(Select *s, RowList *l, PickReport *report, Error *err) {
    uint64_t *count = calloc(s->classes + 1, sizeof *count), before = 0;
    if (!count) return fail(err, "out of memory for %zu classes", s->classes);
    for (size_t i = 0; i < s->samples; i++) {
        size_t c = place_of(s, s->label[i]);
        if (c != SIZE_MAX) count[c]++;
    }
    int bad = count_each(s, count, &report->each, err);
    for (size_t c = 0; c < s->classes; c++) { /* counts become the numbers before */
        uint64_t n = count[c];
        count[c] = before;
        before += n;
    }
    if (!bad) bad = take_each(s, count, report->each, l, err);
    free(count);
    note_absent(s, report->absent, sizeof report->absent);
    return bad;
}

/* Appends, in ascending order, the samples of the classes w->labels (NULL: all), all of them or
 * with w->balance equally many of each. A class that is asked for and that no sample has is an
 * error, and so is one with fewer samples than w->each. */
static int select_rows(const Index *x, const PickWant *w, RowList *l, PickReport *report,
                       Error *err) {
    Select s = {.x = x, .want = w, .samples = (size_t)index_samples(x), .arena = arena_new(NULL)};
    int bad = take_names(&s, err) || (w->labels && parse_list(&s, err));
    if (!bad) bad = (s.label = index_labels(x, w->tensor, err)) ? find_classes(&s, err) : -1;
    report->classes = s.classes;
    if (!bad) bad = w->balance ? take_equally(&s, l, report, err) : take_all(&s, l, err);
    free(s.label);
    free(s.class);
    arena_free(s.arena);
    return bad ? -1 : 0;
}

/* ---- all ---- */

int pick_write(const char *path, const PickWant *want, FILE *out, const char *name,
               PickReport *report, Error *err) {
    Index x;
    RowList l = {0};
    *report = (PickReport){0};
    int bad = index_open(&x, path, false, err);
    if (!bad)
        bad = want->rows ? read_rows(want->rows, index_samples(&x), &l, err)
                         : select_rows(&x, want, &l, report, err);
    report->samples = l.count;
    if (!bad) bad = index_write(&x, l.row, l.count, want->repeat, want->per_frame, out, name, err);
    index_free(&x);
    free(l.row);
    return bad ? -1 : 0;
}
