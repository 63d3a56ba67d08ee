/* videos.h: videos that are read one by one, for metrics that look at them frame by frame. */
#ifndef GAN_VIDEOS_H
#define GAN_VIDEOS_H

#include "measure/pictures.h"

typedef struct {
    const char *path;
    Rows *rows;
    Pictures shape; /* [frames,height,width,channels] of a video */
    double *video;  /* the one that was read last */
    size_t read;    /* how many have been */
    bool ranged;    /* the user has told the range of numbers */
} Videos;

/* A stream [N,T,H,W,C] of two frames or more; all else is an error. videos_close, also after an
 * error, of a struct that was zeroed. */
MUST_CHECK int videos_open(Videos *v, const RowsSpec *spec, Error *err);
/* Reads the next one and its label, if that is wanted: 1, 0 at the end, or -1. Without a range
 * numbers outside [0,1] are an error. */
MUST_CHECK int videos_next(Videos *v, int64_t *label, Error *err);
void videos_close(Videos *v);

#endif
