#include "pages.h"

#include <stdlib.h>
#include <string.h>

static uint32_t is_on(const char *rest) { return strcmp(rest, "on") == 0; }

/* Characters of a text in UTF-8. */
static uint32_t characters(const char *text) {
    uint32_t count = 0;
    for (; *text != '\0'; text++) count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static rendercast_status rumble(rendercast_streamer streamer, uint32_t viewer, char *rest) {
    rendercast_rumble shake;
    memset(&shake, 0, sizeof shake);
    shake.size = (uint32_t)sizeof shake;
    shake.pad = (uint32_t)strtoul(rest, &rest, 10);
    shake.strong = (float)strtod(rest, &rest);
    shake.weak = (float)strtod(rest, &rest);
    shake.duration_ms = (uint32_t)strtoul(rest, &rest, 10);
    return rendercast_viewer_rumble(streamer, viewer, &shake);
}

static rendercast_status keyboard(rendercast_streamer streamer, uint32_t viewer, char *rest) {
    static const char *const MODES[] = {"text", "numeric", "email", "url", "search", "password"};
    rendercast_keyboard field;
    char *text = strchr(rest, ' ');
    if (strcmp(rest, "off") == 0) return rendercast_viewer_hide_keyboard(streamer, viewer);
    memset(&field, 0, sizeof field);
    field.size = (uint32_t)sizeof field;
    if (text != NULL) *text++ = '\0';
    while (field.mode <= RENDERCAST_KEYBOARD_PASSWORD && strcmp(rest, MODES[field.mode]) != 0) field.mode++;
    field.text = text;
    field.selection_start = field.selection_end = text != NULL ? characters(text) : 0;
    return rendercast_viewer_show_keyboard(streamer, viewer, &field);
}

int pages_order(rendercast_streamer streamer, const char *what, uint32_t viewer, char *rest, rendercast_status *status) {
    if (strcmp(what, "kick") == 0) *status = rendercast_kick(streamer, viewer, rest);
    else if (strcmp(what, "rumble") == 0) *status = rumble(streamer, viewer, rest);
    else if (strcmp(what, "cursor") == 0) {
        *status = rendercast_viewer_set_cursor(streamer, viewer, strcmp(rest, "auto") == 0 ? NULL : rest);
    } else if (strcmp(what, "lock") == 0) *status = rendercast_viewer_set_pointer_lock(streamer, viewer, is_on(rest));
    else if (strcmp(what, "keyboard") == 0) *status = keyboard(streamer, viewer, rest);
    else if (strcmp(what, "clipboard") == 0) *status = rendercast_viewer_set_clipboard(streamer, viewer, rest);
    else if (strcmp(what, "freeze") == 0) *status = rendercast_freeze(streamer, viewer, is_on(rest));
    else return 0;
    return 1;
}
