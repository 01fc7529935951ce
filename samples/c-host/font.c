#include "font.h"

#include <stdlib.h>
#include <string.h>

#define ROWS 7
#define COLUMNS 6 /* with the gap to the next letter */

/* A little less than half, so that dots that touch at a corner only are joined. */
#define EDGE 0.42f
/* Pixels of a dot, below which letters are sharp rather than smooth. */
#define SMALL 3.5f

static int dot(const uint8_t *glyph, int column, int row) {
    return column >= 0 && column < 5 && row >= 0 && row < ROWS ? (glyph[column] >> row) & 1 : 0;
}

/* How much three dots in a row count, `off` from the middle of the second, -0.5 to 0.5: between two of them where letters are
 * small, or by a parabola over all three, which makes diagonals smooth. */
static void weigh(float off, int small, float weights[3]) {
    weights[0] = small ? (off < 0.0f ? -off : 0.0f) : 0.5f * (0.5f - off) * (0.5f - off);
    weights[2] = small ? (off > 0.0f ? off : 0.0f) : 0.5f * (0.5f + off) * (0.5f + off);
    weights[1] = 1.0f - weights[0] - weights[2];
}

/* Of a letter at a place counted in dots, which are `scale` pixels each. */
static float smooth(const uint8_t *glyph, float x, float y, float scale) {
    int column = (int)x, row = (int)y, i, j;
    float across[3], down[3], sum = 0.0f;
    weigh(x - (float)column - 0.5f, scale < SMALL, across);
    weigh(y - (float)row - 0.5f, scale < SMALL, down);
    for (j = 0; j < 3; j++) {
        for (i = 0; i < 3; i++) sum += across[i] * down[j] * (float)dot(glyph, column + i - 1, row + j - 1);
    }
    return sum;
}

static float bounded(float value) {
    return value < 0.0f ? 0.0f : value > 1.0f ? 1.0f : value;
}

float font_cover(const char *text, float height, float x, float y) {
    float scale = height / ROWS;
    int letter;
    if (x < 0.0f || y < 0.0f || y >= height) return 0.0f;
    letter = (int)(x / (scale * COLUMNS));
    if ((size_t)letter >= strlen(text)) return 0.0f;
    x -= (float)letter * scale * COLUMNS;
    return bounded((smooth(canvas_glyph(text[letter]), x / scale, y / scale, scale) - EDGE) * scale + 0.5f);
}

/* Characters of the canvas's font: arrows, then ' ' to '_'. */
static char character_of(int index) {
    return (char)(index < 32 ? index : index < 96 ? index : '?');
}

int font_create(font *f, int height) {
    float scale = (float)height / ROWS;
    int index, x, y;
    f->height = height;
    f->advance = (int)(scale * COLUMNS + 0.5f);
    if (f->advance < 1) f->advance = 1;
    f->alpha = (uint8_t *)malloc((size_t)FONT_GLYPHS * (size_t)f->advance * (size_t)height);
    if (f->alpha == NULL) return 0;
    for (index = 0; index < FONT_GLYPHS; index++) {
        const uint8_t *glyph = canvas_glyph(character_of(index));
        uint8_t *to = f->alpha + (size_t)index * (size_t)f->advance * (size_t)height;
        for (y = 0; y < height; y++) {
            for (x = 0; x < f->advance; x++) {
                float value = smooth(glyph, ((float)x + 0.5f) / scale, ((float)y + 0.5f) / scale, scale);
                *to++ = (uint8_t)(255.0f * bounded((value - EDGE) * scale + 0.5f));
            }
        }
    }
    return 1;
}

void font_destroy(font *f) {
    free(f->alpha);
    f->alpha = NULL;
}

int font_width(const font *f, const char *text) {
    /* Without the gap after the last letter. */
    return text[0] == '\0' ? 0 : (int)strlen(text) * f->advance - f->advance / COLUMNS;
}

void font_draw(const font *f, canvas *c, int x, int y, const char *text, uint32_t color) {
    for (; *text != '\0'; text++, x += f->advance) {
        int index = (unsigned char)*text, row;
        const uint8_t *glyph;
        if (index >= 'a' && index <= 'z') index -= 'a' - 'A';
        if (index >= FONT_GLYPHS) index = '?';
        if (index == ' ') continue;
        glyph = f->alpha + (size_t)index * (size_t)f->advance * (size_t)f->height;
        for (row = 0; row < f->height; row++) canvas_cover(c, x, y + row, f->advance, glyph + row * f->advance, color);
    }
}

void font_center(const font *f, canvas *c, int x, int y, const char *text, uint32_t color) {
    font_draw(f, c, x - font_width(f, text) / 2, y, text, color);
}

void font_end(const font *f, canvas *c, int x, int y, const char *text, uint32_t color) {
    font_draw(f, c, x - font_width(f, text), y, text, color);
}
