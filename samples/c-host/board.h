/* Draws the game: the table, what moves on it, sparks, the score, and which keys do what. Any size of picture. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

#include "game.h"
#include "seats.h"

typedef struct board board;

/* NULL when memory is short. */
board *board_create(int width, int height);
void board_destroy(board *b);

/* What happened since the last picture becomes light. Before board_draw, and before game_forget. */
void board_see(board *b, const game *g);

/* Draws a whole picture as scene_draw does; `viewers`: how many are there. */
void board_draw(board *b, const game *g, const seats *s, int viewers, uint8_t *pixels, size_t stride);

#endif
