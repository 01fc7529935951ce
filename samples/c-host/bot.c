#include "bot.h"

/* Units a step, in RINK_ONE: it strikes at 960 units a second, and is slow enough otherwise to be beaten. */
#define STRIKE (4 * RINK_ONE)
#define WALK RINK_ONE

static int32_t between(int32_t value, int32_t least, int32_t most) {
    return value < least ? least : value > most ? most : value;
}

/* As if its own goal were the left one. */
static int32_t mirrored(int32_t x, int side) {
    return side == 0 ? x : RINK_PICTURE_WIDTH * RINK_ONE - x;
}

rink_point bot_push(const rink *r, int side, int skew) {
    const int32_t middle = RINK_MIDDLE_Y * RINK_ONE, goal = RINK_GOAL * RINK_ONE;
    rink_point me = r->mallets[side].at, puck = r->puck.at, push;
    int32_t speed = side == 0 ? r->puck.speed.x : -r->puck.speed.x;
    int32_t most = WALK, x, y;
    me.x = mirrored(me.x, side);
    puck.x = mirrored(puck.x, side);
    /* At home, in front of the goal, it follows the puck a third of the way. */
    x = (RINK_LEFT + 130) * RINK_ONE;
    y = middle + between((puck.y - middle) / 3, -goal, goal) + skew * RINK_ONE;
    if (!r->puck_out && puck.x < (RINK_MIDDLE_X + RINK_PUCK / 2) * RINK_ONE) {
        if (puck.x < me.x - RINK_PUCK * RINK_ONE) {
            /* Behind it: back to the goal, on the side away from the puck, so as not to push it in. */
            x = (RINK_LEFT + RINK_MALLET) * RINK_ONE;
            y = middle + (puck.y > middle ? -goal / 2 : goal / 2);
            most = STRIKE;
        } else if (speed > -2 * RINK_ONE) {
            x = puck.x;
            y = puck.y + skew * RINK_ONE;
            most = STRIKE;
        } else {
            /* It comes fast: be in its way, as far as the legs carry. */
            y = between(puck.y, middle - goal, middle + goal) + skew * RINK_ONE;
        }
    }
    push.x = mirrored(x, side) - mirrored(me.x, side);
    push.y = y - me.y;
    push.x = between(push.x / 12, -most, most);
    push.y = between(push.y / 12, -most, most);
    return push;
}
