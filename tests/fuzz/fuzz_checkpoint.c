/* fuzz_checkpoint.c: libFuzzer target for loading a checkpoint: metadata, page, settings, counters
 * and tensors that do or do not fit. What loads is compiled, settled, and saved again. */
#define _GNU_SOURCE
#include "game/program.h"
#include "tensor/cpu.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { BATCH = 2, MOST_BYTES = 1 << 24 };

static void check(bool good) {
    if (!good) abort();
}

static int compile(Model *m, Error *err) {
    int bad = 0;
    for (int i = 0; i < m->page.count && !bad; i++) {
        if (m->page.statements[i].kind != ST_PLAYER) continue;
        Arena *arena = arena_new(NULL);
        bad = !program_part(arena, m, &(PlayPart){PART_UPDATE, &m->page.statements[i], NULL, NULL},
                            BATCH, err);
        arena_free(arena);
    }
    return bad;
}

/* A checkpoint that has been loaded can be saved and is one then. */
static void save(const Model *m) {
    Error err;
    char path[] = "/tmp/fuzz_checkpoint-XXXXXX";
    int fd = mkstemp(path);
    check(fd >= 0);
    if (model_save(m, path, NULL, &err)) {
        check(*err.text != 0);
    } else {
        Model again;
        check(!model_load(&again, path, &err));
        check(again.step == m->step && again.frames == m->frames && again.updates == m->updates);
        model_free(&again);
    }
    close(fd);
    unlink(path);
}

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc, (void)argv;
    setenv("OMP_NUM_THREADS", "1", 1);
    setenv("GAN_ISA", "portable", 1);
    cpu_start(1);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    char path[32];
    Error err = {""};
    Model m;
    int fd = memfd_create("checkpoint", MFD_CLOEXEC);
    check(fd >= 0 && write(fd, bytes, n) == (ssize_t)n);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    int bad = model_load(&m, path, &err);
    if (!bad) {
        m.store->most_bytes = MOST_BYTES;
        m.settings.limits = (Limits){.steps = 20000, .nodes = 3000, .bytes = 1 << 25};
        bad = compile(&m, &err);
        if (!bad) bad = model_settle(&m, &err);
        if (!bad) save(&m);
    }
    check(!bad || *err.text);
    model_free(&m);
    close(fd);
    return 0;
}
