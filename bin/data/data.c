#include "bin/data/data.h"

#include <string.h>

int data_start(Output *out, const char *path) {
    Error err;
    int status = tool_output(path, false);
    if (status) return status;
    return output_open(out, path, &err) ? tool_fail(&err) : 0;
}

int data_finish(Output *out, int bad, Error *err) {
    return output_close(out, bad, err) ? tool_fail(err) : 0;
}

bool data_size(const char *text, size_t *height, size_t *width) {
    char first[24];
    uint64_t h, w;
    if (!text) return true;
    size_t n = strcspn(text, "x");
    if (n >= sizeof first) return false;
    memcpy(first, text, n);
    first[n] = 0;
    if (!parse_u64(first, &h) || !parse_u64(text[n] ? text + n + 1 : first, &w)) return false;
    *height = h;
    *width = w;
    return h >= 1 && w >= 1 && h <= SIDE_MAX && w <= SIDE_MAX;
}

const char *data_operand(int n, char **operands) { return n ? operands[0] : tool_input("-"); }
