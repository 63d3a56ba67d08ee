#include "media/picture/framing.h"

#include <string.h>

size_t framing_channels(const Framing *f) { return (f->grey ? 1U : 3U) + (f->alpha == ALPHA_KEEP); }

/* The centre of a box; none of height 0. */
static int cut_centre(Box *box, size_t height, size_t width, Error *err) {
    Picture all = {.height = box->height, .width = box->width};
    if (!height) return 0;
    if (all.height < height || all.width < width)
        return fail(err, "%zux%zu pixels, smaller than the %zux%zu to cut out", all.width,
                    all.height, width, height);
    Box centre = box_of_size(&all, height, width);
    *box = (Box){box->y + centre.y, box->x + centre.x, centre.height, centre.width};
    return 0;
}

/* How long a side becomes when one of length `of` becomes `to`. */
static size_t scaled(size_t side, size_t to, size_t of) {
    size_t n = (size_t)((double)side * (double)to / (double)of + 0.5);
    return n ? n : 1;
}

/* The whole box, as large as fits. */
static Scaling scaling_inside(Box box, size_t height, size_t width) {
    bool high = (double)box.height * (double)width > (double)box.width * (double)height;
    return high ? scaling_of(box, height, scaled(box.width, height, box.height))
                : scaling_of(box, scaled(box.height, width, box.width), width);
}

int framing_cut(const Framing *f, Box frame, Scaling *out, Error *err) {
    Box box = frame;
    if (cut_centre(&box, f->crop_height, f->crop_width, err)) return -1;
    if (f->height && !f->stretch && !f->pad) {
        Picture all = {.height = box.height, .width = box.width};
        Box aspect = box_of_aspect(&all, f->height, f->width);
        box = (Box){box.y + aspect.y, box.x + aspect.x, aspect.height, aspect.width};
    }
    *out = f->pad      ? scaling_inside(box, f->height, f->width)
           : f->height ? scaling_of(box, f->height, f->width)
                       : scaling_of(box, box.height, box.width);
    return cut_centre(&out->kept, f->then_height, f->then_width, err);
}

void framing_size(const Framing *f, const Scaling *s, size_t *height, size_t *width) {
    *height = f->pad ? f->height : s->kept.height;
    *width = f->pad ? f->width : s->kept.width;
}

int framing_resize(const Framing *f, Resizer *r, const Picture *p, const Scaling *s,
                   unsigned char *out, Error *err) {
    if (picture_resize(r, p, s, f->filter, out, err)) return -1;
    if (!f->pad) return 0;
    /* rows move to their places from the last on, as each goes behind where it was */
    size_t rows = s->kept.height, depth = (size_t)p->channels, line = s->kept.width * depth;
    size_t full = f->width * depth, before = (f->width - s->kept.width) / 2 * depth;
    size_t above = (f->height - rows) / 2;
    for (size_t y = f->height; y-- > 0;) {
        unsigned char *to = out + y * full;
        bool inside = y >= above && y < above + rows;
        if (inside) memmove(to + before, out + (y - above) * line, line);
        memset(to, 0, inside ? before : full);
        if (inside) memset(to + before + line, 0, full - before - line);
    }
    return 0;
}
