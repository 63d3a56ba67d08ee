#include "media/arrange/maps.h"

#include "media/regroup.h"
#include "media/sources/paths.h"
#include "media/sources/source.h"

#include <stdlib.h>
#include <string.h>

#define NAMES "gan.classes.segment"
enum { COLOURS_MAX = 4096, PALETTE_MAX = 1 << 20, NAME_MAX_BYTES = 64 };

/* A colour and its label; several may have one. */
typedef struct {
    unsigned char rgb[3], label;
    char name[NAME_MAX_BYTES]; /* what stands behind it in the file, or empty */
} Colour;

typedef struct {
    const MapsWant *want;
    Colour *colour;
    size_t colours, labels; /* labels: numbers are below it */
    char *names;            /* of the labels, for metadata; NULL: they have none */
    Frame frame;
    Regroup out;
} Maps;

/* ---- the palette ---- */

/* The label of a new colour: that of the first of its name, or the next one. */
static size_t label_of_name(const Maps *m, const char *name) {
    for (size_t i = 0; *name && i < m->colours; i++)
        if (!strcmp(m->colour[i].name, name)) return m->colour[i].label;
    return m->labels;
}

static int take_colour(Maps *m, const char *at, unsigned long long line, Error *err) {
    const char *path = m->want->palette;
    Colour c = {0};
    for (int k = 0; k < 3; k++) {
        uint64_t v;
        at += strspn(at, " \t");
        if (!parse_digits(&at, &v) || v > 255 || (*at && !strchr(" \t\r", *at)))
            return fail(err, "%s: line %llu: expected red, green and blue from 0 to 255", path,
                        line);
        c.rgb[k] = (unsigned char)v;
    }
    at += strspn(at, " \t");
    size_t n = strcspn(at, "\r");
    while (n && strchr(" \t", at[n - 1])) n--;
    if (n >= sizeof c.name)
        return fail(err, "%s: line %llu: a name of %zu bytes, expected at most %zu", path, line, n,
                    sizeof c.name - 1);
    memcpy(c.name, at, n);
    for (size_t i = 0; i < m->colours; i++)
        if (!memcmp(m->colour[i].rgb, c.rgb, 3))
            return fail(err, "%s: line %llu: this colour has had a line", path, line);
    size_t label = label_of_name(m, c.name);
    if (label == MAPS_LABELS || m->colours == COLOURS_MAX)
        return fail(err, "%s: line %llu: at most %d labels and %d colours", path, line, MAPS_LABELS,
                    COLOURS_MAX);
    c.label = (unsigned char)label;
    if (label == m->labels) m->labels++;
    m->colour[m->colours++] = c;
    return 0;
}

/* The names of labels; one that has none is called by its number. */
static int take_names(Maps *m, Error *err) {
    char number[MAPS_LABELS][8];
    const char *name[MAPS_LABELS];
    bool any = false;
    for (size_t i = m->colours; i-- > 0;) { /* the first colour of a label last */
        const Colour *c = &m->colour[i];
        snprintf(number[c->label], sizeof number[c->label], "%d", c->label);
        name[c->label] = *c->name ? c->name : number[c->label];
        any |= *c->name != '\0';
    }
    size_t n = m->labels < m->want->labels || !m->want->labels ? m->labels : m->want->labels;
    if (any && !(m->names = classes_json(&(Classes){name, n}, "name of a label", err)))
        return fail_in(err, "%s", m->want->palette);
    return 0;
}

static int read_palette(Maps *m, Error *err) {
    char *text = NULL;
    size_t n = 0;
    Source *s = source_open(m->want->palette, err);
    int bad = s ? source_refuse(s, KIND_ANY_TEXT, "lines of colours", err) : -1;
    if (!bad) bad = source_skip_mark(s, err) || source_text(s, PALETTE_MAX, &text, &n, err);
    source_close(s);
    m->colour = bad ? NULL : data_alloc(COLOURS_MAX * sizeof *m->colour, err);
    if (!m->colour) bad = -1;
    unsigned long long line = 1;
    for (char *at = text, *end; !bad && at; at = end, line++) {
        end = strchr(at, '\n');
        if (end) *end++ = '\0';
        at += strspn(at, " \t\r");
        if (*at && *at != '#') bad = take_colour(m, at, line, err);
    }
    free(text);
    if (!bad && !m->colours) bad = fail(err, "%s: no colours", m->want->palette);
    if (!bad && m->labels < m->want->labels)
        bad = fail(err, "%s: colours of %zu labels, expected %zu", m->want->palette, m->labels,
                   m->want->labels);
    return bad || take_names(m, err) ? -1 : 0;
}

static const Colour *colour_like(const Maps *m, const unsigned char *rgb) {
    for (size_t i = 0; i < m->colours; i++)
        if (!memcmp(m->colour[i].rgb, rgb, 3)) return &m->colour[i];
    return NULL;
}

/* ---- frames ---- */

static bool has_colours(const Tensor *maps) { return maps->shape[3] == 3; }

static int check(const Maps *m, const Tensor *t, Error *err) {
    char buf[200];
    bool draw = m->want->draw, palette = m->want->palette != NULL;
    int rank = draw ? 3 : 4;
    bool fits = t->rank == rank && (draw || t->shape[3] == 1 || (palette && has_colours(t))) &&
                (draw ? !dtype_is_real(t->dtype)
                      : t->dtype == DT_U8 || (t->dtype == DT_U16 && !has_colours(t)));
    if (fits) return 0;
    return fail(err, "tensor %s is %s: expected %s", t->name,
                shape_text(t->rank, t->shape, buf, sizeof buf),
                draw      ? "whole numbers [N,H,W]"
                : palette ? "numbers U8 or U16 [N,H,W,1], or colours U8 [N,H,W,3]"
                          : "U8 or U16 [N,H,W,1]; colours need --palette");
}

static int declare(Maps *m, const Frame *from, const Tensor *maps, Error *err) {
    const char *made = m->want->draw ? "image" : "segment";
    frame_clear(&m->frame);
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i];
        if (t != maps && !strcmp(t->name, made))
            return fail(err, "the stream has a tensor %s already", made);
        size_t shape[4] = {0, 0, 0, 3};
        if (t == maps) memcpy(shape, t->shape, 3 * sizeof *shape);
        int bad = t == maps ? frame_add(&m->frame, made, m->want->draw ? DT_U8 : t->dtype,
                                        m->want->draw ? 4 : 3, shape, err) < 0
                            : frame_add(&m->frame, t->name, t->dtype, t->rank, t->shape, err) < 0;
        if (bad) return -1;
    }
    for (size_t i = 0; i < from->meta_count; i++)
        if (strncmp(from->meta[i].key, "gan.crc32", 9) && strcmp(from->meta[i].key, NAMES))
            frame_set_meta(&m->frame, from->meta[i].key, from->meta[i].value);
    if (m->names && !m->want->draw) frame_set_meta(&m->frame, NAMES, m->names);
    return frame_allocate(&m->frame, err);
}

/* What stands at pixel i, which is no label. */
static int refuse(const Maps *m, const Tensor *t, size_t i, Error *err) {
    size_t width = t->shape[2], pixels = t->shape[1] * width;
    char place[96];
    snprintf(place, sizeof place, "map %zu, row %zu, column %zu", i / pixels, i % pixels / width,
             i % width);
    if (!m->want->draw && has_colours(t)) {
        const unsigned char *rgb = (const unsigned char *)t->data + 3 * i;
        bool grey = rgb[0] == rgb[1] && rgb[1] == rgb[2];
        return fail(err, "%s: colour %d %d %d is not in the palette%s", place, rgb[0], rgb[1],
                    rgb[2], grey ? "; if it is a number, take the maps with images --index" : "");
    }
    return fail(err, "%s: label %g, expected 0 to %zu", place, tensor_get(t, i), m->labels - 1);
}

/* Labels of pixels, from numbers or colours. */
static int to_labels(const Maps *m, const Tensor *t, void *out, Error *err) {
    const unsigned char *from = t->data;
    const uint16_t *wide = t->dtype == DT_U16 ? t->data : NULL;
    unsigned char *to = out;
    uint16_t *wide_to = out;
    const Colour *last = NULL;
    bool colours = has_colours(t);
    size_t n = t->shape[0] * t->shape[1] * t->shape[2];
    for (size_t i = 0; i < n; i++) {
        size_t label = colours ? 0 : wide ? wide[i] : from[i];
        if (colours) {
            if (!last || memcmp(last->rgb, from + 3 * i, 3)) last = colour_like(m, from + 3 * i);
            if (!last) return refuse(m, t, i, err);
            label = last->label;
        }
        if (m->want->other[label])
            label = m->labels;
        else if (label >= m->labels)
            return refuse(m, t, i, err);
        if (!wide && label > UINT8_MAX)
            return fail(err, "tensor %s is U8, which has no room for %zu", t->name, label);
        if (wide)
            wide_to[i] = (uint16_t)label;
        else
            to[i] = (unsigned char)label;
    }
    return 0;
}

static int to_colours(const Maps *m, const Tensor *t, unsigned char *to, Error *err) {
    for (size_t i = 0; i < t->count; i++, to += 3) {
        double label = tensor_get(t, i);
        if (label == (double)m->labels) continue;
        const Colour *c = NULL;
        for (size_t k = 0; k < m->colours && !c; k++)
            if ((double)m->colour[k].label == label) c = &m->colour[k];
        if (!c) return refuse(m, t, i, err);
        memcpy(to, c->rgb, 3);
    }
    return 0;
}

static int convert(Maps *m, const Frame *from, Error *err) {
    const Tensor *maps = frame_find(from, m->want->tensor);
    if (!maps) return fail(err, "no tensor %s", m->want->tensor);
    if (check(m, maps, err) || declare(m, from, maps, err)) return -1;
    for (size_t i = 0; i < from->tensor_count; i++) {
        const Tensor *t = &from->tensors[i], *to = frame_find(&m->frame, t->name);
        if (t != maps && t->count) memcpy(to->data, t->data, t->count * dtype_size(t->dtype));
    }
    void *to = frame_find(&m->frame, m->want->draw ? "image" : "segment")->data;
    if (m->want->draw ? to_colours(m, maps, to, err) : to_labels(m, maps, to, err)) return -1;
    return regroup_add(&m->out, &m->frame, 0, UINT64_MAX, err);
}

int maps_write(const char *path, const MapsWant *want, FILE *out, const char *name, Error *err) {
    Maps m = {.want = want};
    Frame f = {0};
    int more = want->palette && read_palette(&m, err) ? -1 : 1;
    if (want->labels) m.labels = want->labels;
    if (!m.labels) m.labels = MAPS_NUMBERS;
    Reader *r = more > 0 ? reader_open(path, err) : NULL;
    if (!r) more = -1;
    regroup_start(&m.out, 0, out, name);
    while (more > 0 && (more = reader_next(r, &f, err)) > 0)
        if (f.tensor_count && convert(&m, &f, err)) more = reader_fail_in(r, err);
    more = regroup_end(&m.out, more < 0, err);
    reader_close(r);
    frame_free(&f);
    frame_free(&m.frame);
    free(m.colour);
    free(m.names);
    return more;
}
