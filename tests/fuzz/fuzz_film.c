/* Any bytes as what FFmpeg gives of a film: the header of a frame, and the motions of a camera, cut
 * into pieces anywhere. */
#include "media/film/steady.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    const char *text = (const char *)bytes;
    size_t shape[3], part = n ? bytes[0] % n : 0;
    Steady s = {0};
    Error err;
    if (film_header(text, n, shape) && (shape[2] < 3 || shape[2] > 4)) __builtin_trap();
    if (!steady_take(&s, text, part, &err) && !steady_take(&s, text + part, n - part, &err) &&
        s.count > n)
        __builtin_trap();
    for (size_t i = 0; i < s.count; i++)
        if (!s.frames[i].unsure && !(s.frames[i].turn[0] == s.frames[i].turn[0])) __builtin_trap();
    steady_free(&s);
    return 0;
}
