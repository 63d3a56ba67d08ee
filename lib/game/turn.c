#include "game/turn.h"

#include <math.h>
#include <string.h>

#include "page/eval/update.h"

enum { REPEAT_MAX = 100000 };

static void add_part(Turn *t, PlayPart part, Schedule *every) {
    t->parts[t->part_count++] = (TurnPart){part, every};
}

static bool taken(const Turn *t, const char *name) {
    for (int i = 0; i < t->part_count; i++)
        if (!strcmp(t->parts[i].part.name, name)) return true;
    return false;
}

static const char *name_of(Model *m, const Turn *t, const Statement *player, const char *what) {
    const char *name = arena_printf(m->arena, "%s_%s", player->name, what);
    for (int n = 2; taken(t, name); n++)
        name = arena_printf(m->arena, "%s_%s%d", player->name, what, n);
    return name;
}

/* A part that has a schedule. One that is to be every 0 steps never is one: an action whose
 * schedule says so for all steps, a term or log whose does at first. */
static int add_scheduled(Model *m, Turn *t, PlayPart part, Error *err) {
    double interval = 1;
    Schedule *every = schedule_new(m, part.what->every, err);
    if (!every) return -1;
    bool known = part.kind != PART_ACTION || schedule_is_constant(every);
    int bad = known ? schedule_number(every, 0, &interval, err) : 0;
    if (interval > 0)
        add_part(t, part, every);
    else
        schedule_free(every);
    return bad ? -1 : 0;
}

/* What a player does besides its update. */
static int add_own(Model *m, Turn *t, const Statement *player, Error *err) {
    for (int i = 0; i < player->lazy.count; i++) {
        const char *name = i ? arena_printf(m->arena, "%s_regularizer%d", player->name, i + 1)
                             : arena_printf(m->arena, "%s_regularizer", player->name);
        if (add_scheduled(m, t, (PlayPart){PART_TERM, player, &player->lazy.list[i], name}, err))
            return -1;
    }
    for (int i = 0; i < player->log.count; i++) {
        const Define *d = &player->log.list[i];
        const char *name = d->every ? name_of(m, t, player, d->names[0]) : NULL;
        if (name && add_scheduled(m, t, (PlayPart){PART_LOG, player, d, name}, err)) return -1;
    }
    for (int i = 0; i < player->then.count; i++) {
        const Define *d = &player->then.list[i];
        if (!d->every) continue;
        const char *name = name_of(m, t, player, d->name_count ? d->names[0] : d->expr->text);
        if (add_scheduled(m, t, (PlayPart){PART_ACTION, player, d, name}, err)) return -1;
    }
    if (update_in_parts(player))
        add_part(t, (PlayPart){PART_AVERAGES, player, NULL, name_of(m, t, player, "averages")},
                 NULL);
    return 0;
}

static int start_turn(Model *m, Turn *t, const Statement *player, Error *err) {
    const Page *page = &m->page;
    int most = 1;
    t->player = player;
    for (int i = 0; i < page->count; i++)
        most += page->statements[i].lazy.count + page->statements[i].log.count +
                page->statements[i].then.count + 1;
    t->parts = arena_new_array(m->arena, TurnPart, (size_t)most);
    add_part(t, (PlayPart){PART_UPDATE, player, NULL, player->name}, NULL);
    for (int i = 0; i < page->count; i++)
        if (player_joins(&page->statements[i], player) && add_own(m, t, &page->statements[i], err))
            return -1;
    if ((player->every && !(t->every = schedule_new(m, player->every, err))) ||
        (player->when && !(t->when = schedule_new(m, player->when, err))) ||
        (player->repeat && !(t->repeat = schedule_new(m, player->repeat, err))))
        return -1;
    return 0;
}

int turns_new(Model *m, Turn **turns, int *count, Error *err) {
    const Page *page = &m->page;
    *turns = arena_new_array(m->arena, Turn, (size_t)page->count + 1);
    *count = 0;
    for (int i = 0; i < page->count; i++) {
        const Statement *s = &page->statements[i];
        if (s->kind != ST_PLAYER || s->with) continue;
        Turn *t = &(*turns)[(*count)++];
        t->first = *count > 1 ? t[-1].first + t[-1].part_count : 0;
        if (start_turn(m, t, s, err)) return -1;
    }
    return *count ? 0 : fail(err, "%s: the page has no player", m->page_name);
}

void turns_free(Turn *turns, int count) {
    for (int i = 0; i < count; i++) {
        schedule_free(turns[i].every);
        schedule_free(turns[i].when);
        schedule_free(turns[i].repeat);
        for (int k = 0; k < turns[i].part_count; k++) schedule_free(turns[i].parts[k].every);
    }
}

/* ---- when ---- */

static int clause(Schedule *s, uint64_t step, double *out, Error *err) {
    *out = 1;
    return s ? schedule_number(s, step, out, err) : 0;
}

int turn_updates(const Turn *t, uint64_t step, Error *err) {
    double every, when, repeat;
    if (clause(t->every, step, &every, err) || clause(t->when, step, &when, err) ||
        clause(t->repeat, step, &repeat, err))
        return -1;
    if (!(every >= 1 && every < 1e15) || !(repeat >= 0 && repeat <= REPEAT_MAX) ||
        floor(repeat) != repeat)
        return fail(err, "player %s: every %g, repeat %g make no schedule", t->player->name, every,
                    repeat);
    if (!when || step % (uint64_t)every) return 0;
    return (int)repeat;
}

int turn_due(const TurnPart *p, uint64_t step, Error *err) {
    double every;
    if (clause(p->every, step, &every, err)) return -1;
    if (!((every >= 1 && every < 1e15) || every == 0))
        return fail(err, "player %s: every %g makes no schedule", p->part.player->name, every);
    return every > 0 && step % (uint64_t)every == 0;
}
