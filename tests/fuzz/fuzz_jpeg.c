/* Any bytes as a JPEG picture, and what follows a JPEG's EXIF mark as EXIF. */
#include "picture_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    decode_all(bytes, n);
    return 0;
}
