/* Where memory ends: stream/json_memory.h. */
#include "media/graphs/names.h"

#include <errno.h>
#include <jansson.h>
#include <string.h>

void names_free(Names *n) {
    json_decref(n->number);
    json_decref(n->words);
}

int names_take(Names *n, const char *word, size_t most, size_t *number, Error *err) {
    if (!n->words) *n = (Names){json_object(), json_array()};
    const json_t *known = json_object_get(n->number, word);
    *number = known ? (size_t)json_integer_value(known) : json_array_size(n->words);
    if (known) return 0;
    if (*number >= most) return fail(err, "more than %zu names", most);
    if (json_array_append_new(n->words, json_string(word)) ||
        json_object_set_new(n->number, word, json_integer((json_int_t)*number)))
        return fail(err, "'%s' is not UTF-8", word);
    return 0;
}

int names_write(const Names *n, FILE *out, const char *name, Error *err) {
    for (size_t i = 0; i < json_array_size(n->words); i++)
        if (fprintf(out, "%s\n", json_string_value(json_array_get(n->words, i))) < 0)
            return fail(err, "%s: %s", name, strerror(errno));
    return 0;
}

char *names_json(const Names *n) { return json_dumps(n->words, JSON_COMPACT); }
