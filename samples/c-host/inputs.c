#include "inputs.h"

#include <stdio.h>

void inputs_tell(rendercast_streamer streamer, const rendercast_input *input) {
    static uint32_t buttons = 0, pad_buttons = 0; /* told of last */
    switch (input->kind) {
    case RENDERCAST_INPUT_KEY:
        if (input->repeat == 0) {
            fprintf(stderr, "input of viewer %u: key %u %s\n", (unsigned)input->viewer, (unsigned)input->key,
                    input->down != 0 ? "down" : "up");
        }
        break;
    case RENDERCAST_INPUT_MOUSE:
        if (input->buttons != buttons) {
            fprintf(stderr, "input of viewer %u: mouse %.0f,%.0f buttons %u\n", (unsigned)input->viewer,
                    (double)input->x, (double)input->y, (unsigned)input->buttons);
            buttons = input->buttons;
        }
        break;
    case RENDERCAST_INPUT_TOUCH:
        if (input->phase == RENDERCAST_TOUCH_BEGAN || input->phase == RENDERCAST_TOUCH_ENDED) {
            fprintf(stderr, "input of viewer %u: touch %d %s %.0f,%.0f\n", (unsigned)input->viewer, (int)input->touch_id,
                    input->phase == RENDERCAST_TOUCH_BEGAN ? "began" : "ended", (double)input->x, (double)input->y);
        }
        break;
    case RENDERCAST_INPUT_GAMEPAD:
        if (input->buttons != pad_buttons) {
            fprintf(stderr, "input of viewer %u: gamepad %u buttons %u\n", (unsigned)input->viewer,
                    (unsigned)input->pad_index, (unsigned)input->buttons);
            pad_buttons = input->buttons;
        }
        break;
    case RENDERCAST_INPUT_MESSAGE: {
        uint8_t data[256];
        if (rendercast_input_data(streamer, data, sizeof data, NULL) == RENDERCAST_OK && input->is_text != 0) {
            fprintf(stderr, "viewer %u on %s: %.*s\n", (unsigned)input->viewer, input->channel, (int)input->data_len,
                    (const char *)data);
        }
        break;
    }
    default:
        break;
    }
}

void inputs_report(rendercast_streamer streamer) {
    static char text[65536 + 1024];
    if (rendercast_input_json(streamer, text, (uint32_t)sizeof text, NULL) == RENDERCAST_OK) {
        printf("INPUT %s\n", text);
        fflush(stdout);
    }
}
