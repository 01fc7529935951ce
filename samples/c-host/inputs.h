/* What viewers do, told on stderr. */
#ifndef INPUTS_H
#define INPUTS_H

#include "rendercast.h"

/* Keys, buttons, touches and messages; moves are left out. Before the next rendercast_poll_input. */
void inputs_tell(rendercast_streamer streamer, const rendercast_input *input);

/* What was polled last, all of it, on stdout: `INPUT` and rendercast_input_json. */
void inputs_report(rendercast_streamer streamer);

#endif
