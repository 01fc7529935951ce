/*
 * The host of channels.test.mjs: does with data channels what its standard input says and prints what it is told, one line
 * each, words apart by tabs, \n and \r within them written as such. Ends with its standard input.
 *
 *     signal KIND TEXT | open VIEWER FLAGS RETRANSMITS LIFE_TIME ID LABEL PROTOCOL | info CHANNEL
 *     send CHANNEL IS_TEXT TEXT COUNT | low CHANNEL BYTES | close CHANNEL
 */
#define _POSIX_C_SOURCE 200809L

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rendercast.h"

#define WORDS 9
#define LONGEST 65536

static rendercast_streamer streamer;

static void print_escaped(const char *text, size_t length) {
    size_t i;
    for (i = 0; i < length; i++) {
        if (text[i] == '\n') fputs("\\n", stdout);
        else if (text[i] == '\r') fputs("\\r", stdout);
        else putchar(text[i]);
    }
}

static void unescape(char *text) {
    char *to = text;
    for (; *text != '\0'; text++) {
        if (text[0] == '\\' && (text[1] == 'n' || text[1] == 'r')) *to++ = *++text == 'n' ? '\n' : '\r';
        else *to++ = *text;
    }
    *to = '\0';
}

static uint32_t number(const char *word) { return (uint32_t)strtoul(word, NULL, 10); }

static rendercast_status print_info(uint32_t channel) {
    rendercast_channel_info info = {0};
    rendercast_status status;
    info.size = sizeof info;
    status = rendercast_get_channel_info(streamer, channel, &info);
    if (status == RENDERCAST_OK) {
        printf("INFO\t%u\t%u\t%u\t%u\t%u\t%u\t%lu\t%u\t%s\t%s\n", channel, info.state, info.flags, info.max_retransmits,
               info.max_packet_life_time_ms, info.id, (unsigned long)info.buffered_amount, info.max_message_size, info.label,
               info.protocol);
    }
    return status;
}

static rendercast_status send_times(uint32_t channel, uint32_t is_text, const char *text, uint32_t count) {
    rendercast_status status = RENDERCAST_OK;
    while (count > 0 && status >= 0) {
        status = rendercast_channel_send(streamer, channel, is_text, (const uint8_t *)text, (uint32_t)strlen(text));
        if (status == RENDERCAST_OK) count--;
        else poll(NULL, 0, 1);
    }
    return status;
}

static void obey(char *line) {
    const char *words[WORDS] = {"", "", "", "", "", "", "", "", ""};
    rendercast_status status = RENDERCAST_INVALID_ARGUMENT;
    uint32_t channel = 0;
    int count = 0;
    char *word = line;
    while (word != NULL && count < WORDS) {
        char *end = strchr(word, '\t');
        if (end != NULL) *end++ = '\0';
        unescape(word);
        words[count++] = word;
        word = end;
    }
    if (strcmp(words[0], "signal") == 0) {
        rendercast_signal signal = {0};
        signal.size = sizeof signal;
        signal.kind = number(words[1]);
        signal.connection = "page";
        signal.text = words[2];
        status = rendercast_push_signal(streamer, &signal);
    } else if (strcmp(words[0], "open") == 0) {
        rendercast_channel_options options = {0};
        options.size = sizeof options;
        options.flags = number(words[2]);
        options.max_retransmits = number(words[3]);
        options.max_packet_life_time_ms = number(words[4]);
        options.id = number(words[5]);
        options.label = words[6];
        options.protocol = words[7];
        status = rendercast_channel_open(streamer, number(words[1]), &options, &channel);
    } else if (strcmp(words[0], "send") == 0) {
        status = send_times(number(words[1]), number(words[2]), words[3], number(words[4]));
    } else if (strcmp(words[0], "low") == 0) {
        status = rendercast_channel_set_buffered_amount_low_threshold(streamer, number(words[1]), number(words[2]));
    } else if (strcmp(words[0], "close") == 0) {
        status = rendercast_channel_close(streamer, number(words[1]));
    } else if (strcmp(words[0], "info") == 0) {
        status = print_info(number(words[1]));
    }
    printf("DONE\t%s\t%s\t%u\n", words[0], rendercast_status_name(status), channel);
}

static void tell(void) {
    static char text[LONGEST];
    rendercast_event event = {0};
    rendercast_input input = {0};
    rendercast_signal_out signal = {0};
    event.size = sizeof event;
    input.size = sizeof input;
    signal.size = sizeof signal;
    while (rendercast_poll_signal(streamer, &signal, text, sizeof text) == RENDERCAST_OK) {
        printf("SIGNAL\t%u\t", signal.kind);
        print_escaped(text, strlen(text));
        putchar('\n');
    }
    while (rendercast_poll_event(streamer, &event) == RENDERCAST_OK) {
        printf("EVENT\t%s\t%u\t%u\t%s\n", rendercast_event_name(event.kind), event.viewer, event.channel, event.message);
    }
    while (rendercast_poll_input(streamer, &input) == RENDERCAST_OK) {
        uint32_t length = 0;
        if (input.kind != RENDERCAST_INPUT_MESSAGE) continue;
        if (rendercast_input_data(streamer, (uint8_t *)text, sizeof text, &length) != RENDERCAST_OK) continue;
        printf("MESSAGE\t%u\t%u\t", input.channel_id, input.is_text);
        print_escaped(text, length);
        putchar('\n');
    }
}

int main(int argc, char **argv) {
    static char line[LONGEST];
    size_t length = 0;
    if (argc != 2 || rendercast_create_json(argv[1], &streamer) != RENDERCAST_OK
        || rendercast_start(streamer) != RENDERCAST_OK) {
        rendercast_last_error(line, sizeof line, NULL);
        fprintf(stderr, "%s\n", line);
        return 1;
    }
    for (;;) {
        struct pollfd input = {STDIN_FILENO, POLLIN, 0};
        if (poll(&input, 1, 5) > 0) {
            ssize_t got = read(STDIN_FILENO, line + length, sizeof line - 1 - length);
            char *end;
            if (got <= 0) break;
            length += (size_t)got;
            line[length] = '\0';
            while ((end = strchr(line, '\n')) != NULL) {
                *end++ = '\0';
                obey(line);
                length -= (size_t)(end - line);
                memmove(line, end, length + 1);
            }
        }
        tell();
        fflush(stdout);
    }
    return rendercast_destroy(streamer) == RENDERCAST_OK ? 0 : 1;
}
