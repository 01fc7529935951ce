#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board.h"
#include "game.h"
#include "scene.h"
#include "seats.h"

/* After a longer stop the game goes on from where it was. */
#define MOST_STEPS (RINK_RATE / 4)

struct stage {
    rendercast_streamer streamer;
    tone *sound;
    scene *test; /* NULL: the game is on */
    board *table;
    game match;
    seats places;
    int viewers;
    uint64_t steps; /* of the picture's time, those before the last picture */
};

stage *stage_create(stage_kind kind, uint32_t width, uint32_t height, rendercast_streamer streamer, tone *sound) {
    stage *s = (stage *)calloc(1, sizeof *s);
    if (s == NULL) return NULL;
    s->streamer = streamer;
    s->sound = sound;
    if (kind == STAGE_TEST) {
        s->test = scene_create(width, height);
    } else {
        tone_hum(sound, 0);
        s->table = board_create((int)width, (int)height);
        seats_create(&s->places, (int)width, (int)height);
        game_start(&s->match, 0x2545f491u);
    }
    if (s->test == NULL && s->table == NULL) {
        free(s);
        return NULL;
    }
    return s;
}

void stage_destroy(stage *s) {
    if (s == NULL) return;
    scene_destroy(s->test);
    board_destroy(s->table);
    free(s);
}

/* A player's mallet is its cursor. Who has left needs none, and pages without our channel show theirs. */
static void point_with_mallets(stage *s, uint32_t watches, uint32_t plays) {
    if (watches != 0) (void)rendercast_viewer_set_cursor(s->streamer, watches, NULL);
    if (plays != 0) (void)rendercast_viewer_set_cursor(s->streamer, plays, "none");
}

/* A goal is felt: softly by who scored. */
static void shake(stage *s, int scored) {
    int side;
    for (side = 0; side < 2; side++) {
        const seat *of = &s->places.places[side];
        rendercast_rumble shaking;
        if (of->viewer == 0) continue;
        memset(&shaking, 0, sizeof shaking);
        shaking.size = (uint32_t)sizeof shaking;
        shaking.pad = of->pad;
        shaking.strong = side == scored ? 0.2f : 0.9f;
        shaking.weak = 0.6f;
        shaking.duration_ms = side == scored ? 150 : 400;
        (void)rendercast_viewer_rumble(s->streamer, of->viewer, &shaking);
    }
}

/* Seats as the game knows them. A new person in the same seat is a new match, too. */
static void seat_persons(stage *s, const uint32_t before[2]) {
    int side;
    for (side = 0; side < 2; side++) {
        uint32_t viewer = s->places.places[side].viewer;
        if (viewer == before[side]) continue;
        game_seat(&s->match, side, 0);
        game_seat(&s->match, side, viewer != 0);
        point_with_mallets(s, before[side], viewer);
        if (viewer != 0) fprintf(stderr, "viewer %u plays on side %d\n", (unsigned)viewer, side + 1);
        else fprintf(stderr, "viewer %u plays no more\n", (unsigned)before[side]);
    }
}

void stage_enter(stage *s, uint32_t viewer) {
    (void)viewer;
    s->viewers++;
}

void stage_leave(stage *s, uint32_t viewer) {
    const uint32_t before[2] = {s->places.places[0].viewer, s->places.places[1].viewer};
    if (s->viewers > 0) s->viewers--;
    if (s->test != NULL) {
        scene_leave(s->test, viewer);
    } else {
        seats_leave(&s->places, viewer);
        seat_persons(s, before);
    }
}

static void test_input(stage *s, const rendercast_input *input) {
    switch (input->kind) {
    case RENDERCAST_INPUT_KEY:
        scene_key(s->test, input->key, (int)input->down);
        if (input->down != 0 && input->repeat == 0) tone_key(s->sound, input->key);
        break;
    case RENDERCAST_INPUT_TEXT:
        scene_type(s->test, input->character);
        break;
    case RENDERCAST_INPUT_MOUSE:
        scene_point(s->test, input->viewer, input->x, input->y, input->buttons);
        break;
    case RENDERCAST_INPUT_TOUCH:
        scene_point(s->test, input->viewer, input->x, input->y, input->phase <= RENDERCAST_TOUCH_MOVED);
        break;
    default:
        break;
    }
}

void stage_input(stage *s, const rendercast_input *input, uint64_t now_ns) {
    const uint32_t before[2] = {s->places.places[0].viewer, s->places.places[1].viewer};
    int side;
    if (s->test != NULL) {
        test_input(s, input);
        return;
    }
    seats_input(&s->places, input, now_ns);
    seat_persons(s, before);
    for (side = 0; side < 2; side++) s->match.control[side] = s->places.places[side].control;
}

static void sound(stage *s, float pitch, float slide, float volume, float seconds, float delay, float pan, float noise) {
    tone_note note;
    note.pitch = pitch;
    note.slide = slide;
    /* Bots play on softly while nobody is there. */
    note.volume = game_idle(&s->match) ? volume * 0.3f : volume;
    note.seconds = seconds;
    note.delay = delay;
    note.pan = pan;
    note.noise = noise;
    tone_play(s->sound, &note);
}

/* One after the other, each while the last ones fade. */
static void arpeggio(stage *s, const float *pitches, int count, float pan) {
    int i;
    for (i = 0; i < count; i++) sound(s, pitches[i], 0.0f, 0.16f, 0.42f, 0.085f * (float)i, pan, 0.0f);
}

static void hear(stage *s, const game_event *event) {
    static const float SCORED[4] = {523.25f, 659.26f, 783.99f, 1046.5f};
    static const float WON[6] = {523.25f, 659.26f, 783.99f, 1046.5f, 1318.5f, 1568.0f};
    float pan = (float)event->at.x / (RINK_MIDDLE_X * (float)RINK_ONE) - 1.0f;
    float hard = (float)event->force / (RINK_FASTEST_PUCK * (float)RINK_ONE);
    if (hard > 1.5f) hard = 1.5f;
    switch (event->kind) {
    case GAME_HIT_WALL:
        if (hard < 0.02f) break;
        sound(s, 620.0f, -900.0f, 0.03f + 0.10f * hard, 0.10f, 0.0f, pan, 0.15f);
        break;
    case GAME_HIT_MALLET:
        if (hard < 0.02f) break;
        sound(s, event->side == 0 ? 300.0f : 340.0f, -800.0f, 0.06f + 0.20f * hard, 0.14f, 0.0f, pan, 0.0f);
        sound(s, 2000.0f, 0.0f, 0.05f * hard, 0.03f, 0.0f, pan, 0.9f);
        break;
    case GAME_GOAL:
        sound(s, 90.0f, 0.0f, 0.25f, 0.5f, 0.0f, pan, 0.6f);
        arpeggio(s, SCORED, 4, event->side == 0 ? -0.5f : 0.5f);
        break;
    case GAME_COUNT: sound(s, 440.0f, 0.0f, 0.16f, 0.16f, 0.0f, 0.0f, 0.0f); break;
    case GAME_START: sound(s, 880.0f, 0.0f, 0.18f, 0.40f, 0.0f, 0.0f, 0.0f); break;
    case GAME_WON: arpeggio(s, WON, 6, 0.0f); break;
    case GAME_JOINED: arpeggio(s, SCORED + 1, 2, event->side == 0 ? -0.5f : 0.5f); break;
    case GAME_RESTED: sound(s, 260.0f, 240.0f, 0.12f, 0.25f, 0.0f, 0.0f, 0.0f); break;
    }
}

void stage_draw(stage *s, uint8_t *pixels, size_t stride, uint64_t frame, double seconds, uint64_t now_ns) {
    const uint32_t before[2] = {s->places.places[0].viewer, s->places.places[1].viewer};
    uint64_t steps = (uint64_t)(seconds * RINK_RATE);
    int i;
    if (s->test != NULL) {
        scene_draw(s->test, pixels, stride, frame, seconds);
        return;
    }
    seats_expire(&s->places, now_ns, s->viewers);
    seat_persons(s, before);
    game_advance(&s->match, steps - s->steps > MOST_STEPS ? MOST_STEPS : (int)(steps - s->steps));
    s->steps = steps;
    for (i = 0; i < s->match.count; i++) {
        hear(s, &s->match.happened[i]);
        if (s->match.happened[i].kind == GAME_GOAL) shake(s, s->match.happened[i].side);
    }
    board_see(s->table, &s->match);
    game_forget(&s->match);
    board_draw(s->table, &s->match, &s->places, s->viewers, pixels, stride);
}
