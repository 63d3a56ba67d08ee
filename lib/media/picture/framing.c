#include "media/picture/framing.h"

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
    if (!f->height || f->stretch) return 0;
    Box aspect = box_of_aspect(&centre, f->height, f->width);
    *out = (Box){out->y + aspect.y, out->x + aspect.x, aspect.height, aspect.width};
    return 0;
}
