/* Orders for what a viewer's page is to show and do. VIEWER 0 is everybody, but for `kick`.
 *
 *   kick VIEWER [REASON]                    the viewer is sent away
 *   rumble VIEWER PAD STRONG WEAK MS        its gamepad shakes; strengths 0 to 1
 *   cursor VIEWER SHAPE|auto                a CSS cursor keyword
 *   lock VIEWER on|off                      the mouse is the game's alone
 *   keyboard VIEWER MODE|off [TEXT]         a text field, with the caret behind TEXT; MODE as in text, email, numeric
 *   clipboard VIEWER TEXT                   where the configuration's `clipboard` is on
 *   freeze VIEWER on|off                    the last picture stays
 */
#ifndef PAGES_H
#define PAGES_H

#include "rendercast.h"

/* `rest` is what follows VIEWER. 0: no such order; else *status is what came of it. */
int pages_order(rendercast_streamer streamer, const char *what, uint32_t viewer, char *rest, rendercast_status *status);

#endif
