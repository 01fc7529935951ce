/* A picture that tells its number: drawn by the GPU as rectangles, painted on the CPU for comparison. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdint.h>

enum { PICTURE_RECTS = 40 };

struct picture_rect {
    uint32_t x, y, width, height;
    uint8_t rgba[4];
};

/* The rectangles of picture `number`, in the order of painting; the first covers all. Returns how many there are. Row 0 is
   the first in memory. */
uint32_t picture_rects(uint64_t number, uint32_t width, uint32_t height, struct picture_rect out[PICTURE_RECTS]);

/* The same in memory: `width` * `height` * 4 bytes of RGBA. */
void picture_paint(uint64_t number, uint32_t width, uint32_t height, uint8_t *rgba);

#endif
