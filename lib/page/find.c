#include "page/find.h"

#include <dirent.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *readable(const char *path) {
    struct stat st;
    return !stat(path, &st) && !S_ISDIR(st.st_mode) && !access(path, R_OK) ? path : NULL;
}

/* The folder a path lies in, with its last slash; nothing for the current one. */
static const char *folder_of(Arena *arena, const char *path) {
    const char *slash = strrchr(path, '/');
    return arena_strndup(arena, path, slash ? (size_t)(slash + 1 - path) : 0);
}

/* In the folder of the families, or in one of those. */
static const char *find_in_families(Arena *arena, const char *families, const char *name) {
    const char *found = readable(arena_printf(arena, "%s/%s", families, name));
    DIR *folder = found || strchr(name, '/') ? NULL : opendir(families);
    if (!folder) return found;
    for (struct dirent *d; !found && (d = readdir(folder));)
        if (d->d_name[0] != '.')
            found = readable(arena_printf(arena, "%s/%s/%s", families, d->d_name, name));
    closedir(folder);
    return found;
}

/* Those of the tools: above the folder of the executable lies that of an installation or, at once
 * or above the folder of a build, the source's. */
static const char *find_of_tools(Arena *arena, const char *name) {
    static const char *const families[] = {"../share/gan-tools", "../scripts", "../../../scripts"};
    char exe[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", exe, sizeof exe - 1);
    if (n <= 0) return NULL;
    exe[n] = 0;
    const char *folder = folder_of(arena, exe), *found = NULL;
    for (size_t i = 0; !found && i < sizeof families / sizeof *families; i++)
        found = find_in_families(arena, arena_printf(arena, "%s%s", folder, families[i]), name);
    return found;
}

const char *find_page(Arena *arena, const char *name) {
    bool plain = *name != '/' && *name != '.' && strcmp(name, "-") != 0 && access(name, F_OK);
    const char *found = plain ? find_of_tools(arena, name) : NULL;
    return found ? found : name;
}

/* Whether a name stays where it is looked for. */
static bool stays(const char *name) {
    for (const char *p = name; p; p = strchr(p, '/')) {
        p += *p == '/';
        if (!strncmp(p, "..", 2) && (!p[2] || p[2] == '/')) return false;
    }
    return *name != '/';
}

const char *find_used(Arena *arena, const char *name, const char *from) {
    if (!stays(name)) return NULL;
    const char *beside = folder_of(arena, from);
    const char *found = readable(arena_printf(arena, "%s%s", beside, name));
    if (!found) found = readable(arena_printf(arena, "%s../%s", beside, name));
    return found ? found : find_of_tools(arena, name);
}
