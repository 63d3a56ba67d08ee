#include "measure/provenance.h"

#include <string.h>

/* One table for metadata, comparison and reports. */
typedef struct {
    const char *key, *meta;
    size_t at, size;
} Field;
static const Field fields[] = {
    {"protocol", "gan.protocol", offsetof(Provenance, protocol), sizeof((Provenance *)0)->protocol},
    {"net", "gan.net", offsetof(Provenance, net), sizeof((Provenance *)0)->net},
    {"weights", "gan.weights", offsetof(Provenance, weights), sizeof((Provenance *)0)->weights},
    {"feature", "gan.feature", offsetof(Provenance, feature), sizeof((Provenance *)0)->feature},
};
enum { FIELDS = sizeof fields / sizeof *fields };

static const char *text_of(const Provenance *p, const Field *f) { return (const char *)p + f->at; }

void provenance_read(const Frame *f, Provenance *out) {
    *out = (Provenance){.protocol = "features"}; /* what rows that name none are */
    for (int i = 0; i < FIELDS; i++) {
        const char *text = frame_meta(f, fields[i].meta);
        if (text) snprintf((char *)out + fields[i].at, fields[i].size, "%s", text);
    }
}

void provenance_write(const Provenance *p, Frame *f) {
    for (int i = 0; i < FIELDS; i++)
        if (*text_of(p, &fields[i])) frame_set_meta(f, fields[i].meta, text_of(p, &fields[i]));
}

int provenance_same(const char *path_a, const Provenance *a, const char *path_b,
                    const Provenance *b, Error *err) {
    for (int i = 0; i < FIELDS; i++) {
        const char *x = text_of(a, &fields[i]), *y = text_of(b, &fields[i]);
        if (strcmp(x, y))
            return fail(err, "not comparable: %s is %s of %s, and %s of %s", fields[i].key,
                        *x ? x : "absent", path_a, *y ? y : "absent", path_b);
    }
    return 0;
}

void provenance_report(const Provenance *p, Results *out) {
    for (int i = 0; i < FIELDS; i++)
        if (*text_of(p, &fields[i])) result_text(out, fields[i].key, text_of(p, &fields[i]));
}
