#include "media/picture/framing.h"

#include <string.h>

size_t framing_channels(const Framing *f) { return (f->grey ? 1U : 3U) + (f->alpha == ALPHA_KEEP); }

int framing_cut(const Framing *f, Box frame, Box *out, Error *err) {
    Picture centre = {.height = frame.height, .width = frame.width};
    *out = frame;
    if (f->crop_height) {
        if (frame.height < f->crop_height || frame.width < f->crop_width)
            return fail(err, "%zux%zu pixels, smaller than the %zux%zu to cut out", frame.width,
                        frame.height, f->crop_width, f->crop_height);
        Box box = box_of_size(&centre, f->crop_height, f->crop_width);
        *out = (Box){frame.y + box.y, frame.x + box.x, box.height, box.width};
        centre.height = box.height;
        centre.width = box.width;
    }
    if (!f->height || f->stretch || f->pad) return 0;
    Box aspect = box_of_aspect(&centre, f->height, f->width);
    *out = (Box){out->y + aspect.y, out->x + aspect.x, aspect.height, aspect.width};
    return 0;
}

/* How long a side becomes when one of length `of` becomes `to`. */
static size_t scaled(size_t side, size_t to, size_t of) {
    size_t n = (size_t)((double)side * (double)to / (double)of + 0.5);
    return n ? n : 1;
}

int framing_resize(const Framing *f, Resizer *r, const Picture *p, Box box, size_t height,
                   size_t width, unsigned char *out, Error *err) {
    if (!f->pad) return picture_resize(r, p, box, height, width, f->filter, out, err);
    bool high = (double)box.height * (double)width > (double)box.width * (double)height;
    size_t rows = high ? height : scaled(box.height, width, box.width);
    size_t columns = high ? scaled(box.width, height, box.height) : width;
    if (picture_resize(r, p, box, rows, columns, f->filter, out, err)) return -1;
    /* rows move to their places from the last on, as each goes behind where it was */
    size_t depth = (size_t)p->channels, line = columns * depth, full = width * depth;
    size_t above = (height - rows) / 2, before = (width - columns) / 2 * depth;
    for (size_t y = height; y-- > 0;) {
        unsigned char *to = out + y * full;
        bool inside = y >= above && y < above + rows;
        if (inside) memmove(to + before, out + (y - above) * line, line);
        memset(to, 0, inside ? before : full);
        if (inside) memset(to + before + line, 0, full - before - line);
    }
    return 0;
}
