/* Any bytes as notes on how a picture lies: EXIF, and the formats that hold it. */
#include "picture_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    static int (*const readers[])(const unsigned char *, size_t) = {
        exif_marked, exif_orientation, webp_orientation, tiff_orientation, heif_orientation};
    uint8_t *exact = malloc(n + !n);
    check(exact != NULL);
    memcpy(exact, bytes, n);
    for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
        int o = readers[i](exact, n);
        check(o >= 0 && o <= 8);
    }
    free(exact);
    return 0;
}
