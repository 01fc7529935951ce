/* Plays on a side that nobody has taken: defends, waits, strikes, and is good enough to lose to. */
#ifndef BOT_H
#define BOT_H

#include "rink.h"

/* How far its mallet is to go in this step. `skew`, in units: how far beside the puck it aims. */
rink_point bot_push(const rink *r, int side, int skew);

#endif
