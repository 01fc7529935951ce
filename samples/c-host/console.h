/* Orders typed while the host runs, one a line:
 *
 *   list                                    who is here
 *   video VIEWER [NAME=VALUE ...]           what may be sent of the picture; what is not named is the default:
 *                                           active=on|off max_bitrate=BPS max_framerate=N scale=N
 *                                           degradation=balanced|maintain-framerate|maintain-resolution
 *   audio VIEWER active=on|off              the same of the sound
 *   codecs VIEWER LIST                      as in vp8,h264; VIEWER 0: for viewers to come
 *
 * and those of pages.h.
 */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "rendercast.h"

/* Does what has been typed since the last call, and never waits. Once a picture. */
void console_poll(rendercast_streamer streamer);

#endif
