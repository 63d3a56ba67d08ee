#include "tensor/conv/conv_job.h"

enum {
    ROWS_TARGET = 196, /* rows of a tile: 200 KiB leave room for panels and results in the cache */
    COLUMNS_TARGET = 512,
    TASKS_TARGET = 32,
    FEW_BLOCKS = 2, /* of rows: weights are used so rarely that to pack them is most of the work */
    LOCAL_MOST = 1024, /* columns */
};

/* ---- phases ---- */

/* Taps of residues below r: where a phase begins when phases follow one another. */
static size_t taps_before(const ConvFull *f, int d, size_t r) {
    size_t sum = 0;
    for (size_t i = 0; i < r; i++) sum += residue_taps(f, d, i);
    return sum;
}

static void phase_residue(const ConvFull *f, size_t phase, size_t r[3]) {
    for (int d = 2; d >= 0; d--) r[d] = phase % f->stride[d], phase /= f->stride[d];
}

/* Where the packed panels of a phase begin. Phases are in order of their residues, hence their
 * taps fill a box dimension by dimension. */
static size_t phase_offset(const ConvJob *j, size_t phase) {
    const ConvFull *f = &j->f;
    if (!j->data) return 0;
    size_t r[3];
    phase_residue(f, phase, r);
    size_t j0 = residue_taps(f, 0, r[0]), j1 = residue_taps(f, 1, r[1]);
    size_t taps = taps_before(f, 0, r[0]) * f->kernel[1] * f->kernel[2] +
                  j0 * (taps_before(f, 1, r[1]) * f->kernel[2] + j1 * taps_before(f, 2, r[2]));
    return taps * j->k * j->width;
}

/* dx[i] for i = first, first + stride, ... takes dy[q], dy[q-apart], ... at the taps of residue r.
 * Read from the last tap to the first, the outputs ascend. */
static Product product_data(const ConvJob *j, size_t phase) {
    const ConvFull *f = &j->f;
    Product p = {.patches = {.image = j->image, .c = f->cout}, .m = f->n, .k = f->cout};
    size_t r[3];
    phase_residue(f, phase, r);
    for (int d = 0; d < 3; d++) {
        size_t s = f->stride[d], first = (r[d] + s - f->pad[d] % s) % s;
        size_t taps = residue_taps(f, d, r[d]), apart = f->dilation[d] * residue_step(f, d) / s;
        ptrdiff_t origin = (ptrdiff_t)(first + f->pad[d]);
        if (taps) p.tap[d] = residue_first(f, d, r[d]);
        origin -= (ptrdiff_t)(p.tap[d] * f->dilation[d]);
        p.first[d] = first, p.step[d] = s, p.ext[d] = f->in[d];
        p.patches.ext[d] = f->out[d];
        p.patches.grid[d] = first < f->in[d] ? (f->in[d] - first - 1) / s + 1 : 0;
        p.patches.step[d] = 1;
        p.patches.taps[d] = taps, p.patches.apart[d] = apart;
        p.patches.base[d] = origin / (ptrdiff_t)s;
        if (taps) p.patches.base[d] -= (ptrdiff_t)((taps - 1) * apart);
        p.m *= p.patches.grid[d];
        p.k *= taps;
    }
    p.packed = phase_offset(j, phase);
    return p;
}

static Product product_forward(const ConvJob *j) {
    const ConvFull *f = &j->f;
    Product p = {.patches = patches_forward(f, j->image), .m = f->n, .k = f->taps * f->cin};
    for (int d = 0; d < 3; d++) {
        p.step[d] = 1, p.ext[d] = f->out[d];
        p.m *= f->out[d];
    }
    return p;
}

Product conv_job_product(const ConvJob *j, size_t phase) {
    return j->data ? product_data(j, phase) : product_forward(j);
}

/* ---- packing the weights ---- */

/* Tap t of the kernel is tap u of a phase, counted from the far end, as the patches are. */
static size_t phase_of_tap(const ConvJob *j, size_t t, size_t *u) {
    const ConvFull *f = &j->f;
    size_t phase = 0, place = 0, tap[3];
    if (!j->data) return *u = t, 0;
    for (int d = 2; d >= 0; d--) tap[d] = t % f->kernel[d], t /= f->kernel[d];
    for (int d = 0; d < 3; d++) {
        size_t r = tap[d] * f->dilation[d] % f->stride[d], taps = residue_taps(f, d, r);
        phase = phase * f->stride[d] + r;
        place = place * taps + (taps - 1 - tap[d] / residue_step(f, d));
    }
    *u = place;
    return phase;
}

/* Channels [k0, k0 + k) of a tap in the panel of columns from n0 on. */
static void pack_channels(const ConvJob *j, size_t tap, size_t k0, size_t k, size_t n0, float *to) {
    const ConvFull *f = &j->f;
    size_t panel = least(j->panel, j->width - n0), n = least(panel, j->n - n0);
    const float *from = j->w + tap * f->cin * f->cout;
    if (j->data)
        pack_turned(from + n0 * f->cout + k0, f->cout, k, n, to, panel);
    else
        pack_panel(from + k0 * f->cout + n0, f->cout, k, n, to, panel);
}

/* The rows of one tap in one panel of columns. */
static void pack_wide(const ConvJob *j, size_t tap, size_t index) {
    size_t u, phase = phase_of_tap(j, tap, &u), n0 = index * j->panel;
    size_t panel = least(j->panel, j->width - n0);
    Product p = conv_job_product(j, phase);
    pack_channels(j, tap, 0, j->k, n0, j->packed + p.packed + n0 * p.k + u * j->k * panel);
}

/* The other way round: the tap of the kernel that is tap u of a phase. */
static size_t tap_of_phase(const ConvJob *j, const Product *p, size_t u) {
    const ConvFull *f = &j->f;
    size_t tap = 0, place[3];
    if (!j->data) return u;
    for (int d = 2; d >= 0; d--) place[d] = u % p->patches.taps[d], u /= p->patches.taps[d];
    for (int d = 0; d < 3; d++) {
        size_t back = p->patches.taps[d] - 1 - place[d];
        tap = tap * f->kernel[d] + p->tap[d] + back * residue_step(f, d);
    }
    return tap;
}

void conv_job_pack_rows(const ConvJob *j, const Product *p, size_t k0, size_t k, size_t n0,
                        size_t n, float *to) {
    for (size_t at = 0; at < k;) {
        size_t from = (k0 + at) % j->k, some = least(j->k - from, k - at);
        size_t tap = tap_of_phase(j, p, (k0 + at) / j->k);
        for (size_t c = 0; c < n; c += j->panel) {
            size_t panel = least(j->panel, j->width - n0 - c);
            pack_channels(j, tap, from, some, n0 + c, to + c * k + at * panel);
        }
        at += some;
    }
}

/* The values of one tap in one column, for dot products. */
static void pack_narrow(const ConvJob *j, size_t tap, size_t column) {
    const ConvFull *f = &j->f;
    size_t u, phase = phase_of_tap(j, tap, &u);
    Product p = conv_job_product(j, phase);
    float *to = j->packed + p.packed + column * p.k + u * j->k;
    const float *from = j->w + tap * f->cin * f->cout;
    for (size_t k = 0; k < j->k; k++)
        to[k] = j->data ? from[column * f->cout + k] : from[k * f->cout + column];
}

void conv_job_pack(const ConvJob *j, size_t unit) {
    size_t tap = unit / j->panels, index = unit % j->panels;
    if (j->narrow)
        pack_narrow(j, tap, index);
    else
        pack_wide(j, tap, index);
}

/* ---- plans ---- */

static void count_tasks(ConvJob *j) {
    j->mblocks = blocks_of(j->rows, j->mc), j->nblocks = blocks_of(j->n, j->nc);
    j->tasks = j->phases * j->mblocks * j->nblocks;
}

/* Weights that few rows take come from afar: they are read in long runs, which are rows of columns
 * or, turned, of a tile's depth. */
static void local_cut(ConvJob *j) {
    size_t step = j->micro->rows, tasks = j->data ? 8 : 2;
    for (count_tasks(j); j->tasks < tasks; count_tasks(j)) {
        if (j->nc > LOCAL_COLUMNS)
            j->nc = round_up(j->nc / 2, j->panel);
        else if (j->tasks < 2 && j->mc > 2 * step)
            j->mc = round_up(j->mc / 2, step);
        else
            break;
    }
}

/* Blocks large enough to use what they gather, yet enough of them to share out. */
static void wide_cut(ConvJob *j) {
    size_t step = j->micro->rows, limit = ROWS_TARGET / step * step;
    j->mc = round_up(blocks_of(j->rows, blocks_of(j->rows, limit)), step);
    j->local = blocks_of(j->rows, j->mc) <= FEW_BLOCKS;
    j->nc = j->local ? LOCAL_MOST : COLUMNS_TARGET;
    j->nc = round_up(blocks_of(j->n, blocks_of(j->n, j->nc)), j->panel);
    if (j->local) {
        local_cut(j);
        return;
    }
    for (count_tasks(j); j->tasks < TASKS_TARGET; count_tasks(j)) {
        if (j->nc > 4 * j->panel)
            j->nc = round_up(j->nc / 2, j->panel);
        else if (j->mc > 4 * step)
            j->mc = round_up(j->mc / 2, step);
        else if (j->nc > j->panel)
            j->nc = round_up(j->nc / 2, j->panel);
        else
            return;
    }
}

ConvJob conv_job_plan(const ConvShape *s, bool data) {
    ConvJob j = {.f = conv_full(s), .data = data, .micro = micro_kernels(), .phases = 1};
    const ConvFull *f = &j.f;
    j.k = data ? f->cout : f->cin, j.n = data ? f->cin : f->cout;
    j.rows = f->n;
    for (int d = 0; d < 3; d++) {
        if (data) j.phases *= f->stride[d];
        j.grid[d] = data ? blocks_of(f->in[d], f->stride[d]) : f->out[d];
        j.rows *= j.grid[d];
    }
    if (!j.rows || !j.n) return j;
    j.narrow = j.n <= j.micro->narrow && conv_narrow_cut(&j);
    j.width = j.narrow ? j.n : round_up(j.n, j.micro->lanes);
    j.panel = j.narrow ? 1 : 2 * j.micro->lanes;
    j.panels = blocks_of(j.width, j.panel);
    if (!j.narrow) wide_cut(&j);
    j.packed_floats = j.local ? 0 : f->taps * j.k * j.width;
    return j;
}
