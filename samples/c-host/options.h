/* What the command line asks for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdint.h>

#include "stage.h"

typedef struct {
    stage_kind scene;
    uint32_t width, height;
    uint32_t fps;
    uint32_t bitrate_kbps; /* 0: the library's default */
    const char *encoder;   /* NULL: the library's choice */
    char server_address[96]; /* empty: the library's default */
    const char *signaling_url;
    const char *json_file; /* the whole configuration, instead of the settings above */
    const char *call;      /* user to call once signaling is there, NULL: nobody */
    int decline;           /* decline users who ask, where the configuration has the host asked; otherwise accept */
    int console;           /* take orders from the standard input */
    uint64_t frames;       /* end after this many pictures, 0: never */
    uint32_t seconds;      /* end after this time, 0: never */
    uint32_t sources;      /* pictures to choose from by digit keys */
    int push;              /* copy with rendercast_push_video instead of writing into the library's buffer */
    int inputs;            /* print each input event as JSON */
    int stamp;
    int report;            /* print what each viewer's connection tells of itself, once a second */
    const char *dump_file; /* the last picture as PPM, when the host ends by --frames */
} options;

/* Returns 0 to go on, 1 to end well (--help), 2 to end with an error; says why on stderr. */
int options_read(options *out, int argc, char **argv);

#endif
