#include "game/origin.h"

#include <inttypes.h>
#include <string.h>

/* The value of a key in "key=value key=value"; its length, 0 when there is none. */
static size_t value_of(const char *text, const char *key, size_t key_length, const char **value) {
    for (const char *at = text; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " ");
        if (n > key_length && !strncmp(at, key, key_length) && at[key_length] == '=') {
            *value = at + key_length + 1;
            return n - key_length - 1;
        }
        at += n;
    }
    return 0;
}

/* Appends the entries of a that b has with another value, or does not have; but a pipe does not
 * know its data beforehand. */
static void differences(const char *a, const char *b, Str *out) {
    for (const char *at = a; *at; at += strspn(at, " ")) {
        size_t n = strcspn(at, " "), key = strcspn(at, "=");
        const char *other;
        size_t length = value_of(b, at, key, &other);
        bool same = length && length == n - key - 1 && !strncmp(other, at + key + 1, length);
        bool unknown = !length && key >= 4 && !strncmp(at + key - 4, "data", 4);
        if (!same && !unknown) str_printf(out, "%s%.*s", out->length ? ", " : "", (int)n, at);
        at += n;
    }
}

static int differs(const Model *m, const char *now, Error *err) {
    Str here = {0}, before = {0};
    differences(now, m->source, &here);
    differences(m->source, now, &before);
    int bad = 0;
    if (here.length || before.length)
        bad = fail(err,
                   "standard input: made with %s, and the data played so far with %s; --new-data "
                   "goes on all the same",
                   here.length ? here.text : now, before.length ? before.text : m->source);
    str_free(&here);
    str_free(&before);
    return bad;
}

int origin_accept(Model *m, const Frame *first, bool new_data, Error *note, Error *err) {
    FramePlace place;
    const char *now = frame_meta(first, BATCHES_KEY);
    note->text[0] = 0;
    if (frame_place(first, &place, err)) return fail_in(err, "standard input");
    if (!now) {
        if (m->source)
            fail(note, "the data do not say how they were made: whether they go on those played so "
                       "far is not known");
        return 0;
    }
    uint64_t before = place.number - (first->tensor_count > 0);
    if (!new_data && m->source && differs(m, now, err)) return -1;
    if (!new_data && place.number && before != m->frames)
        return fail(err,
                    "standard input: begins with frame %" PRIu64 ", and %" PRIu64 " have been "
                    "consumed: gan-data batch --from the checkpoint goes on behind them, "
                    "--new-data takes these",
                    before + 1, m->frames);
    if (place.number) m->frames = before;
    m->source = arena_strdup(m->arena, now);
    return 0;
}
