#include "base/kind.h"

#include <stdio.h>
#include <string.h>

typedef struct {
    const unsigned char *b;
    size_t n;
} Head;

typedef struct {
    const char *what, *advice; /* advice may be NULL */
    size_t at;                 /* where `magic` stands, */
    size_t length;             /* of so many bytes; 0: none */
    const char *magic;
    bool (*is)(Head h); /* NULL: magic is enough */
    KindText text;      /* who welcomes it as text */
} Kind;

static bool begins(Head h, size_t at, const char *text, size_t length) {
    return h.n >= at + length && !memcmp(h.b + at, text, length);
}

static bool holds(Head h, const char *text) {
    size_t length = strlen(text);
    for (size_t i = 0; i + length <= h.n; i++)
        if (!memcmp(h.b + i, text, length)) return true;
    return false;
}

/* ---- binary files ---- */

/* The name of a zip archive's first member ends with this. */
static bool member(Head h, const char *end) {
    enum { NAME = 30 }; /* bytes of the header before it */
    size_t length = h.n > NAME ? h.b[26] + 256u * h.b[27] : 0, m = strlen(end);
    return length >= m && h.n >= NAME + length && !memcmp(h.b + NAME + length - m, end, m);
}
static bool is_torch(Head h) {
    return member(h, "/data.pkl") || member(h, "/byteorder") || member(h, "/version") ||
           member(h, ".data/serialization_id");
}
static bool is_npz(Head h) { return member(h, ".npy"); }

/* Protocols 2 to 5 begin so, and PyTorch's old files with a number of their own. */
static bool is_pickle(Head h) { return h.n > 2 && h.b[1] >= 2 && h.b[1] <= 5; }
static bool is_old_torch(Head h) {
    return is_pickle(h) && begins(h, 2, "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19", 12);
}
static bool is_pickled_cifar(Head h) {
    return is_pickle(h) && (holds(h, "batch_label") || holds(h, "fine_labels") ||
                            holds(h, "coarse_labels") || holds(h, "num_cases_per_batch"));
}

/* A record's length, then its CRC-32C in TensorFlow's disguise. */
static bool is_tfrecord(Head h) {
    uint32_t crc = ~UINT32_C(0), found = 0;
    if (h.n < 12) return false;
    for (int i = 0; i < 8; i++) {
        crc ^= h.b[i];
        for (int k = 0; k < 8; k++) crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
    }
    crc = ~crc;
    for (int i = 3; i >= 0; i--) found = found << 8 | h.b[8 + i];
    return found == (crc >> 15 | crc << 17) + UINT32_C(0xa282ead8);
}

static bool is_stream(Head h) {
    return h.n > 8 && h.b[8] == '{' && !h.b[4] && !h.b[5] && !h.b[6] && !h.b[7] && !h.b[3];
}
static bool is_idx(Head h) {
    return h.n > 4 && !h.b[0] && !h.b[1] && h.b[2] >= 8 && h.b[2] <= 14 && h.b[3] && h.b[3] <= 8;
}
static bool is_bzip2(Head h) { return begins(h, 4, "1AY&SY", 6); }
static bool is_riff(Head h) { return begins(h, 0, "RIFF", 4); }
static bool is_bmp(Head h) { return h.n > 18 && !h.b[15] && !h.b[16] && !h.b[17]; }
/* The counts stand behind the word or in the next line. */
static bool is_off(Head h) { return h.n > 3 && memchr(" \r\n0123456789", h.b[3], 13); }
bool kind_is_heif(const unsigned char *head, size_t n) {
    static const char *const brands[] = {"avif", "avis", "heic", "heix", "mif1", "msf1"};
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++)
        if (begins((Head){head, n}, 8, brands[i], 4)) return true;
    return false;
}
static bool is_heif(Head h) { return kind_is_heif(h.b, h.n); }

/* ---- text ---- */

static Head skip_blanks(Head h) {
    if (begins(h, 0, "\xef\xbb\xbf", 3)) h.b += 3, h.n -= 3;
    while (h.n && memchr(" \t\r\n", *h.b, 4)) h.b++, h.n--;
    return h;
}
static bool is_html(Head h) {
    static const char *const starts[] = {"<!doctype html", "<html", "<head", "<body"};
    h = skip_blanks(h);
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        size_t k = 0;
        while (k < h.n && starts[i][k] && (h.b[k] | 0x20) == (starts[i][k] | 0x20)) k++;
        if (!starts[i][k]) return true;
    }
    return false;
}
static bool is_svg(Head h) {
    h = skip_blanks(h);
    return begins(h, 0, "<svg", 4) || (begins(h, 0, "<?xml", 5) && holds(h, "<svg"));
}
/* UTF-8, perhaps cut within a character, without control characters; of a byte or two one cannot
 * say. */
static bool is_text(Head h) {
    size_t inside = 0; /* bytes that a character still needs */
    for (size_t i = 0; i < h.n; i++) {
        unsigned char c = h.b[i];
        if (inside ? (c & 0xc0) != 0x80 : c >= 0x80 && (c < 0xc2 || c > 0xf4)) return false;
        if ((c < ' ' && !memchr("\t\n\r\f\033", c, 5)) || c == 0x7f) return false;
        inside = inside ? inside - 1 : c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    }
    return h.n > 2;
}
/* A line begins with a word that pages begin lines with. */
static bool is_page(Head h) {
    static const char *const words[] = {"option ", "data ", "noise ", "net ", "player ", "init "};
    if (!is_text(h)) return false;
    for (size_t at = 0; at < h.n; at++) {
        for (size_t i = 0; i < sizeof words / sizeof *words; i++)
            if (begins(h, at, words[i], strlen(words[i]))) return true;
        const unsigned char *end = memchr(h.b + at, '\n', h.n - at);
        if (!end) break;
        at = (size_t)(end - h.b);
    }
    return false;
}

/* ---- all ---- */

#define TORCH "save its state as .safetensors, see gan-tools(7)"
#define PICTURE "gan-data images makes a stream of pictures"
#define VIDEO "gan-data video makes a stream of clips"
#define SHAPE "gan-data voxels makes a stream of shapes"
#define NUMPY "what numpy.save makes of it, gan-data npy takes"

/* The first that fits counts. */
static const Kind kinds[] = {
    {"a TFRecord file", NUMPY, 0, 0, "", is_tfrecord, 0},
    {"a tensor stream or checkpoint", "gan-data info shows what it holds, with --page its page", 0,
     0, "", is_stream, 0},
    {"a PyTorch file", TORCH, 0, 4, "PK\3\4", is_torch, 0},
    {"a PyTorch file", TORCH, 0, 1, "\x80", is_old_torch, 0},
    {"a NumPy archive (.npz)", "gan-data npy takes the arrays in it", 0, 4, "PK\3\4", is_npz, 0},
    {"a NumPy array (.npy)", "gan-data npy makes a stream of it", 0, 6, "\x93NUMPY", NULL, 0},
    {"a zip archive", "gan-data images takes the pictures in it, unzip all else", 0, 4, "PK\3\4",
     NULL, 0},
    {"an empty zip archive", NULL, 0, 4, "PK\5\6", NULL, 0},
    {"pickled CIFAR", "gan-data cifar takes the binary version of the set", 0, 1, "\x80",
     is_pickled_cifar, 0},
    {"a Python pickle", NUMPY, 0, 1, "\x80", is_pickle, 0},
    {"gzip data", "gunzip unpacks it", 0, 2, "\x1f\x8b", NULL, 0},
    {"bzip2 data", "bunzip2 unpacks it", 0, 3, "BZh", is_bzip2, 0},
    {"xz data", "unxz unpacks it", 0, 6, "\3757zXZ\0", NULL, 0},
    {"Zstandard data", "unzstd unpacks it", 0, 4, "\x28\xb5\x2f\xfd", NULL, 0},
    {"a 7z archive", "7z x unpacks it", 0, 6, "7z\xbc\xaf\x27\x1c", NULL, 0},
    {"a RAR archive", "unrar x unpacks it", 0, 4, "Rar!", NULL, 0},
    {"a tar archive", "tar xf unpacks it", 257, 5, "ustar", NULL, 0},
    {"an HDF5 file", NUMPY, 0, 8, "\x89HDF\r\n\x1a\n", NULL, 0},
    {"a MATLAB file", NUMPY, 0, 10, "MATLAB 5.0", NULL, 0},
    {"a Parquet file", NUMPY, 0, 4, "PAR1", NULL, 0},
    {"a GGUF file", NULL, 0, 4, "GGUF", NULL, 0},
    {"an SQLite database", NULL, 0, 15, "SQLite format 3", NULL, 0},
    {"a PNG picture", PICTURE, 0, 8, "\x89PNG\r\n\x1a\n", NULL, 0},
    {"a JPEG picture", PICTURE, 0, 3, "\xff\xd8\xff", NULL, 0},
    {"a GIF picture", PICTURE, 0, 4, "GIF8", NULL, 0},
    {"a WebP picture", PICTURE, 8, 4, "WEBP", is_riff, 0},
    {"a TIFF picture", PICTURE, 0, 4, "II*\0", NULL, 0},
    {"a TIFF picture", PICTURE, 0, 4, "MM\0*", NULL, 0},
    {"a BMP picture", PICTURE, 0, 2, "BM", is_bmp, 0},
    {"an AVIF or HEIF picture", PICTURE, 4, 4, "ftyp", is_heif, 0},
    {"a video (MP4)", VIDEO, 4, 4, "ftyp", NULL, 0},
    {"a video (Matroska)", VIDEO, 0, 4, "\x1a\x45\xdf\xa3", NULL, 0},
    {"a video (AVI)", VIDEO, 8, 4, "AVI ", is_riff, 0},
    {"a .binvox file", SHAPE, 0, 7, "#binvox", NULL, 0},
    {"a mesh in OFF", SHAPE, 0, 3, "OFF", is_off, 0},
    {"a PDF document", NULL, 0, 4, "%PDF", NULL, 0},
    {"an IDX file", "gan-data idx makes a stream of it", 0, 0, "", is_idx, 0},
    {"UTF-16 text", "iconv -f UTF-16 -t UTF-8 converts it", 0, 2, "\xff\xfe", NULL, 0},
    {"UTF-16 text", "iconv -f UTF-16 -t UTF-8 converts it", 0, 2, "\xfe\xff", NULL, 0},
    {"a Git LFS pointer", "git lfs pull fetches the file itself", 0, 34,
     "version https://git-lfs.github.com", NULL, KIND_ANY_TEXT + 1},
    {"HTML", "is it a download that failed?", 0, 0, "", is_html, KIND_ANY_TEXT},
    {"an SVG drawing", "rsvg-convert makes a PNG of it", 0, 0, "", is_svg, KIND_ANY_TEXT},
    {"a page", "gan-init makes a checkpoint of it", 0, 0, "", is_page, KIND_PLAIN_TEXT},
    {"text", NULL, 0, 0, "", is_text, KIND_PLAIN_TEXT},
};
enum { KIND_COUNT = sizeof kinds / sizeof *kinds };

static const Kind *kind_of(const void *head, size_t n) {
    static const Kind nothing = {.what = "empty"};
    Head h = {head, n};
    if (!n) return &nothing;
    for (const Kind *k = kinds; k < kinds + KIND_COUNT; k++)
        if (begins(h, k->at, k->magic, k->length) && (!k->is || k->is(h))) return k;
    return NULL;
}

static int refuse(const char *what, const char *advice, const char *name, const char *wanted,
                  Error *err) {
    return fail(err, "%.200s%sthis is %s, expected %s%s%s", name ? name : "", name ? ": " : "",
                what, wanted, advice ? "; " : "", advice ? advice : "");
}

int kind_refuse(const void *head, size_t n, KindText welcome, const char *name, const char *wanted,
                Error *err) {
    const Kind *k = kind_of(head, n);
    /* text may begin as other files do by chance */
    bool text = k && (k->text ? k->text <= welcome : welcome && is_text((Head){head, n}));
    if (!k || text) return 0;
    return refuse(k->what, k->advice, name, wanted, err);
}

int kind_refuse_file(const char *path, KindText welcome, const char *wanted, Error *err) {
    char head[KIND_HEAD];
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    size_t n = fread(head, 1, sizeof head, f);
    bool bad = ferror(f);
    fclose(f);
    return bad ? 0 : kind_refuse(head, n, welcome, path, wanted, err);
}

int kind_refuse_folder(const char *name, const char *wanted, Error *err) {
    return refuse("a folder", "gan-data images makes a stream of the pictures in one", name, wanted,
                  err);
}

bool kind_is_seen(const void *head, size_t n) {
    const Kind *k = kind_of(head, n);
    return k && k->advice && (!strcmp(k->advice, PICTURE) || !strcmp(k->advice, VIDEO));
}

bool kind_is_zip(const void *head, size_t n) {
    const Kind *k = kind_of(head, n);
    return k && !k->is && begins((Head){head, n}, 0, "PK", 2);
}
