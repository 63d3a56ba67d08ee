#include "stream/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static bool parse_place(const char *text, FramePlace *out) {
    if (!parse_digits(&text, &out->number) || !out->number || *text++ != '/') return false;
    out->endless = !strcmp(text, "endless");
    if (out->endless || !strcmp(text, "?")) return true;
    return parse_u64(text, &out->total) && out->number <= out->total;
}

int frame_place(const Frame *f, FramePlace *out, Error *err) {
    const char *text = frame_meta(f, FRAME_KEY);
    *out = (FramePlace){0};
    if (!text) return 0;
    if (!parse_place(text, out))
        return fail(err, "metadata %s: expected a place such as 7/20, found '%.40s'", FRAME_KEY,
                    text);
    out->last = out->number == out->total;
    return 0;
}

void frame_set_place(Frame *f, const FramePlace *place) {
    if (place->total)
        frame_set_metaf(f, FRAME_KEY, "%" PRIu64 "/%" PRIu64, place->number, place->total);
    else
        frame_set_metaf(f, FRAME_KEY, "%" PRIu64 "/%s", place->number,
                        place->endless ? "endless" : "?");
}
