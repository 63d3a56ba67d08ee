/* Any bytes as a picture, PNM and PAM mostly. */
#include "picture_case.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    decode_all(bytes, n);
    return 0;
}
