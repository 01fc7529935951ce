#include "sparks.h"

#include <math.h>
#include <string.h>

int sparks_create(sparks *s, int radius) {
    memset(s, 0, sizeof *s);
    s->random = 2463534242u;
    return disc_create_light(&s->dot, radius < 1 ? 1 : radius);
}

void sparks_destroy(sparks *s) {
    disc_destroy(&s->dot);
}

/* xorshift32, 0 to 1 */
static float any(sparks *s) {
    s->random ^= s->random << 13;
    s->random ^= s->random >> 17;
    s->random ^= s->random << 5;
    return (float)(s->random >> 8) / 16777216.0f;
}

void sparks_burst(sparks *s, float x, float y, int count, float speed, float life, uint32_t color) {
    int i;
    for (i = 0; i < count; i++) {
        spark *one = &s->all[s->next];
        float angle = any(s) * 6.2831853f, fast = speed * (0.25f + 0.75f * any(s));
        s->next = (s->next + 1) % SPARKS_MOST;
        one->x = x;
        one->y = y;
        one->across = fast * (float)cos(angle);
        one->down = fast * (float)sin(angle);
        one->life = one->left = life * (0.5f + 0.5f * any(s));
        one->color = color;
    }
}

void sparks_move(sparks *s, float seconds) {
    float kept = 1.0f - 2.2f * seconds;
    int i;
    if (kept < 0.0f) kept = 0.0f;
    for (i = 0; i < SPARKS_MOST; i++) {
        spark *one = &s->all[i];
        if (one->left <= 0.0f) continue;
        one->left -= seconds;
        one->x += one->across * seconds;
        one->y += one->down * seconds;
        one->across *= kept;
        one->down *= kept;
    }
}

void sparks_draw(const sparks *s, canvas *c) {
    int i;
    for (i = 0; i < SPARKS_MOST; i++) {
        const spark *one = &s->all[i];
        if (one->left > 0.0f) canvas_light(c, &s->dot, (int)one->x, (int)one->y, one->color, (int)(256.0f * one->left / one->life));
    }
}
