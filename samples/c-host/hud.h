/* What is written on the game's picture: score, seats, keys, titles. */
#ifndef HUD_H
#define HUD_H

#include "backdrop.h"
#include "font.h"
#include "game.h"
#include "seats.h"

typedef struct {
    backdrop_scale scale;
    font small, middle, large, huge;
    sprite title;
    disc pointer;
} hud;

/* Returns 0 when memory is short. */
int hud_create(hud *h, const backdrop_scale *scale);
void hud_destroy(hud *h);

/* What stands still of the title that is shown while nobody plays. */
void hud_paint_title(const hud *h, canvas *c);

void hud_draw(const hud *h, canvas *c, const game *g, const seats *s, int viewers);

#endif
