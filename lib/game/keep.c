#include "game/keep.h"

#include <math.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/hold.h"

enum { PATIENCE = 20, USUAL_SECONDS = 300, FIRST_WAIT = 15, LAST_WAIT = 600 };

bool keep_parse_time(const char *text, double *seconds) {
    static const struct {
        char letter;
        double seconds;
    } units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};
    size_t n = strlen(text);
    double scale = 0;
    char head[32];
    for (size_t i = 0; n && i < sizeof units / sizeof *units; i++)
        if (text[n - 1] == units[i].letter) scale = units[i].seconds;
    if (!scale || n >= sizeof head) return false;
    memcpy(head, text, n - 1);
    head[n - 1] = 0;
    return parse_double(head, seconds) && (*seconds *= scale) > 0;
}

bool keep_parse(const char *text, Keep *k) {
    k->steps = 0;
    k->patient = !text;
    k->seconds = USUAL_SECONDS;
    if (!text || keep_parse_time(text, &k->seconds)) return true;
    if (!strcmp(text, "never")) {
        k->seconds = INFINITY;
        return true;
    }
    return parse_u64(text, &k->steps) && k->steps > 0;
}

int keep_hold(Keep *k, Error *err) {
    struct stat st;
    k->hold = -1;
    if (!strcmp(k->path, "-") || stat(k->path, &st) || !S_ISREG(st.st_mode)) return 0;
    k->hold = hold_path(k->path, err);
    return k->hold < 0 ? -1 : 0;
}

void keep_start(Keep *k, const Model *m) {
    k->step = m->step;
    k->time = now_seconds();
    k->again = 0;
}

bool keep_due(const Keep *k, const Model *m) {
    if (k->again) return now_seconds() >= k->again;
    if (k->steps) return m->step % k->steps == 0;
    double wait = k->seconds;
    if (k->patient && wait < PATIENCE * k->took) wait = PATIENCE * k->took;
    return now_seconds() - k->time >= wait;
}

int keep_save(Keep *k, const Model *m, Error *err) {
    double start = now_seconds();
    if (model_save(m, k->path, &k->hold, err)) {
        k->wait = k->again ? fmin(2 * k->wait, LAST_WAIT) : FIRST_WAIT;
        k->again = now_seconds() + k->wait;
        return -1;
    }
    k->saved = true;
    k->step = m->step;
    k->time = now_seconds();
    k->took = k->time - start;
    k->again = 0;
    return 0;
}

void keep_end(Keep *k) {
    if (k->hold >= 0) close(k->hold);
    k->hold = -1;
}
