/* exif.c: how a camera was held, from the notes it left in a picture, through libexif. */
#include "media/picture/codec.h"

#include <libexif/exif-data.h>
#include <stdlib.h>
#include <string.h>

static const char mark[6] = "Exif\0"; /* and another NUL */
enum { MARK = sizeof mark, BLOCK_MAX = 65533 /* libexif reads no further */ };

int exif_marked(const unsigned char *bytes, size_t n) {
    if (n <= MARK || memcmp(bytes, mark, MARK)) return 0;
    ExifData *data = exif_data_new();
    if (!data) return 0;
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION); /* read, don't mend */
    exif_data_load_data(data, bytes, n < BLOCK_MAX ? (unsigned)n : BLOCK_MAX);
    const ExifEntry *e = exif_content_get_entry(data->ifd[EXIF_IFD_0], EXIF_TAG_ORIENTATION);
    int orientation = 0;
    if (e && e->format == EXIF_FORMAT_SHORT && e->size >= 2)
        orientation = exif_get_short(e->data, exif_data_get_byte_order(data));
    exif_data_unref(data);
    return orientation >= 1 && orientation <= 8 ? orientation : 0;
}

int exif_orientation(const unsigned char *bytes, size_t n) {
    if (n > BLOCK_MAX - MARK) n = BLOCK_MAX - MARK;
    unsigned char *marked = malloc(MARK + n);
    if (!marked) return 0;
    memcpy(marked, mark, MARK);
    memcpy(marked + MARK, bytes, n);
    int orientation = exif_marked(marked, MARK + n);
    free(marked);
    return orientation;
}
