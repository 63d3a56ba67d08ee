/* Any bytes as a picture: PNM mostly, PNG and JPEG when the input starts like one. */
#include "media/picture/picture.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    Picture p = {0};
    Error err;
    if (!picture_decode(bytes, n, NULL, &p, &err)) {
        if (!p.height || !p.width || p.channels < 1 || p.channels > 4) __builtin_trap();
        if (picture_convert(&p, n & 1, (Alpha)(n % 3), &err)) __builtin_trap();
    }
    picture_free(&p);
    return 0;
}
