/* Two pixels become one: two of their bytes at a time, the even ones, then the odd ones. */
#ifndef BLEND_H
#define BLEND_H

#include <stdint.h>

/* `a`, 0 to 256: how much of `color` covers what is `under` it. */
static inline uint32_t blend_mixed(uint32_t under, uint32_t color, uint32_t a) {
    uint32_t even = ((color & 0xff00ffu) * a + (under & 0xff00ffu) * (256 - a)) >> 8;
    uint32_t odd = ((color >> 8) & 0xff00ffu) * a + ((under >> 8) & 0xff00ffu) * (256 - a);
    return (even & 0xff00ffu) | (odd & 0xff00ff00u);
}

/* `a`, 0 to 256: how much is left. */
static inline uint32_t blend_scaled(uint32_t color, uint32_t a) {
    return ((((color & 0xff00ffu) * a) >> 8) & 0xff00ffu) | ((((color >> 8) & 0xff00ffu) * a) & 0xff00ff00u);
}

/* The sum, where each byte stops at 255. */
static inline uint32_t blend_added(uint32_t a, uint32_t b) {
    uint32_t even = (a & 0xff00ffu) + (b & 0xff00ffu), odd = ((a >> 8) & 0xff00ffu) + ((b >> 8) & 0xff00ffu);
    uint32_t over_even = even & 0x1000100u, over_odd = odd & 0x1000100u;
    even = (even | (over_even - (over_even >> 8))) & 0xff00ffu;
    odd = (odd | (over_odd - (over_odd >> 8))) & 0xff00ffu;
    return even | (odd << 8);
}

#endif
