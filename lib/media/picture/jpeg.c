/* jpeg.c: JPEG in through libjpeg-turbo. Its error handler exits and its warnings go to standard
 * error; both are replaced, and the warnings that mean lost pixels become errors. */
#include "media/picture/codec.h"

#include <jpeglib.h>

#include <jerror.h>
#include <string.h>

typedef struct {
    struct jpeg_error_mgr base; /* first: libjpeg hands back a pointer to it */
    Trap trap;
} Trouble;

typedef struct {
    struct jpeg_decompress_struct jpeg;
    Trouble trouble;
    struct jpeg_progress_mgr monitor;
    const DecodeHint *hint;
    Picture *out;
} Job;

static void give_up(j_common_ptr jpeg) {
    char text[JMSG_LENGTH_MAX];
    if (jpeg->err->msg_code == JERR_OUT_OF_MEMORY)
        strcpy(text, "out of memory");
    else
        jpeg->err->format_message(jpeg, text);
    trap_fail(&((Trouble *)jpeg->err)->trap, "JPEG: %s", text);
}

static void on_message(j_common_ptr jpeg, int level) {
    if (level >= 0) return; /* traces */
    switch (jpeg->err->msg_code) {
    case JWRN_ADOBE_XFORM:
    case JWRN_EXTRANEOUS_DATA:
    case JWRN_JFIF_MAJOR:
    case JWRN_TOO_MUCH_DATA: return; /* the pixels are whole */
    default: give_up(jpeg);
    }
}

static void on_output(j_common_ptr jpeg) { (void)jpeg; }

/* A progressive file of a few kilobytes may ask for thousands of passes over a huge picture. */
static void on_progress(j_common_ptr jpeg) {
    enum { SCANS_MAX = 200 };
    if (jpeg->is_decompressor && ((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
        trap_fail(&((Trouble *)jpeg->err)->trap, "JPEG: more than %d scans", SCANS_MAX);
}

/* The largest of 8, 4, 2 that leaves the picture at least as large as the hint asks. The inverse
 * transform then does part of the shrinking, far cheaper than pixels are filtered. */
static unsigned shrink(const struct jpeg_decompress_struct *j, const DecodeHint *hint, bool lying) {
    size_t height = lying ? j->image_width : j->image_height;
    size_t width = lying ? j->image_height : j->image_width;
    if (!hint->least_height || !hint->least_width) return 1;
    for (unsigned d = 8; d > 1; d /= 2)
        if (height / d >= hint->least_height && width / d >= hint->least_width) return d;
    return 1;
}

static int orientation(const struct jpeg_decompress_struct *j) {
    for (const struct jpeg_marker_struct *m = j->marker_list; m; m = m->next) {
        int found = exif_marked(m->data, m->data_length);
        if (found) return found;
    }
    return 0;
}

/* Adobe writes CMYK inverted: then 255 is no ink and a product does it. */
static void cmyk_to_rgb(unsigned char *row, size_t width, bool inverted) {
    unsigned char *to = row;
    for (size_t x = 0; x < width; x++, row += 4, to += 3) {
        unsigned k = inverted ? row[3] : 255u - row[3];
        for (int c = 0; c < 3; c++) {
            unsigned v = inverted ? row[c] : 255u - row[c];
            to[c] = (unsigned char)((v * k + 127) / 255);
        }
    }
}

static void choose_colours(Job *j) {
    struct jpeg_decompress_struct *jpeg = &j->jpeg;
    bool grey = jpeg->jpeg_color_space == JCS_GRAYSCALE ||
                (jpeg->jpeg_color_space == JCS_YCbCr && j->hint->grey);
    if (jpeg->num_components == 4)
        jpeg->out_color_space = JCS_CMYK;
    else
        jpeg->out_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
}

/* A block of 8 by 8 pixels has a Huffman code of its own, of at least a bit, so a small file cannot
 * be a huge picture. Arithmetic coding has no such bound: it is given 16 times the room. */
static int check_claim(const struct jpeg_decompress_struct *j, size_t n, Error *err) {
    uint64_t pixels = (uint64_t)j->image_height * j->image_width,
             a_byte = j->arith_code ? 8192 : 512;
    if (pixels / a_byte > n)
        return fail(err, "JPEG: claims %ux%u pixels in %zu bytes", j->image_width, j->image_height,
                    n);
    if (pixels > PICTURE_PIXELS_MAX)
        return fail(err, "claims %ux%u pixels, at most %d are accepted", j->image_width,
                    j->image_height, PICTURE_PIXELS_MAX);
    return 0;
}

static int decode(Job *j, const unsigned char *bytes, size_t n) {
    struct jpeg_decompress_struct *jpeg = &j->jpeg;
    if (setjmp(j->trouble.trap.env)) return -1;
    jpeg_create_decompress(jpeg);
    jpeg->progress = &j->monitor;
    jpeg_mem_src(jpeg, bytes, n);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, 0xffff); /* EXIF is in one of these */
    jpeg_read_header(jpeg, TRUE);
    if (check_claim(jpeg, n, j->trouble.trap.err)) return -1;
    int lies = orientation(jpeg);
    choose_colours(j);
    jpeg->scale_num = 1;
    jpeg->scale_denom = shrink(jpeg, j->hint, lies > 4);
    jpeg_calc_output_dimensions(jpeg);
    bool cmyk = jpeg->out_color_space == JCS_CMYK;
    int channels = cmyk ? 4 : jpeg->output_components;
    /* room for four channels when CMYK rows are converted where they lie */
    if (picture_shape(j->out, jpeg->output_height, jpeg->output_width, channels,
                      j->trouble.trap.err))
        return -1;
    jpeg_start_decompress(jpeg);
    size_t width = j->out->width, row = width * (size_t)channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW at = j->out->pixels + jpeg->output_scanline * row;
        jpeg_read_scanlines(jpeg, &at, 1);
    }
    if (cmyk) {
        for (size_t y = 0; y < j->out->height; y++) {
            unsigned char *from = j->out->pixels + y * row;
            cmyk_to_rgb(from, width, jpeg->saw_Adobe_marker);
            memmove(j->out->pixels + y * width * 3, from, width * 3);
        }
        j->out->channels = 3;
    }
    jpeg_finish_decompress(jpeg);
    j->out->orientation = lies;
    return 0;
}

int jpeg_decode(const Codec *c, const unsigned char *bytes, size_t n, const DecodeHint *hint,
                Picture *out, Error *err) {
    (void)c;
    Job j = {.hint = hint, .out = out, .trouble = {.trap = {.err = err}}};
    j.jpeg.err = jpeg_std_error(&j.trouble.base);
    j.trouble.base.error_exit = give_up;
    j.trouble.base.emit_message = on_message;
    j.trouble.base.output_message = on_output;
    j.monitor.progress_monitor = on_progress;
    int bad = decode(&j, bytes, n);
    jpeg_destroy_decompress(&j.jpeg);
    return bad;
}
