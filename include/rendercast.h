/*
 * rendercast: streams a game engine's picture and sound to browsers over WebRTC, with input coming back.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 * Generated from src/ffi by cbindgen; do not edit. `RENDERCAST_BLESS=1 tests/run.sh generated` writes it anew.
 *
 *     rendercast_streamer streamer;
 *     rendercast_create(NULL, &streamer);      // or rendercast_create_json
 *     rendercast_start(streamer);
 *     for (;;) {                               // once a picture
 *         rendercast_push_video(streamer, &frame);
 *         while (rendercast_poll_event(streamer, &event) == RENDERCAST_OK) { ... }
 *         while (rendercast_poll_input(streamer, &input) == RENDERCAST_OK) { ... }
 *     }
 *     rendercast_destroy(streamer);
 *
 * - Every function that can fail returns a rendercast_status: 0 done, positive "not now", negative a failure whose text
 *   rendercast_last_error gives on the same thread.
 * - Every structure begins with its size, set by the caller. In what the caller passes, zero means default.
 * - The library never calls the host. Events and input are polled.
 * - Handles are numbers that are never reused: a stale one is RENDERCAST_INVALID_HANDLE, never a crash.
 */


#ifndef RENDERCAST_H
#define RENDERCAST_H

#include <stdint.h>

// Version of this header: compare it with rendercast_version.
#define RENDERCAST_VERSION "0.1.0"

// The same as a number: compare it with rendercast_version_number.
#define RENDERCAST_VERSION_NUMBER 256

// Done.
#define RENDERCAST_OK 0

// There is nothing to take now: no event, no input, no link yet.
#define RENDERCAST_EMPTY 1

// Every buffer is in use. A frame or block was dropped and counted: push the next one as usual. A message was not taken:
// send it again later.
#define RENDERCAST_WOULD_BLOCK 2

// A pointer that must point somewhere is NULL.
#define RENDERCAST_NULL_POINTER -1

// The handle is stale or was never given: its object was destroyed, or the lent frame was committed or discarded.
#define RENDERCAST_INVALID_HANDLE -2

// An earlier call on this object hit a defect of the library. Only rendercast_destroy still works on it.
#define RENDERCAST_POISONED -3

// This call hit a defect of the library. The object is poisoned, the process and other objects are unharmed.
#define RENDERCAST_PANIC -4

// The structure's `size` field is not the size of any version of it that this library knows.
#define RENDERCAST_STRUCT_SIZE -5

// A text is not UTF-8, or has no NUL in its first 1048576 bytes.
#define RENDERCAST_INVALID_TEXT -6

// The configuration cannot be used. rendercast_last_error names the key and the accepted range.
#define RENDERCAST_INVALID_CONFIG -7

// An argument is outside its range, or a flag is unknown. rendercast_last_error names it.
#define RENDERCAST_INVALID_ARGUMENT -8

// The picture's width or height is outside 1 to 16384 pixels, or not the texture's own.
#define RENDERCAST_PICTURE_SIZE -9

// The pixel format is none of RENDERCAST_FORMAT_*.
#define RENDERCAST_PIXEL_FORMAT -10

// A stride is smaller than one row of its plane, or larger than 1048576 bytes.
#define RENDERCAST_STRIDE -11

// The sample rate, the channel count or the length of the audio block is outside its range.
#define RENDERCAST_AUDIO_BLOCK -12

// The caller's buffer is too small. `needed` says how large it has to be.
#define RENDERCAST_BUFFER_TOO_SMALL -13

// The streamer was started before.
#define RENDERCAST_ALREADY_STARTED -14

// The system refused a thread, a socket or memory.
#define RENDERCAST_NO_RESOURCES -15

// Too many objects of this kind are alive at once: 64 streamers, 8 lent frames or 15 sources of one streamer, 16
// graphics devices, 32 data channels or 16 video tracks of one viewer, or `peer.max_viewers` viewers.
#define RENDERCAST_TOO_MANY -16

// A pointer to float samples is not aligned to 4 bytes.
#define RENDERCAST_UNALIGNED -17

// The graphics API is not in this build, or the device lacks something.
#define RENDERCAST_GRAPHICS_UNAVAILABLE -18

// The graphics device is lost. Destroy it and create another; streaming goes on with the next picture.
#define RENDERCAST_DEVICE_LOST -19

// The texture's format, or what it may be used for, is not one that is taken.
#define RENDERCAST_TEXTURE_FORMAT -20

// A call of the graphics API failed. The picture was dropped and counted.
#define RENDERCAST_GRAPHICS_FAILED -21

// The viewer is not connected, or has no open data channel with this label, or no data channel has this number.
#define RENDERCAST_NO_CHANNEL -22

// No embedded server and no signaling client of the call protocol runs.
#define RENDERCAST_NO_CALLS -23

// The streamer is not started.
#define RENDERCAST_NOT_STARTED -24

// No viewer with this number is here.
#define RENDERCAST_NO_VIEWER -25

// The streamer has no source with this number: it was destroyed or never created.
#define RENDERCAST_NO_SOURCE -37

// None of the codecs has an encoder that works on this machine.
#define RENDERCAST_NO_CODEC -40

// The viewer has no sender of this number, or not one that this can be done with.
#define RENDERCAST_NO_SENDER -41

// The data channel is not open: connecting, closing or closed.
#define RENDERCAST_CHANNEL_NOT_OPEN -30

// The id is that of another data channel of this viewer.
#define RENDERCAST_CHANNEL_ID_IN_USE -31

// The message is longer than the viewer takes.
#define RENDERCAST_MESSAGE_TOO_LONG -32

// What is asked for cannot change any more (W3C InvalidModificationError). rendercast_last_error names the key.
#define RENDERCAST_INVALID_MODIFICATION -33

// A certificate's file cannot be read or written, is damaged, or has expired. rendercast_last_error names it.
#define RENDERCAST_CERTIFICATE -34

// It is W3C's, and not supported (W3C NotSupportedError). rendercast_last_error says why.
#define RENDERCAST_NOT_SUPPORTED -35

// The viewer came by a signaling protocol: the library negotiates for it.
#define RENDERCAST_NOT_HOST_NEGOTIATED -26

// It cannot be done in this state of the connection, or never again (W3C InvalidStateError).
#define RENDERCAST_INVALID_STATE -27

// It is no session description, does not fit the other one, or is not ours (W3C sdp-syntax-error, InvalidAccessError,
// InvalidModificationError).
#define RENDERCAST_INVALID_DESCRIPTION -28

// An operation on a connection failed (W3C OperationError).
#define RENDERCAST_OPERATION_FAILED -29

// A switch that is on; 0 leaves it at its default.
#define RENDERCAST_ON 1

// A switch that is off; 0 leaves it at its default.
#define RENDERCAST_OFF 2

// One MediaStream or two, as the page needs.
#define RENDERCAST_MEDIA_STREAMS_AUTO 0

// Audio and video in one MediaStream: the browser keeps lips in step and holds the picture back for it.
#define RENDERCAST_MEDIA_STREAMS_ONE 1

// A MediaStream each: neither waits for the other.
#define RENDERCAST_MEDIA_STREAMS_SEPARATE 2

// Unity Render Streaming: over a WebSocket at "ws://" and "wss://" addresses, at "http://" and "https://" as the server says
// that its pages do.
#define RENDERCAST_SIGNALING_AUTO 0

// Unity Render Streaming over HTTP, whatever its pages talk.
#define RENDERCAST_SIGNALING_URS_HTTP 1

// Unity Render Streaming over a WebSocket.
#define RENDERCAST_SIGNALING_URS_WEBSOCKET 2

// A WebSocket whose server repeats every message to all others.
#define RENDERCAST_SIGNALING_RELAY 3

// A WebSocket with session descriptions and candidates, where either side may offer at any time.
#define RENDERCAST_SIGNALING_DESCRIPTION 4

// A WebSocket with user names that call each other.
#define RENDERCAST_SIGNALING_CALL 5

// Whoever comes is a player, as long as there is a place.
#define RENDERCAST_PLAYERS_EVERYONE 0

// Who came first is a player; the others watch and wait in line.
#define RENDERCAST_PLAYERS_FIRST 1

// Who knows `player_token` is a player.
#define RENDERCAST_PLAYERS_TOKEN 2

// Whom the host makes one is a player, see rendercast_set_viewer_role.
#define RENDERCAST_PLAYERS_HOST 3

// 4 bytes a pixel: R, G, B, A. Alpha is ignored.
#define RENDERCAST_FORMAT_RGBA8 1

// 4 bytes a pixel: B, G, R, A. Alpha is ignored.
#define RENDERCAST_FORMAT_BGRA8 2

// 4 bytes a pixel: R, G, B, unused.
#define RENDERCAST_FORMAT_RGBX8 3

// 4 bytes a pixel: B, G, R, unused.
#define RENDERCAST_FORMAT_BGRX8 4

// 3 bytes a pixel: R, G, B.
#define RENDERCAST_FORMAT_RGB8 5

// Y plane, then interleaved U and V at half size (odd sides rounded up). BT.709, limited range.
#define RENDERCAST_FORMAT_NV12 6

// Y, U and V planes, U and V at half size (odd sides rounded up). BT.709, limited range.
#define RENDERCAST_FORMAT_I420 7

// The first row in memory is the bottom one (OpenGL's order).
#define RENDERCAST_VIDEO_FLIPPED 1

// `device` is a VkDevice.
#define RENDERCAST_GRAPHICS_VULKAN 1

// The context that is current on the calling thread, OpenGL 3.3 or OpenGL ES 3.0 and newer.
#define RENDERCAST_GRAPHICS_OPENGL 2

// `device` is an ID3D11Device*.
#define RENDERCAST_GRAPHICS_D3D11 3

// `device` is an ID3D12Device*.
#define RENDERCAST_GRAPHICS_D3D12 4

// `device` is an id<MTLDevice>.
#define RENDERCAST_GRAPHICS_METAL 5

// Vulkan: the device was created with the feature timelineSemaphore.
#define RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES 1

// The texture's first row is the bottom one.
#define RENDERCAST_TEXTURE_FLIPPED 1

// Red and blue change places.
#define RENDERCAST_TEXTURE_SWAP_RED_BLUE 2

// The texture's values are linear light, 1.0 is white; they are encoded as sRGB, and what is brighter than white is
// clipped. Formats that say so themselves (sRGB) need no flag.
#define RENDERCAST_TEXTURE_LINEAR 4

// The texture's values are linear light, brighter than white too: tone-mapped, then encoded as sRGB.
#define RENDERCAST_TEXTURE_TONE_MAP 8

// The embedded server listens; the message is the link to open.
#define RENDERCAST_EVENT_SERVER_LISTENING 1

// The embedded server could not start.
#define RENDERCAST_EVENT_SERVER_FAILED 2

// The signaling server answers.
#define RENDERCAST_EVENT_SIGNALING_READY 3

// The signaling server is lost; it is tried again and again.
#define RENDERCAST_EVENT_SIGNALING_TROUBLE 4

// A viewer's connection is up.
#define RENDERCAST_EVENT_VIEWER_CONNECTED 5

// A viewer is gone; the message says why.
#define RENDERCAST_EVENT_VIEWER_DISCONNECTED 6

// A viewer could not be served; the message says why.
#define RENDERCAST_EVENT_VIEWER_REFUSED 7

// An encoder is in use; the message is its name.
#define RENDERCAST_EVENT_ENCODER_SELECTED 8

// An encoder was tried and does not work here.
#define RENDERCAST_EVENT_ENCODER_UNAVAILABLE 9

// An encoder failed while streaming; another takes over.
#define RENDERCAST_EVENT_ENCODER_FAILED 10

// No encoder is left for a codec.
#define RENDERCAST_EVENT_ENCODER_MISSING 11

// A data channel opened: `channel` is its number, the message its label.
#define RENDERCAST_EVENT_CHANNEL_OPENED 12

// A data channel closed, on either side, or, with RENDERCAST_SEVERITY_WARNING, could not be opened; the message is its label.
#define RENDERCAST_EVENT_CHANNEL_CLOSED 13

// The graphics device that pictures came from is lost; the message says which. Destroy it and create another.
#define RENDERCAST_EVENT_GRAPHICS_DEVICE_LOST 14

// A user asks to watch, with `signaling.answer_calls` or `server.answer_calls` = `ask`; the message is its name and nothing
// else. Decide with rendercast_call_accept or rendercast_call_decline.
#define RENDERCAST_EVENT_CALL_REQUESTED 15

// A request to or of a user came to nothing: taken back, declined, or not answered within 60 s; or there is none to decide on.
// The message is the user's name and nothing else.
#define RENDERCAST_EVENT_CALL_ENDED 16

// Sound or pictures of a viewer come (see rendercast_poll_received_audio and rendercast_poll_received_video); the message is
// "audio" or "video".
#define RENDERCAST_EVENT_RECEIVING_STARTED 17

// They come no more: the page ended them (at once, where it is negotiated, as when it removes its track), the viewer left, or
// nothing came for 5 s. The message is "audio" or "video".
#define RENDERCAST_EVENT_RECEIVING_STOPPED 18

// A user has signed in at the embedded server's path `/call`, and rendercast_call_start can ask it to watch; the message is its
// name, in a room `/room/<room>/<name>`.
#define RENDERCAST_EVENT_USER_SIGNED_IN 27

// A viewer is shown another source's picture from now on: the host has asked for it, or destroyed the one before. The message
// is the source's number and nothing else.
#define RENDERCAST_EVENT_SOURCE_CHANGED 24

// None of the codecs that rendercast_set_codec_preferences names for a viewer was agreed on with its page; the message says
// which one goes on.
#define RENDERCAST_EVENT_CODEC_NOT_AGREED 26

// What waits on a data channel fell to its threshold (W3C bufferedamountlow); the message is its label.
#define RENDERCAST_EVENT_CHANNEL_LOW 20

// Nothing is heard of a viewer that media is sent to, since about half a second: its network may have changed, and another way
// to it is looked for (ICE restart); the message is "interrupted". Or it is heard again; the message is "back".
#define RENDERCAST_EVENT_VIEWER_INTERRUPTED 23

// A viewer plays from now on, or watches: `role` and `player`; the message says why. Whoever comes watches until this tells
// otherwise.
#define RENDERCAST_EVENT_ROLE_CHANGED 40

// A viewer asks for control: rendercast_set_viewer_role decides. Players are asked too, on their pages. The ask ends with a
// decision, when it is taken back, or after 60 s.
#define RENDERCAST_EVENT_ROLE_ASKED 41

// For information.
#define RENDERCAST_SEVERITY_INFO 1

// Something is worse than it should be; streaming goes on.
#define RENDERCAST_SEVERITY_WARNING 2

// Something the host configured does not work.
#define RENDERCAST_SEVERITY_ERROR 3

// Streaming has stopped.
#define RENDERCAST_SEVERITY_FATAL 4

// Bytes of rendercast_event.message, NUL included.
#define RENDERCAST_MESSAGE_SIZE 256

// A key went down or up: `key`, `down`, `repeat`, and `character` where it is known what it types; what is typed comes as
// RENDERCAST_INPUT_TEXT too.
#define RENDERCAST_INPUT_KEY 1

// A character was typed or committed: `character`. Those of one text (of an input method, of the clipboard) come one after
// the other with nothing between.
#define RENDERCAST_INPUT_TEXT 2

// The mouse moved or its buttons changed: `x`, `y`, `movement_x`, `movement_y`, `buttons`.
#define RENDERCAST_INPUT_MOUSE 3

// The wheel turned: `delta_x`, `delta_y`, and `x`, `y` where the mouse is, as far as that is known.
#define RENDERCAST_INPUT_WHEEL 4

// A finger: `touch_id`, `phase`, `x`, `y`, `force`, `radius_x`, `radius_y`.
#define RENDERCAST_INPUT_TOUCH 5

// The whole state of a gamepad: `pad_index`, `buttons`, `axes`.
#define RENDERCAST_INPUT_GAMEPAD 6

// A button of the page: `page_button`.
#define RENDERCAST_INPUT_PAGE_BUTTON 7

// A message of the page: `channel`, `channel_id`, `is_text`, `data_len`, and rendercast_input_data for its bytes.
#define RENDERCAST_INPUT_MESSAGE 8

// An input method composes text that is not committed yet: `phase` (one of RENDERCAST_COMPOSITION_*), `caret`, `data_len`,
// and rendercast_input_data for the text.
#define RENDERCAST_INPUT_COMPOSITION 9

// A pen: `phase`, `x`, `y`, `force`, `buttons`, `tilt_x`, `tilt_y`, `twist`.
#define RENDERCAST_INPUT_PEN 10

// A gamepad was plugged in, or the page saw it first: `pad_index`, `flags` (RENDERCAST_GAMEPAD_*), `data_len`, and
// rendercast_input_data for what the browser calls it. Gamepads of Unity Render Streaming's pages are used without it.
#define RENDERCAST_INPUT_GAMEPAD_CONNECTED 11

// A gamepad was unplugged: `pad_index`. What was held on it was let go before.
#define RENDERCAST_INPUT_GAMEPAD_DISCONNECTED 12

// The page gave its viewer a name (Unity Render Streaming's channel "multiplay"): `data_len`, and rendercast_input_data for
// the name.
#define RENDERCAST_INPUT_LABEL 13

// The page measures how long an input takes to the picture: the next picture pushed is the answer, which the library tells the
// page. Nothing is to be done with it; who pushes no pictures by themselves pushes one now.
#define RENDERCAST_INPUT_PROBE 22

// What is in the text field that rendercast_viewer_show_keyboard opened: `selection_start`, `selection_end`, `done`, `data_len`,
// and rendercast_input_data for all of the text (UTF-8).
#define RENDERCAST_INPUT_TEXT_FIELD 20

// What a player has copied for the host, where `input.clipboard` is on: `data_len`, and rendercast_input_data for the text
// (UTF-8).
#define RENDERCAST_INPUT_CLIPBOARD 21

// The finger, or the pen, touched.
#define RENDERCAST_TOUCH_BEGAN 1

// The finger moved.
#define RENDERCAST_TOUCH_MOVED 2

// The finger left.
#define RENDERCAST_TOUCH_ENDED 3

// The browser took the touch away.
#define RENDERCAST_TOUCH_CANCELED 4

// The finger rests.
#define RENDERCAST_TOUCH_STATIONARY 5

// The pen is near the picture and does not touch it.
#define RENDERCAST_TOUCH_HOVERING 6

// An input method began to compose.
#define RENDERCAST_COMPOSITION_STARTED 1

// What is composed changed.
#define RENDERCAST_COMPOSITION_UPDATED 2

// It is finished; what was committed comes as RENDERCAST_INPUT_TEXT.
#define RENDERCAST_COMPOSITION_ENDED 3

// It was given up.
#define RENDERCAST_COMPOSITION_CANCELED 4

// The gamepad has two motors, a strong and a weak one.
#define RENDERCAST_GAMEPAD_DUAL_RUMBLE 1

// The gamepad has motors in its triggers.
#define RENDERCAST_GAMEPAD_TRIGGER_RUMBLE 2

// The browser knows the gamepad's buttons: they are those of the W3C standard mapping.
#define RENDERCAST_GAMEPAD_STANDARD_MAPPING 4

// Bytes of rendercast_input.channel, NUL included.
#define RENDERCAST_CHANNEL_SIZE 64

// W3C code "Space".
#define RENDERCAST_KEY_SPACE 1

// W3C code "Enter".
#define RENDERCAST_KEY_ENTER 2

// W3C code "Tab".
#define RENDERCAST_KEY_TAB 3

// W3C code "Backquote".
#define RENDERCAST_KEY_BACKQUOTE 4

// W3C code "Quote".
#define RENDERCAST_KEY_QUOTE 5

// W3C code "Semicolon".
#define RENDERCAST_KEY_SEMICOLON 6

// W3C code "Comma".
#define RENDERCAST_KEY_COMMA 7

// W3C code "Period".
#define RENDERCAST_KEY_PERIOD 8

// W3C code "Slash".
#define RENDERCAST_KEY_SLASH 9

// W3C code "Backslash".
#define RENDERCAST_KEY_BACKSLASH 10

// W3C code "BracketLeft".
#define RENDERCAST_KEY_BRACKET_LEFT 11

// W3C code "BracketRight".
#define RENDERCAST_KEY_BRACKET_RIGHT 12

// W3C code "Minus".
#define RENDERCAST_KEY_MINUS 13

// W3C code "Equal".
#define RENDERCAST_KEY_EQUAL 14

// W3C code "KeyA".
#define RENDERCAST_KEY_A 15

// W3C code "KeyB".
#define RENDERCAST_KEY_B 16

// W3C code "KeyC".
#define RENDERCAST_KEY_C 17

// W3C code "KeyD".
#define RENDERCAST_KEY_D 18

// W3C code "KeyE".
#define RENDERCAST_KEY_E 19

// W3C code "KeyF".
#define RENDERCAST_KEY_F 20

// W3C code "KeyG".
#define RENDERCAST_KEY_G 21

// W3C code "KeyH".
#define RENDERCAST_KEY_H 22

// W3C code "KeyI".
#define RENDERCAST_KEY_I 23

// W3C code "KeyJ".
#define RENDERCAST_KEY_J 24

// W3C code "KeyK".
#define RENDERCAST_KEY_K 25

// W3C code "KeyL".
#define RENDERCAST_KEY_L 26

// W3C code "KeyM".
#define RENDERCAST_KEY_M 27

// W3C code "KeyN".
#define RENDERCAST_KEY_N 28

// W3C code "KeyO".
#define RENDERCAST_KEY_O 29

// W3C code "KeyP".
#define RENDERCAST_KEY_P 30

// W3C code "KeyQ".
#define RENDERCAST_KEY_Q 31

// W3C code "KeyR".
#define RENDERCAST_KEY_R 32

// W3C code "KeyS".
#define RENDERCAST_KEY_S 33

// W3C code "KeyT".
#define RENDERCAST_KEY_T 34

// W3C code "KeyU".
#define RENDERCAST_KEY_U 35

// W3C code "KeyV".
#define RENDERCAST_KEY_V 36

// W3C code "KeyW".
#define RENDERCAST_KEY_W 37

// W3C code "KeyX".
#define RENDERCAST_KEY_X 38

// W3C code "KeyY".
#define RENDERCAST_KEY_Y 39

// W3C code "KeyZ".
#define RENDERCAST_KEY_Z 40

// W3C code "Digit1".
#define RENDERCAST_KEY_DIGIT1 41

// W3C code "Digit2".
#define RENDERCAST_KEY_DIGIT2 42

// W3C code "Digit3".
#define RENDERCAST_KEY_DIGIT3 43

// W3C code "Digit4".
#define RENDERCAST_KEY_DIGIT4 44

// W3C code "Digit5".
#define RENDERCAST_KEY_DIGIT5 45

// W3C code "Digit6".
#define RENDERCAST_KEY_DIGIT6 46

// W3C code "Digit7".
#define RENDERCAST_KEY_DIGIT7 47

// W3C code "Digit8".
#define RENDERCAST_KEY_DIGIT8 48

// W3C code "Digit9".
#define RENDERCAST_KEY_DIGIT9 49

// W3C code "Digit0".
#define RENDERCAST_KEY_DIGIT0 50

// W3C code "ShiftLeft".
#define RENDERCAST_KEY_SHIFT_LEFT 51

// W3C code "ShiftRight".
#define RENDERCAST_KEY_SHIFT_RIGHT 52

// W3C code "AltLeft".
#define RENDERCAST_KEY_ALT_LEFT 53

// W3C code "AltRight".
#define RENDERCAST_KEY_ALT_RIGHT 54

// W3C code "ControlLeft".
#define RENDERCAST_KEY_CONTROL_LEFT 55

// W3C code "ControlRight".
#define RENDERCAST_KEY_CONTROL_RIGHT 56

// W3C code "MetaLeft".
#define RENDERCAST_KEY_META_LEFT 57

// W3C code "MetaRight".
#define RENDERCAST_KEY_META_RIGHT 58

// W3C code "ContextMenu".
#define RENDERCAST_KEY_CONTEXT_MENU 59

// W3C code "Escape".
#define RENDERCAST_KEY_ESCAPE 60

// W3C code "ArrowLeft".
#define RENDERCAST_KEY_ARROW_LEFT 61

// W3C code "ArrowRight".
#define RENDERCAST_KEY_ARROW_RIGHT 62

// W3C code "ArrowUp".
#define RENDERCAST_KEY_ARROW_UP 63

// W3C code "ArrowDown".
#define RENDERCAST_KEY_ARROW_DOWN 64

// W3C code "Backspace".
#define RENDERCAST_KEY_BACKSPACE 65

// W3C code "PageDown".
#define RENDERCAST_KEY_PAGE_DOWN 66

// W3C code "PageUp".
#define RENDERCAST_KEY_PAGE_UP 67

// W3C code "Home".
#define RENDERCAST_KEY_HOME 68

// W3C code "End".
#define RENDERCAST_KEY_END 69

// W3C code "Insert".
#define RENDERCAST_KEY_INSERT 70

// W3C code "Delete".
#define RENDERCAST_KEY_DELETE 71

// W3C code "CapsLock".
#define RENDERCAST_KEY_CAPS_LOCK 72

// W3C code "NumLock".
#define RENDERCAST_KEY_NUM_LOCK 73

// W3C code "PrintScreen".
#define RENDERCAST_KEY_PRINT_SCREEN 74

// W3C code "ScrollLock".
#define RENDERCAST_KEY_SCROLL_LOCK 75

// W3C code "Pause".
#define RENDERCAST_KEY_PAUSE 76

// W3C code "NumpadEnter".
#define RENDERCAST_KEY_NUMPAD_ENTER 77

// W3C code "NumpadDivide".
#define RENDERCAST_KEY_NUMPAD_DIVIDE 78

// W3C code "NumpadMultiply".
#define RENDERCAST_KEY_NUMPAD_MULTIPLY 79

// W3C code "NumpadAdd".
#define RENDERCAST_KEY_NUMPAD_ADD 80

// W3C code "NumpadSubtract".
#define RENDERCAST_KEY_NUMPAD_SUBTRACT 81

// W3C code "NumpadDecimal".
#define RENDERCAST_KEY_NUMPAD_DECIMAL 82

// W3C code "NumpadEqual".
#define RENDERCAST_KEY_NUMPAD_EQUAL 83

// W3C code "Numpad0".
#define RENDERCAST_KEY_NUMPAD0 84

// W3C code "Numpad1".
#define RENDERCAST_KEY_NUMPAD1 85

// W3C code "Numpad2".
#define RENDERCAST_KEY_NUMPAD2 86

// W3C code "Numpad3".
#define RENDERCAST_KEY_NUMPAD3 87

// W3C code "Numpad4".
#define RENDERCAST_KEY_NUMPAD4 88

// W3C code "Numpad5".
#define RENDERCAST_KEY_NUMPAD5 89

// W3C code "Numpad6".
#define RENDERCAST_KEY_NUMPAD6 90

// W3C code "Numpad7".
#define RENDERCAST_KEY_NUMPAD7 91

// W3C code "Numpad8".
#define RENDERCAST_KEY_NUMPAD8 92

// W3C code "Numpad9".
#define RENDERCAST_KEY_NUMPAD9 93

// W3C code "F1".
#define RENDERCAST_KEY_F1 94

// W3C code "F2".
#define RENDERCAST_KEY_F2 95

// W3C code "F3".
#define RENDERCAST_KEY_F3 96

// W3C code "F4".
#define RENDERCAST_KEY_F4 97

// W3C code "F5".
#define RENDERCAST_KEY_F5 98

// W3C code "F6".
#define RENDERCAST_KEY_F6 99

// W3C code "F7".
#define RENDERCAST_KEY_F7 100

// W3C code "F8".
#define RENDERCAST_KEY_F8 101

// W3C code "F9".
#define RENDERCAST_KEY_F9 102

// W3C code "F10".
#define RENDERCAST_KEY_F10 103

// W3C code "F11".
#define RENDERCAST_KEY_F11 104

// W3C code "F12".
#define RENDERCAST_KEY_F12 105

// W3C code "F13".
#define RENDERCAST_KEY_F13 112

// W3C code "F14".
#define RENDERCAST_KEY_F14 113

// W3C code "F15".
#define RENDERCAST_KEY_F15 114

// W3C code "F16".
#define RENDERCAST_KEY_F16 115

// W3C code "F17".
#define RENDERCAST_KEY_F17 116

// W3C code "F18".
#define RENDERCAST_KEY_F18 117

// W3C code "F19".
#define RENDERCAST_KEY_F19 118

// W3C code "F20".
#define RENDERCAST_KEY_F20 119

// W3C code "F21".
#define RENDERCAST_KEY_F21 120

// W3C code "F22".
#define RENDERCAST_KEY_F22 121

// W3C code "F23".
#define RENDERCAST_KEY_F23 122

// W3C code "F24".
#define RENDERCAST_KEY_F24 123

// W3C code "IntlBackslash".
#define RENDERCAST_KEY_INTL_BACKSLASH 124

// W3C code "IntlRo".
#define RENDERCAST_KEY_INTL_RO 125

// W3C code "IntlYen".
#define RENDERCAST_KEY_INTL_YEN 126

// W3C code "KanaMode".
#define RENDERCAST_KEY_KANA_MODE 127

// W3C code "Convert".
#define RENDERCAST_KEY_CONVERT 128

// W3C code "NonConvert".
#define RENDERCAST_KEY_NON_CONVERT 129

// W3C code "Lang1".
#define RENDERCAST_KEY_LANG1 130

// W3C code "Lang2".
#define RENDERCAST_KEY_LANG2 131

// W3C code "Lang3".
#define RENDERCAST_KEY_LANG3 132

// W3C code "Lang4".
#define RENDERCAST_KEY_LANG4 133

// W3C code "Lang5".
#define RENDERCAST_KEY_LANG5 134

// W3C code "Hiragana".
#define RENDERCAST_KEY_HIRAGANA 135

// W3C code "Katakana".
#define RENDERCAST_KEY_KATAKANA 136

// W3C code "NumpadComma".
#define RENDERCAST_KEY_NUMPAD_COMMA 137

// W3C code "NumpadParenLeft".
#define RENDERCAST_KEY_NUMPAD_PAREN_LEFT 138

// W3C code "NumpadParenRight".
#define RENDERCAST_KEY_NUMPAD_PAREN_RIGHT 139

// W3C code "NumpadBackspace".
#define RENDERCAST_KEY_NUMPAD_BACKSPACE 140

// W3C code "NumpadClear".
#define RENDERCAST_KEY_NUMPAD_CLEAR 141

// W3C code "NumpadClearEntry".
#define RENDERCAST_KEY_NUMPAD_CLEAR_ENTRY 142

// W3C code "NumpadMemoryStore".
#define RENDERCAST_KEY_NUMPAD_MEMORY_STORE 143

// W3C code "NumpadMemoryRecall".
#define RENDERCAST_KEY_NUMPAD_MEMORY_RECALL 144

// W3C code "NumpadMemoryClear".
#define RENDERCAST_KEY_NUMPAD_MEMORY_CLEAR 145

// W3C code "NumpadMemoryAdd".
#define RENDERCAST_KEY_NUMPAD_MEMORY_ADD 146

// W3C code "NumpadMemorySubtract".
#define RENDERCAST_KEY_NUMPAD_MEMORY_SUBTRACT 147

// W3C code "NumpadHash".
#define RENDERCAST_KEY_NUMPAD_HASH 148

// W3C code "NumpadStar".
#define RENDERCAST_KEY_NUMPAD_STAR 149

// W3C code "AudioVolumeMute".
#define RENDERCAST_KEY_AUDIO_VOLUME_MUTE 150

// W3C code "AudioVolumeDown".
#define RENDERCAST_KEY_AUDIO_VOLUME_DOWN 151

// W3C code "AudioVolumeUp".
#define RENDERCAST_KEY_AUDIO_VOLUME_UP 152

// W3C code "MediaTrackNext".
#define RENDERCAST_KEY_MEDIA_TRACK_NEXT 153

// W3C code "MediaTrackPrevious".
#define RENDERCAST_KEY_MEDIA_TRACK_PREVIOUS 154

// W3C code "MediaStop".
#define RENDERCAST_KEY_MEDIA_STOP 155

// W3C code "MediaPlayPause".
#define RENDERCAST_KEY_MEDIA_PLAY_PAUSE 156

// W3C code "MediaSelect".
#define RENDERCAST_KEY_MEDIA_SELECT 157

// W3C code "LaunchMail".
#define RENDERCAST_KEY_LAUNCH_MAIL 158

// W3C code "LaunchApp1".
#define RENDERCAST_KEY_LAUNCH_APP1 159

// W3C code "LaunchApp2".
#define RENDERCAST_KEY_LAUNCH_APP2 160

// W3C code "BrowserBack".
#define RENDERCAST_KEY_BROWSER_BACK 161

// W3C code "BrowserForward".
#define RENDERCAST_KEY_BROWSER_FORWARD 162

// W3C code "BrowserRefresh".
#define RENDERCAST_KEY_BROWSER_REFRESH 163

// W3C code "BrowserStop".
#define RENDERCAST_KEY_BROWSER_STOP 164

// W3C code "BrowserSearch".
#define RENDERCAST_KEY_BROWSER_SEARCH 165

// W3C code "BrowserFavorites".
#define RENDERCAST_KEY_BROWSER_FAVORITES 166

// W3C code "BrowserHome".
#define RENDERCAST_KEY_BROWSER_HOME 167

// W3C code "Eject".
#define RENDERCAST_KEY_EJECT 168

// W3C code "Power".
#define RENDERCAST_KEY_POWER 169

// W3C code "Sleep".
#define RENDERCAST_KEY_SLEEP 170

// W3C code "WakeUp".
#define RENDERCAST_KEY_WAKE_UP 171

// W3C code "Help".
#define RENDERCAST_KEY_HELP 172

// W3C code "Open".
#define RENDERCAST_KEY_OPEN 173

// W3C code "Props".
#define RENDERCAST_KEY_PROPS 174

// W3C code "Select".
#define RENDERCAST_KEY_SELECT 175

// W3C code "Again".
#define RENDERCAST_KEY_AGAIN 176

// W3C code "Undo".
#define RENDERCAST_KEY_UNDO 177

// W3C code "Cut".
#define RENDERCAST_KEY_CUT 178

// W3C code "Copy".
#define RENDERCAST_KEY_COPY 179

// W3C code "Paste".
#define RENDERCAST_KEY_PASTE 180

// W3C code "Find".
#define RENDERCAST_KEY_FIND 181

// W3C code "Abort".
#define RENDERCAST_KEY_ABORT 182

// W3C code "Fn".
#define RENDERCAST_KEY_FN 183

// W3C code "FnLock".
#define RENDERCAST_KEY_FN_LOCK 184

// W3C code "Hyper".
#define RENDERCAST_KEY_HYPER 185

// W3C code "Super".
#define RENDERCAST_KEY_SUPER 186

// W3C code "Turbo".
#define RENDERCAST_KEY_TURBO 187

// W3C code "Suspend".
#define RENDERCAST_KEY_SUSPEND 188

// W3C code "Resume".
#define RENDERCAST_KEY_RESUME 189

// The longest message, in bytes.
#define RENDERCAST_MESSAGE_MAX 65536

// Messages may arrive in another order than they were sent in (W3C `ordered` is false).
#define RENDERCAST_CHANNEL_UNORDERED 1

// `max_retransmits` counts; without it, and without the next, a message is sent again until it has arrived.
#define RENDERCAST_CHANNEL_MAX_RETRANSMITS 2

// `max_packet_life_time_ms` counts. Not together with RENDERCAST_CHANNEL_MAX_RETRANSMITS.
#define RENDERCAST_CHANNEL_MAX_PACKET_LIFE_TIME 4

// Host and page each open the channel by themselves, with the same `id`, and nothing announces it.
#define RENDERCAST_CHANNEL_NEGOTIATED 8

// In rendercast_channel_info only: the page has opened it. Whether it limits retransmissions is not known then.
#define RENDERCAST_CHANNEL_BY_PAGE 16

// Nothing can be sent yet: the connection or the page's answer is missing.
#define RENDERCAST_CHANNEL_CONNECTING 1

// Messages can be sent.
#define RENDERCAST_CHANNEL_OPEN 2

// It was closed here; what was sent before is on its way.
#define RENDERCAST_CHANNEL_CLOSING 3

// It is over.
#define RENDERCAST_CHANNEL_CLOSED 4

// rendercast_channel_info.id before it is known.
#define RENDERCAST_CHANNEL_NO_ID 65535

// Bytes of rendercast_channel_info.label and .protocol, NUL included.
#define RENDERCAST_LABEL_SIZE 260

// A session description of the type "offer".
#define RENDERCAST_SIGNAL_OFFER 1

// A session description of the type "answer".
#define RENDERCAST_SIGNAL_ANSWER 2

// An ICE candidate; an empty text is the end of candidates.
#define RENDERCAST_SIGNAL_CANDIDATE 3

// The connection is over.
#define RENDERCAST_SIGNAL_DISCONNECT 4

// The other side waits for our offer. Only to rendercast_push_signal.
#define RENDERCAST_SIGNAL_INVITE 5

// With an offer: ours yields when both sides offer at once (W3C "perfect negotiation"). One side of the two must.
#define RENDERCAST_SIGNAL_POLITE 1

// With an offer or an invitation: the page shows one MediaStream only, so sound and video share it.
#define RENDERCAST_SIGNAL_ONE_STREAM 2

// Bytes of a connection's name, NUL included.
#define RENDERCAST_CONNECTION_SIZE 257

// Bytes of rendercast_signal_out.sdp_mid, NUL included.
#define RENDERCAST_SDP_MID_SIZE 64

// W3C "stable".
#define RENDERCAST_SIGNALING_STATE_STABLE 1

// W3C "have-local-offer".
#define RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER 2

// W3C "have-remote-offer".
#define RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_OFFER 3

// W3C "have-local-pranswer".
#define RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_PRANSWER 4

// W3C "have-remote-pranswer".
#define RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER 5

// W3C "closed".
#define RENDERCAST_SIGNALING_STATE_CLOSED 6

// W3C "new".
#define RENDERCAST_ICE_GATHERING_STATE_NEW 1

// W3C "gathering".
#define RENDERCAST_ICE_GATHERING_STATE_GATHERING 2

// W3C "complete".
#define RENDERCAST_ICE_GATHERING_STATE_COMPLETE 3

// W3C "new".
#define RENDERCAST_ICE_CONNECTION_STATE_NEW 1

// W3C "checking".
#define RENDERCAST_ICE_CONNECTION_STATE_CHECKING 2

// W3C "connected".
#define RENDERCAST_ICE_CONNECTION_STATE_CONNECTED 3

// W3C "completed".
#define RENDERCAST_ICE_CONNECTION_STATE_COMPLETED 4

// W3C "disconnected".
#define RENDERCAST_ICE_CONNECTION_STATE_DISCONNECTED 5

// W3C "failed".
#define RENDERCAST_ICE_CONNECTION_STATE_FAILED 6

// W3C "closed".
#define RENDERCAST_ICE_CONNECTION_STATE_CLOSED 7

// W3C "new".
#define RENDERCAST_CONNECTION_STATE_NEW 1

// W3C "connecting".
#define RENDERCAST_CONNECTION_STATE_CONNECTING 2

// W3C "connected".
#define RENDERCAST_CONNECTION_STATE_CONNECTED 3

// W3C "disconnected".
#define RENDERCAST_CONNECTION_STATE_DISCONNECTED 4

// W3C "failed".
#define RENDERCAST_CONNECTION_STATE_FAILED 5

// W3C "closed".
#define RENDERCAST_CONNECTION_STATE_CLOSED 6

// A session description's type, W3C "offer".
#define RENDERCAST_SDP_OFFER 1

// W3C "pranswer": a provisional answer.
#define RENDERCAST_SDP_PRANSWER 2

// W3C "answer".
#define RENDERCAST_SDP_ANSWER 3

// W3C "rollback": the offer that is not answered yet is taken back.
#define RENDERCAST_SDP_ROLLBACK 4

// W3C localDescription: the pending one, else the current one.
#define RENDERCAST_DESCRIPTION_LOCAL 1

// W3C currentLocalDescription: as negotiated last.
#define RENDERCAST_DESCRIPTION_CURRENT_LOCAL 2

// W3C pendingLocalDescription: being negotiated.
#define RENDERCAST_DESCRIPTION_PENDING_LOCAL 3

// W3C remoteDescription: the pending one, else the current one.
#define RENDERCAST_DESCRIPTION_REMOTE 4

// W3C currentRemoteDescription: as negotiated last.
#define RENDERCAST_DESCRIPTION_CURRENT_REMOTE 5

// W3C pendingRemoteDescription: being negotiated.
#define RENDERCAST_DESCRIPTION_PENDING_REMOTE 6

// W3C canTrickleIceCandidates is null: the other side has not described itself.
#define RENDERCAST_TRICKLE_UNKNOWN 0

// W3C canTrickleIceCandidates is false: the other side wants all candidates in the description.
#define RENDERCAST_TRICKLE_NO 1

// W3C canTrickleIceCandidates is true: candidates may follow the description one by one.
#define RENDERCAST_TRICKLE_YES 2

// An operation has come to its end: `request`, `status`; the text is its result, or the reason why there is none.
#define RENDERCAST_PEER_EVENT_OPERATION_DONE 1

// W3C signalingstatechange: `state` is one of RENDERCAST_SIGNALING_STATE_*. It comes before the end of the operation that caused it.
#define RENDERCAST_PEER_EVENT_SIGNALING_STATE 2

// W3C icegatheringstatechange: `state` is one of RENDERCAST_ICE_GATHERING_STATE_*.
#define RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE 3

// W3C iceconnectionstatechange: `state` is one of RENDERCAST_ICE_CONNECTION_STATE_*.
#define RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE 4

// W3C connectionstatechange: `state` is one of RENDERCAST_CONNECTION_STATE_*.
#define RENDERCAST_PEER_EVENT_CONNECTION_STATE 5

// W3C negotiationneeded: make an offer. It comes once until a negotiation has ended.
#define RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED 6

// W3C icecandidate: the text, `sdp_mid` and `sdp_mline_index` are for the other side. An empty text is the end of candidates.
#define RENDERCAST_PEER_EVENT_ICE_CANDIDATE 7

// W3C icecandidateerror: `url`, `error_code`, `address` and `port`; the text is W3C errorText.
#define RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR 8

// W3C track: `state` is RENDERCAST_TRACK_AUDIO or RENDERCAST_TRACK_VIDEO, `sdp_mid` its section; the text is the ids of its streams, one a
// line. Only where `peer.receive` is on; what comes is polled with rendercast_poll_received_video and
// rendercast_poll_received_audio.
#define RENDERCAST_PEER_EVENT_TRACK 9

// The last event of a connection; the text says why.
#define RENDERCAST_PEER_EVENT_CLOSED 10

// W3C removetrack: nothing comes any more in a section that RENDERCAST_PEER_EVENT_TRACK told of, whose page has stopped its track,
// removed it, or stopped the transceiver, or because of the direction that the host has set. `state`, `sdp_mid` and the text are as
// they were then. The same section may bring a track again.
#define RENDERCAST_PEER_EVENT_TRACK_REMOVED 11

// A track of sound.
#define RENDERCAST_TRACK_AUDIO 1

// A track of pictures.
#define RENDERCAST_TRACK_VIDEO 2

// Bytes of rendercast_peer_event.url, NUL included.
#define RENDERCAST_URL_SIZE 256

// Bytes of rendercast_peer_event.address, NUL included.
#define RENDERCAST_ADDRESS_SIZE 64

// Bytes of rendercast_stats.encoder, NUL included.
#define RENDERCAST_ENCODER_SIZE 32

// It is negotiated, or its connection has not come up yet.
#define RENDERCAST_VIEWER_CONNECTING 1

// Its connection is up.
#define RENDERCAST_VIEWER_CONNECTED 2

// Nothing is heard from it; it may come back within seconds.
#define RENDERCAST_VIEWER_INTERRUPTED 3

// Bytes of rendercast_viewer_stats.codec, NUL included.
#define RENDERCAST_CODEC_SIZE 16

// It watches: its input reaches nobody, but for messages on data channels.
#define RENDERCAST_ROLE_SPECTATOR 1

// It plays. Players have numbers from 1; whoever becomes one gets the lowest free number.
#define RENDERCAST_ROLE_PLAYER 2

// Any text.
#define RENDERCAST_KEYBOARD_TEXT 0

// Digits.
#define RENDERCAST_KEYBOARD_NUMERIC 1

// An e-mail address.
#define RENDERCAST_KEYBOARD_EMAIL 2

// An address of the Web.
#define RENDERCAST_KEYBOARD_URL 3

// Something to look for.
#define RENDERCAST_KEYBOARD_SEARCH 4

// A password, which is not shown.
#define RENDERCAST_KEYBOARD_PASSWORD 5

// A viewer's video.
#define RENDERCAST_SENDER_VIDEO 1

// A viewer's sound.
#define RENDERCAST_SENDER_AUDIO 2

// First a smaller picture, then every second one, then smaller still (W3C "balanced").
#define RENDERCAST_DEGRADATION_BALANCED 1

// Smaller pictures (W3C "maintain-framerate").
#define RENDERCAST_DEGRADATION_MAINTAIN_FRAMERATE 2

// Fewer pictures (W3C "maintain-resolution").
#define RENDERCAST_DEGRADATION_MAINTAIN_RESOLUTION 3

// W3C "sendonly".
#define RENDERCAST_DIRECTION_SENDONLY 1

// W3C "inactive".
#define RENDERCAST_DIRECTION_INACTIVE 2

// W3C "recvonly".
#define RENDERCAST_DIRECTION_RECVONLY 3

// W3C "sendrecv".
#define RENDERCAST_DIRECTION_SENDRECV 4

// Textures in one batch at most.
#define RENDERCAST_UNITY_BATCH_FRAMES 64

// What a call came to. 0 is success, positive is "not now" (nothing is wrong), negative is a failure whose text
// rendercast_last_error gives on the same thread. A newer library may return numbers that this header does not name.
typedef int32_t rendercast_status;

// What a streamer is told at its creation. Zero (NULL) in any field but `size` means its default, so clear the structure,
// set `size`, and set what matters. Texts are NUL-terminated UTF-8 and are copied; they may be freed after the call.
typedef struct rendercast_config {
    // sizeof(rendercast_config).
    uint32_t size;
    // Expected pictures a second, 1 to 240. Default 60. For rate control; the host may push at any rate.
    uint32_t fps;
    // Where the sender starts, in kbit/s, 100 to 1000000. Default 16000.
    uint32_t start_bitrate_kbps;
    // Never more than this, in kbit/s, 100 to 1000000. Default 160000.
    uint32_t max_bitrate_kbps;
    // Never less than this, in kbit/s, 50 to 1000000. Default 300.
    uint32_t min_bitrate_kbps;
    // Switch: whether an audio track is offered. Default on.
    uint32_t audio;
    // Opus rate in kbit/s, 6 to 510. Default 128.
    uint32_t audio_bitrate_kbps;
    // One of RENDERCAST_MEDIA_STREAMS_*. Default RENDERCAST_MEDIA_STREAMS_AUTO.
    uint32_t media_streams;
    // Viewers at most, 1 to 1000. Default 64.
    uint32_t max_viewers;
    // Longest time between polls of the signaling server while nothing happens, in ms, 100 to 8000. Default 500.
    uint32_t signaling_idle_poll_ms;
    // Time between polls of the signaling server while something is negotiated, in ms, 10 to 5000. Default 250.
    uint32_t signaling_busy_poll_ms;
    // Switch: do not check the signaling server's TLS certificate. Default off.
    uint32_t accept_invalid_certificates;
    // Switch: the embedded signaling server with its player page. Default on.
    uint32_t server;
    // One of RENDERCAST_SIGNALING_*: what the server at `signaling_url` speaks. Default RENDERCAST_SIGNALING_AUTO.
    uint32_t signaling_protocol;
    // "auto", or one encoder that is tried first: "h264_nvenc", "libx264", "openh264", ... Default "auto".
    const char *encoder;
    // Codecs to offer, best first, with commas between. Default "h264,vp8,vp9,av1".
    const char *codecs;
    // Address and port the embedded server listens on; port 0 takes a free one. Default "127.0.0.1:8080".
    const char *server_address;
    // What a viewer must know, at least 8 characters. Default: nothing on a loopback address, generated on any other.
    const char *server_token;
    // "http://", "https://", "ws://" or "wss://" address of a signaling server. Default none.
    const char *signaling_url;
    // IP addresses to gather host candidates on, with commas between. Default every address of this machine.
    const char *bind_addresses;
    // Addresses of one STUN or TURN server, with commas between: "stun:host:port", "turn:host:port?transport=udp".
    // Default none. Several servers with different credentials need the JSON configuration.
    const char *ice_urls;
    // User name at the servers of `ice_urls`. Default none.
    const char *ice_username;
    // Password at the servers of `ice_urls`. Default none.
    const char *ice_credential;
    // The connection that both sides name in the private mode of Unity Render Streaming, at most 256 bytes. Default none:
    // public mode.
    const char *signaling_connection_id;
    // Our name where users call each other (RENDERCAST_SIGNALING_CALL), 1 to 128 bytes. Default "rendercast".
    const char *signaling_user_name;
    // Switch: we make the first offer, for pages that wait for one (RENDERCAST_SIGNALING_RELAY and _DESCRIPTION). Default off.
    uint32_t signaling_offers_first;
    // Switch: RENDERCAST_EVENT_CALL_REQUESTED asks the host before a user gets the stream (RENDERCAST_SIGNALING_CALL, and the
    // embedded server's path /call). Default off.
    uint32_t signaling_asks_host;
    // What a page has to know with RENDERCAST_PLAYERS_TOKEN, 8 to 256 bytes: its link carries it as `player=`. Default none.
    const char *player_token;
    // One of RENDERCAST_PLAYERS_*: who is a player, and who watches only. Default RENDERCAST_PLAYERS_EVERYONE.
    uint32_t players;
    // Players at once, 1 to 1000. Default: one with RENDERCAST_PLAYERS_FIRST, else as many as there are viewers.
    uint32_t max_players;
    // Switch: a spectator may ask for control. Default on.
    uint32_t player_asking;
    // Switch: texts of the clipboard go from the host to pages, and from players to the host. Default off.
    uint32_t clipboard;
    // Longest text of the clipboard, in bytes of UTF-8, 1 to 65536. Default 65536.
    uint32_t clipboard_max_bytes;
    // Input events of one viewer in the long run, per second, 10 to 100000; a second's worth may come at once. What lets a key or
    // button go is never dropped. Default 1000.
    uint32_t max_events_per_second;
    // Switch: a viewer may ask on its page for less than it is given: a smaller picture, a lower rate, another codec that was agreed
    // on; never for more than the host has granted. Off: such messages reach the host as they are. Default on.
    uint32_t choose_quality;
} rendercast_config;

// A streamer. 0 is never one. A stale value is an error, never a crash, and never names a later streamer.
typedef uint32_t rendercast_streamer;

// What a source is made with. Set `size`; 0 and NULL mean default.
typedef struct rendercast_source_options {
    // sizeof(rendercast_source_options).
    uint32_t size;
    // The most that its encoders may be asked for, in kbit/s, within the configuration's bounds. 0: the streamer's.
    uint32_t max_bitrate_kbps;
    // Pictures a second to expect, 1 to 240. 0: the streamer's.
    uint32_t fps;
    // 0.
    uint32_t reserved;
    // For people, in statistics: at most 63 bytes of UTF-8 and a NUL, without control characters. NULL: none.
    const char *label;
} rendercast_source_options;

// A source of pictures of one streamer. 0 is the one that is always there, which everything goes to that names none; others
// count up from 1 and are never given twice. A stale one is an error, never a crash.
typedef uint32_t rendercast_source;

// A picture in the host's memory. Set `size`, `format`, `width`, `height` and the format's planes; the rest may be 0.
typedef struct rendercast_video_frame {
    // sizeof(rendercast_video_frame).
    uint32_t size;
    // One of RENDERCAST_FORMAT_*.
    uint32_t format;
    // Pixels, 1 to 16384. Odd sides are allowed. May change from frame to frame.
    uint32_t width;
    // Pixels, 1 to 16384.
    uint32_t height;
    // The first byte in memory of each plane, at any alignment. A plane of `rows` rows is read for
    // stride * (rows - 1) + (bytes of one row) bytes. Planes the format does not have are ignored.
    const uint8_t *planes[3];
    // Bytes from one row to the next of each plane, at most 1048576. 0 means that rows follow each other without a gap.
    uint32_t strides[3];
    // 0, or RENDERCAST_VIDEO_FLIPPED.
    uint32_t flags;
    // When the picture was made, in ns on the host's monotonic clock. 0 means now, on the library's clock. Stamp every
    // frame and audio block or none: only differences count, and audio and video are played in step by them. All sources of
    // a streamer are stamped by the same clock.
    uint64_t host_time_ns;
    // Whose picture it is, of rendercast_source_create; 0 is the source that is always there.
    rendercast_source source;
    // 0.
    uint32_t reserved;
} rendercast_video_frame;

// A picture buffer lent by rendercast_acquire_video. 0 is never one. A stale value is an error, never a crash.
typedef uint32_t rendercast_frame;

// A buffer of the library for the host to write one picture into.
typedef struct rendercast_video_buffer {
    // sizeof(rendercast_video_buffer); set by the caller.
    uint32_t size;
    // Names the buffer to rendercast_commit_video and rendercast_discard_video.
    rendercast_frame frame;
    // As asked for.
    uint32_t format;
    // As asked for, in pixels.
    uint32_t width;
    // As asked for, in pixels.
    uint32_t height;
    // Planes the format has, 1 to 3.
    uint32_t plane_count;
    // The first byte of each plane, aligned to at least 8 bytes; NULL for planes the format does not have.
    uint8_t *planes[3];
    // Bytes from one row to the next of each plane, a multiple of 64. Usually more than one row of pixels.
    uint32_t strides[3];
    // 0.
    uint32_t reserved;
} rendercast_video_buffer;

// A graphics device of the host's. Set `size`, `api` and what the API needs; the rest may be 0.
typedef struct rendercast_graphics_device {
    // sizeof(rendercast_graphics_device).
    uint32_t size;
    // One of RENDERCAST_GRAPHICS_*.
    uint32_t api;
    // VkDevice, ID3D11Device*, ID3D12Device*, id<MTLDevice>. OpenGL: NULL.
    void *device;
    // VkQueue (compute allowed), ID3D12CommandQueue* (direct or compute), id<MTLCommandQueue> or NULL for one of the
    // library's own: the GPU must then have finished drawing the texture. Nobody else may use the queue during a
    // rendercast_push_texture. Others: NULL.
    void *queue;
    // VkInstance. Others: NULL.
    void *instance;
    // VkPhysicalDevice. Others: NULL.
    void *physical_device;
    // Vulkan: vkGetInstanceProcAddr. OpenGL: a function void *(*)(const char *name) such as eglGetProcAddress or
    // SDL_GL_GetProcAddress, only called by rendercast_create_graphics. Others: NULL.
    void *get_proc_address;
    // Vulkan: the family of `queue`.
    uint32_t queue_family;
    // 0, or RENDERCAST_GRAPHICS_TIMELINE_SEMAPHORES.
    uint32_t flags;
} rendercast_graphics_device;

// A graphics device of the host's that the library knows. 0 is never one. A stale value is an error, never a crash.
typedef uint32_t rendercast_graphics;

// A picture in the GPU's memory. Set `size`, `texture`, `width`, `height`, for Vulkan also `format` and `layout`; the rest
// may be 0.
typedef struct rendercast_texture {
    // sizeof(rendercast_texture).
    uint32_t size;
    // Sum of RENDERCAST_TEXTURE_*.
    uint32_t flags;
    // VkImage (with VK_IMAGE_USAGE_SAMPLED_BIT), OpenGL's name of a GL_TEXTURE_2D, ID3D11Texture2D*, ID3D12Resource*,
    // id<MTLTexture> (with MTLTextureUsageShaderRead). It must live until the GPU has run what is recorded, as for any
    // other command that reads it; it may be another one with each picture.
    uint64_t texture;
    // The API's own number of its format: VkFormat, OpenGL's internal format, DXGI_FORMAT, MTLPixelFormat. 0 asks the API,
    // which Vulkan cannot answer. Taken are 8-bit RGBA and BGRA with their sRGB forms, 10-bit RGB with 2-bit alpha and
    // 16-bit float RGBA.
    uint32_t format;
    // The state it is in, and is left in: VkImageLayout, D3D12_RESOURCE_STATES. Others: 0.
    uint32_t layout;
    // Pixels, 1 to 16384.
    uint32_t width;
    // Pixels, 1 to 16384.
    uint32_t height;
    // Pixels of the picture to stream, scaled by the GPU. 0: as `width`. Odd sides are rounded up.
    uint32_t target_width;
    // 0: as `height`.
    uint32_t target_height;
    // When the picture was made, in ns on the host's monotonic clock; 0 means now, on the library's clock.
    uint64_t host_time_ns;
    // Whose picture it is, of rendercast_source_create; 0 is the source that is always there.
    rendercast_source source;
    // 0.
    uint32_t reserved;
} rendercast_texture;

// Something that happened in the library.
typedef struct rendercast_event {
    // sizeof(rendercast_event); set by the caller.
    uint32_t size;
    // One of RENDERCAST_EVENT_*. A newer library may report kinds this header does not name: show their message.
    uint32_t kind;
    // One of RENDERCAST_SEVERITY_*.
    uint32_t severity;
    // The viewer it is about, 0 for nobody. Viewer numbers are never reused while the process lives.
    uint32_t viewer;
    // For people, in English, one line: UTF-8, ended by a NUL, cut at a character when it is too long.
    char message[RENDERCAST_MESSAGE_SIZE];
    // The number of the data channel it is about, 0 for none.
    uint32_t channel;
    // RENDERCAST_ROLE_SPECTATOR or RENDERCAST_ROLE_PLAYER, where the event is about a role; else 0.
    uint32_t role;
    // The player's number, from 1; 0 for none.
    uint32_t player;
} rendercast_event;

// Something a viewer did. Fields that its kind does not name are 0.
typedef struct rendercast_input {
    // sizeof(rendercast_input); set by the caller.
    uint32_t size;
    // One of RENDERCAST_INPUT_*. A newer library may report kinds this header does not name: leave them.
    uint32_t kind;
    // Who did it. Never 0, and never reused while the process lives.
    uint32_t viewer;
    // One of RENDERCAST_KEY_*: the key's place on the keyboard, whatever is printed on it. 106 to 110 are keys of the
    // keyboard's maker. rendercast_key_to_windows_vk and its neighbours say what other systems call it.
    uint32_t key;
    // When it arrived, in ns on the library's monotonic clock.
    uint64_t received_ns;
    // 1 when the key went down, 0 when it went up.
    uint32_t down;
    // 1 when the keyboard repeats a key that is held.
    uint32_t repeat;
    // The typed character, a Unicode scalar value. Of a key 0 where it is not known, or types nothing.
    uint32_t character;
    // Mouse: W3C MouseEvent.buttons (1 left, 2 right, 4 middle, 8 back, 16 forward). Gamepad: bit n is button n of the W3C
    // standard mapping. Pen: W3C PointerEvent.buttons (1 tip, 2 barrel, 32 eraser).
    uint32_t buttons;
    // Pixels of the video from its left edge. See `normalized_x`.
    float x;
    // Pixels of the video from its top edge.
    float y;
    // W3C WheelEvent pixels, positive to the right.
    float delta_x;
    // W3C WheelEvent pixels, positive downwards.
    float delta_y;
    // How hard the finger or the pen presses, 0 to 1.
    float force;
    // Tells fingers apart while they touch.
    int32_t touch_id;
    // One of RENDERCAST_TOUCH_*, of a composition of RENDERCAST_COMPOSITION_*.
    uint32_t phase;
    // Tells a viewer's gamepads apart.
    uint32_t pad_index;
    // Left stick x and y, right stick x and y, left and right trigger; -1 to 1, triggers 0 to 1. Stick up is positive.
    float axes[6];
    // The number the page gave its button.
    int32_t page_button;
    // 1 when the page sent the message as text (UTF-8), 0 when as bytes.
    uint32_t is_text;
    // Bytes of the message or text.
    uint32_t data_len;
    // The data channel's number, as in rendercast_event.channel.
    uint32_t channel_id;
    // Label of the data channel: UTF-8, ended by a NUL, cut at a character when it is too long.
    char channel[RENDERCAST_CHANNEL_SIZE];
    // When it happened, in microseconds of the page's own clock; 0: not known. Only differences within one viewer count.
    uint64_t page_time_us;
    // Width of the picture that the viewer was shown, in pixels: what `x` counts in. 0 before the first picture.
    uint32_t width;
    // Height of the picture that the viewer was shown, in pixels.
    uint32_t height;
    // The same place as `x` in parts of the picture's width: 0 is its left edge, 1 the right one. What Unity Render
    // Streaming's pages send may be outside.
    float normalized_x;
    // The same place as `y` in parts of the picture's height: 0 is its top edge, 1 the bottom.
    float normalized_y;
    // How far the mouse moved to the right, in pixels of the video. Of a locked pointer it is all there is.
    float movement_x;
    // How far the mouse moved down, in pixels of the video.
    float movement_y;
    // Half of the width that the finger covers, in pixels of the video; 0: not known.
    float radius_x;
    // Half of the height that the finger covers, in pixels of the video; 0: not known.
    float radius_y;
    // The pen's tilt to the right, in degrees, -90 to 90.
    int32_t tilt_x;
    // The pen's tilt towards the viewer, in degrees, -90 to 90.
    int32_t tilt_y;
    // The pen's turn around itself, clockwise, in degrees, 0 to 359.
    uint32_t twist;
    // What a gamepad can do: RENDERCAST_GAMEPAD_*, added up.
    uint32_t flags;
    // Where the caret is in the text being composed, in characters.
    uint32_t caret;
    // Where the selection of the text field begins, in characters (Unicode scalar values); the caret, where nothing is selected.
    uint32_t selection_start;
    // Where it ends.
    uint32_t selection_end;
    // 1 when the viewer is done with the text field, and it is closed.
    uint32_t done;
} rendercast_input;

// How a data channel is opened: W3C's RTCDataChannelInit and the label. Zeros mean defaults.
typedef struct rendercast_channel_options {
    // sizeof(rendercast_channel_options); set by the caller.
    uint32_t size;
    // Of RENDERCAST_CHANNEL_UNORDERED, _MAX_RETRANSMITS, _MAX_PACKET_LIFE_TIME and _NEGOTIATED. Default none: ordered and
    // reliable.
    uint32_t flags;
    // For the page to know the channel by, at most 256 bytes of UTF-8, ended by a NUL. NULL: empty. Labels need not differ.
    const char *label;
    // The application's name for what is said on the channel, as `label`. NULL: empty.
    const char *protocol;
    // With its flag: how long a message is tried for, 0 to 65535 ms.
    uint32_t max_packet_life_time_ms;
    // With its flag: how often a message is sent again, 0 to 65535. With 0 what is lost is lost.
    uint32_t max_retransmits;
    // With RENDERCAST_CHANNEL_NEGOTIATED: the channel's id, 0 to 1023.
    uint32_t id;
    // 0.
    uint32_t reserved;
} rendercast_channel_options;

// A data channel at one moment.
typedef struct rendercast_channel_info {
    // sizeof(rendercast_channel_info); set by the caller.
    uint32_t size;
    // The viewer it goes to.
    uint32_t viewer;
    // RENDERCAST_CHANNEL_CONNECTING, _OPEN, _CLOSING or _CLOSED.
    uint32_t state;
    // RENDERCAST_CHANNEL_UNORDERED, _MAX_RETRANSMITS, _MAX_PACKET_LIFE_TIME, _NEGOTIATED and _BY_PAGE, as they are.
    uint32_t flags;
    // With its flag, in ms.
    uint32_t max_packet_life_time_ms;
    // With its flag.
    uint32_t max_retransmits;
    // W3C `id`, the number of its SCTP stream; RENDERCAST_CHANNEL_NO_ID before it is known.
    uint32_t id;
    // In bytes, see rendercast_channel_set_buffered_amount_low_threshold.
    uint32_t buffered_amount_low_threshold;
    // Bytes that were sent on it and that the page's browser has not acknowledged, those that wait here included.
    uint64_t buffered_amount;
    // The longest message that it takes, in bytes: what the page's browser says (a=max-message-size), at most
    // RENDERCAST_MESSAGE_MAX.
    uint32_t max_message_size;
    // 0.
    uint32_t reserved;
    // UTF-8, ended by a NUL.
    char label[RENDERCAST_LABEL_SIZE];
    // UTF-8, ended by a NUL; empty for none.
    char protocol[RENDERCAST_LABEL_SIZE];
} rendercast_channel_info;

// What the other side of a connection said.
typedef struct rendercast_signal {
    // sizeof(rendercast_signal); set by the caller.
    uint32_t size;
    // One of RENDERCAST_SIGNAL_*.
    uint32_t kind;
    // The sum of RENDERCAST_SIGNAL_POLITE and RENDERCAST_SIGNAL_ONE_STREAM, or 0.
    uint32_t flags;
    // Of a candidate: the media description it belongs to, 0 to 65535 (W3C sdpMLineIndex). What `sdp_mid` says counts more.
    uint32_t sdp_mline_index;
    // The host's own name for the connection: NUL-terminated UTF-8, 1 to 256 bytes.
    const char *connection;
    // The session description (SDP), or the candidate ("candidate:..."): NUL-terminated UTF-8. Otherwise NULL.
    const char *text;
    // Of a candidate: the identification of its media description (W3C sdpMid). NULL: not known.
    const char *sdp_mid;
} rendercast_signal;

// What the other side of a connection is to be told. Its text comes beside it.
typedef struct rendercast_signal_out {
    // sizeof(rendercast_signal_out); set by the caller.
    uint32_t size;
    // One of RENDERCAST_SIGNAL_*.
    uint32_t kind;
    // Bytes of the text, NUL included.
    uint32_t text_size;
    // Of a candidate: the media description it belongs to (W3C sdpMLineIndex).
    uint32_t sdp_mline_index;
    // The connection's name, ended by a NUL.
    char connection[RENDERCAST_CONNECTION_SIZE];
    // Of a candidate: the identification of its media description (W3C sdpMid), ended by a NUL.
    char sdp_mid[RENDERCAST_SDP_MID_SIZE];
} rendercast_signal_out;

// The states of a connection at one moment. What the polled events tell may be a little older.
typedef struct rendercast_peer_states {
    // sizeof(rendercast_peer_states); set by the caller.
    uint32_t size;
    // W3C signalingState: one of RENDERCAST_SIGNALING_STATE_*.
    uint32_t signaling;
    // W3C iceGatheringState: one of RENDERCAST_ICE_GATHERING_STATE_*.
    uint32_t ice_gathering;
    // W3C iceConnectionState: one of RENDERCAST_ICE_CONNECTION_STATE_*.
    uint32_t ice_connection;
    // W3C connectionState: one of RENDERCAST_CONNECTION_STATE_*.
    uint32_t connection;
    // W3C canTrickleIceCandidates: one of RENDERCAST_TRICKLE_*.
    uint32_t can_trickle;
} rendercast_peer_states;

// Something that happened to a connection that the host negotiates. Its text comes beside it. What a kind does not name is 0 or
// empty.
typedef struct rendercast_peer_event {
    // sizeof(rendercast_peer_event); set by the caller.
    uint32_t size;
    // One of RENDERCAST_PEER_EVENT_*. A newer library may report kinds this header does not name: pass them over.
    uint32_t kind;
    // The viewer that rendercast_peer_create made.
    uint32_t viewer;
    // Of an operation: the number that its call gave.
    uint32_t request;
    // Of an operation: a rendercast_status.
    int32_t status;
    // The new state, or the kind of a track.
    uint32_t state;
    // Bytes of the text, NUL included.
    uint32_t text_size;
    // Of a candidate: the media section it belongs to (W3C sdpMLineIndex).
    uint32_t sdp_mline_index;
    // Of a candidate error: the server's own (RFC 8489, section 18.4), or 701: it was not reached (W3C errorCode).
    uint32_t error_code;
    // Of a candidate error: the local port, 0 where it is not known (W3C port).
    uint32_t port;
    // Of a candidate or a track: the identification of its media section (W3C sdpMid), ended by a NUL.
    char sdp_mid[RENDERCAST_SDP_MID_SIZE];
    // Of a candidate error: the server's URL (W3C url), ended by a NUL.
    char url[RENDERCAST_URL_SIZE];
    // Of a candidate error: the local address, empty where it is not known (W3C address), ended by a NUL.
    char address[RENDERCAST_ADDRESS_SIZE];
} rendercast_peer_event;

// A picture of a viewer's camera.
typedef struct rendercast_received_video {
    // sizeof(rendercast_received_video); set by the caller.
    uint32_t size;
    // Who sent it.
    uint32_t viewer;
    // In pixels. It may change from one picture to the next.
    uint32_t width;
    // In pixels.
    uint32_t height;
    // When it was captured, less the shortest delay of the path, in ns on the library's monotonic clock. Sound of the same
    // moment has the same time.
    uint64_t host_time_ns;
} rendercast_received_video;

// A piece of sound of a viewer's microphone.
typedef struct rendercast_received_audio {
    // sizeof(rendercast_received_audio); set by the caller.
    uint32_t size;
    // Who sent it.
    uint32_t viewer;
    // Hz: 48000.
    uint32_t sample_rate;
    // 1 or 2. It may grow from one piece to the next.
    uint32_t channels;
    // Samples of each channel, 120 to 5760: mostly 960, which are 20 ms.
    uint32_t frames;
    // 0.
    uint32_t reserved;
    // When its first sample was captured, less the shortest delay of the path, in ns on the library's monotonic clock.
    // Pieces follow each other; where something was lost or nothing was sent, times leave a gap.
    uint64_t host_time_ns;
} rendercast_received_audio;

// A streamer at one moment. Latencies are over the last 256 pictures; counters count since the streamer's start.
typedef struct rendercast_stats {
    // sizeof(rendercast_stats); set by the caller.
    uint32_t size;
    // Viewers connected now.
    uint32_t viewers;
    // Since the start, in ms.
    uint64_t uptime_ms;
    // Encoders open now.
    uint32_t encoders;
    // Of the last picture of source 0, in pixels.
    uint32_t width;
    // Of the last picture of source 0, in pixels.
    uint32_t height;
    // Colour conversion, median, in microseconds.
    uint32_t convert_p50_us;
    // Colour conversion, 99th percentile, in microseconds.
    uint32_t convert_p99_us;
    // Encoding, median, in microseconds.
    uint32_t encode_p50_us;
    // Encoding, 99th percentile, in microseconds.
    uint32_t encode_p99_us;
    // From push to the picture's last packet leaving, less encoding: median, in microseconds.
    uint32_t transit_p50_us;
    // From push to the picture's last packet leaving, less encoding: 99th percentile, in microseconds.
    uint32_t transit_p99_us;
    // 0.
    uint32_t reserved;
    // Target of the first active layer, in kbit/s.
    uint64_t target_bitrate_kbps;
    // Pictures pushed or committed.
    uint64_t video_frames_pushed;
    // Pictures that a newer one replaced, or that found no free buffer.
    uint64_t video_frames_dropped;
    // Pictures encoded, over all layers.
    uint64_t video_frames_encoded;
    // Keyframes encoded, over all layers.
    uint64_t keyframes_encoded;
    // Audio blocks pushed.
    uint64_t audio_blocks_pushed;
    // Audio blocks refused because 200 ms were waiting.
    uint64_t audio_blocks_dropped;
    // Times a viewer too slow for its stream was restarted on a keyframe.
    uint64_t viewer_resyncs;
    // RTP packets sent, over all viewers.
    uint64_t packets_sent;
    // RTP payload bytes sent, over all viewers.
    uint64_t bytes_sent;
    // Input events received.
    uint64_t input_events;
    // Input events dropped because the host polls too slowly.
    uint64_t input_events_dropped;
    // Name of the first active layer's encoder, empty when none is open: UTF-8, ended by a NUL.
    char encoder[RENDERCAST_ENCODER_SIZE];
} rendercast_stats;

// One encoding that viewers share, at one moment. Counters count since it was started.
typedef struct rendercast_layer_stats {
    // sizeof(rendercast_layer_stats); set by the caller.
    uint32_t size;
    // Whose pictures; 0 is the source that is always there.
    rendercast_source source;
    // Its place in its codec's ladder of sizes; 0 is the best.
    uint32_t rung;
    // 1 where it is for viewers that would cost the others too many keyframes, else 0.
    uint32_t repair;
    // How much smaller than the rung's picture it is for viewers whose host asked for that
    // (rendercast_sender_parameters.scale_resolution_down_by); 0: it is for everybody.
    double scale_resolution_down_by;
    // The most pictures a second for viewers whose host asked for that; 0: it is for everybody.
    uint32_t max_framerate;
    // Of its picture, in pixels.
    uint32_t width;
    // Of its picture, in pixels.
    uint32_t height;
    // Pictures a second that its encoder is asked for.
    uint32_t fps;
    // Pictures that it made in the last second.
    uint32_t actual_fps;
    // Viewers that watch it or are about to.
    uint32_t viewers;
    // What its encoder is asked for, in kbit/s.
    uint64_t target_bitrate_kbps;
    // What it made in the last second, in kbit/s.
    uint64_t actual_bitrate_kbps;
    // Encoding, median of its last 256 pictures, in microseconds.
    uint32_t encode_p50_us;
    // Encoding, 99th percentile of its last 256 pictures, in microseconds.
    uint32_t encode_p99_us;
    // Pictures that it made.
    uint64_t frames;
    // Keyframes that it made.
    uint64_t keyframes;
    // Bytes that it made.
    uint64_t bytes;
    // "H264", "VP8", "VP9" or "AV1", ended by a NUL.
    char codec[RENDERCAST_CODEC_SIZE];
    // Its encoder's name, ended by a NUL.
    char encoder[RENDERCAST_ENCODER_SIZE];
} rendercast_layer_stats;

// A viewer that is here.
typedef struct rendercast_viewer {
    // sizeof(rendercast_viewer); set by the caller in the first element of an array.
    uint32_t size;
    // Its number, as events and input carry it.
    uint32_t viewer;
    // One of RENDERCAST_VIEWER_*. A newer library may tell numbers this header does not name.
    uint32_t state;
    // The connection's name in its signaling protocol, as with RENDERCAST_EVENT_VIEWER_CONNECTED and in rendercast_signal: UTF-8,
    // ended by a NUL.
    char connection[RENDERCAST_CONNECTION_SIZE];
    // 0.
    uint8_t reserved[3];
    // RENDERCAST_ROLE_SPECTATOR or RENDERCAST_ROLE_PLAYER.
    uint32_t role;
    // The player's number, from 1; 0 for a spectator.
    uint32_t player;
} rendercast_viewer;

// One viewer at one moment. Counters count since it connected; what begins with `page` its page tells of itself.
typedef struct rendercast_viewer_stats {
    // sizeof(rendercast_viewer_stats); set by the caller.
    uint32_t size;
    // Round trip to it, smoothed, in microseconds; 0 before one was measured.
    uint32_t rtt_us;
    // Share of packets lost, smoothed over some seconds, 0 to 1.
    float fraction_lost;
    // Of the picture it is sent, in pixels; 0 while it is sent none.
    uint32_t width;
    // Of the picture it is sent, in pixels.
    uint32_t height;
    // Pictures a second its encoder is asked for.
    uint32_t fps;
    // What its link is estimated to carry, in kbit/s.
    uint64_t available_bitrate_kbps;
    // What its encoder is asked for, in kbit/s.
    uint64_t target_bitrate_kbps;
    // RTP packets, those sent again among them.
    uint64_t packets_sent;
    // Payload of these packets, in bytes.
    uint64_t bytes_sent;
    // Packets sent again because it asked.
    uint64_t packets_retransmitted;
    // Payload of these packets, in bytes.
    uint64_t bytes_retransmitted;
    // Pictures.
    uint64_t frames_sent;
    // "H264", "VP8", "VP9" or "AV1", ended by a NUL; empty while it is sent no picture.
    char codec[RENDERCAST_CODEC_SIZE];
    // The encoder it is served by, shared or not, ended by a NUL.
    char encoder[RENDERCAST_ENCODER_SIZE];
    // Whose picture it is shown, or is about to be; 0 is the source that is always there.
    rendercast_source source;
    // 0.
    uint32_t reserved;
    // RTP payload that it was sent in the last second, in kbit/s.
    uint64_t sent_bitrate_kbps;
    // Times its queue was cleared until a keyframe.
    uint64_t resyncs;
    // Pictures that it was sent in the last second.
    uint32_t sent_fps;
    // Its layer's place in the codec's ladder; 0 is the best, also while it is sent no picture.
    uint32_t rung;
    // How long what waits in its pacer takes to leave, in microseconds.
    uint32_t pacer_queue_us;
    // How long ago its page told of itself, in ms, 1 or more; 0: it has not, and what follows is 0. What it tells is not to be
    // trusted. Numbers that it did not tell are 0.
    uint32_t page_age_ms;
    // From capture to display, median, in ms.
    float page_end_to_end_p50_ms;
    // From capture to display, 95th percentile, in ms.
    float page_end_to_end_p95_ms;
    // How long pictures wait in its jitter buffer, in ms.
    float page_jitter_buffer_ms;
    // How long its browser takes to decode a picture, in ms.
    float page_decode_ms;
    // How long a decoded picture waits for the display, in ms.
    float page_display_ms;
    // From an input to the first picture drawn after it, median, in ms.
    float page_input_to_picture_p50_ms;
    // From an input to the first picture drawn after it, 95th percentile, in ms.
    float page_input_to_picture_p95_ms;
    // Pictures that it shows a second.
    float page_fps;
    // Pictures that were decoded and not shown.
    uint64_t page_frames_dropped;
    // How long its picture stood still, in ms.
    double page_frozen_ms;
} rendercast_viewer_stats;

// How a gamepad is to shake (W3C GamepadEffectParameters: "dual-rumble" and, where the pad can, "trigger-rumble").
typedef struct rendercast_rumble {
    // sizeof(rendercast_rumble); set by the caller.
    uint32_t size;
    // Which of the viewer's gamepads, 0 to 3, as rendercast_input.pad_index.
    uint32_t pad;
    // The strong motor, 0 to 1.
    float strong;
    // The weak motor, 0 to 1.
    float weak;
    // In the left trigger, 0 to 1.
    float left_trigger;
    // In the right trigger, 0 to 1.
    float right_trigger;
    // 1 to 5000 ms. 0 stops what shakes.
    uint32_t duration_ms;
    // 0.
    uint32_t reserved;
} rendercast_rumble;

// A text field with an on-screen keyboard.
typedef struct rendercast_keyboard {
    // sizeof(rendercast_keyboard); set by the caller.
    uint32_t size;
    // One of RENDERCAST_KEYBOARD_*. Default RENDERCAST_KEYBOARD_TEXT.
    uint32_t mode;
    // What is in the field at first, at most 16384 bytes of UTF-8, ended by a NUL. NULL: empty.
    const char *text;
    // What the text is for, read out and shown, at most 256 bytes of UTF-8, ended by a NUL. NULL: nothing.
    const char *label;
    // Where the selection begins, in characters (Unicode scalar values), 0 to `selection_end`.
    uint32_t selection_start;
    // Where it ends, 0 to the characters of `text`. The same as `selection_start`: the caret is there.
    uint32_t selection_end;
} rendercast_keyboard;

// What may be sent to one viewer (W3C RTCRtpEncodingParameters, and RTCRtpSendParameters.degradationPreference). Zero in any
// field but `size` means its default. Of sound, which is encoded once for everybody, only `active` can be set.
//
// Viewers share encodings. One with bounds of its own is served as one with a slow link is: by a smaller rung of
// `video.layers`, or, where its size or frame rate is none that the others have, by an encoder that it shares with those who
// have the same bounds. Where `video.max_encoders` allows none, it gets the others' nearest smaller picture, at their frame
// rate.
typedef struct rendercast_sender_parameters {
    // sizeof(rendercast_sender_parameters).
    uint32_t size;
    // Switch, RENDERCAST_ON or RENDERCAST_OFF: whether anything is sent. Default on. What is off leaves the link to the rest,
    // and an encoder that nobody else watches ends; switched on again, video begins with a keyframe.
    uint32_t active;
    // Encoded video at most, in bit/s, what repairs loss not counted. At least `video.min_bitrate_kbps` counts. Default none.
    // Viewers who share its encoding may be slowed down to it, but never below half of what they could have.
    uint64_t max_bitrate;
    // Width and height are divided by this, 1 to 1000; the result is rounded to even sides. Default 1.
    double scale_resolution_down_by;
    // Pictures a second at most, 1 to 240. Default as many as the host pushes.
    uint32_t max_framerate;
    // One of RENDERCAST_DEGRADATION_*: what gives way when the link does not carry the picture. It counts while everybody who
    // shares the viewer's encoding has the same. Default `video.degradation`.
    uint32_t degradation_preference;
} rendercast_sender_parameters;

// What a track is added with. Set `size`; 0 and NULL mean default.
typedef struct rendercast_track_options {
    // sizeof(rendercast_track_options).
    uint32_t size;
    // Whose pictures it shows. Default 0, the source that is always there.
    rendercast_source source;
    // One of RENDERCAST_DIRECTION_*. Default RENDERCAST_DIRECTION_SENDONLY, of sound RENDERCAST_DIRECTION_RECVONLY.
    uint32_t direction;
    // 0.
    uint32_t reserved;
    // The id of its MediaStream, by which a page knows it (`event.streams[0].id`): 1 to 64 letters, digits and
    // !#$%&'*+-.^_`{|}~. NULL: "rendercast-video-" and the sender's number.
    const char *stream_id;
} rendercast_track_options;

// One texture of Unity's for one streamer. Set `size`, `streamer`, `texture`, `width`, `height`; the rest may be 0.
typedef struct rendercast_unity_frame {
    // sizeof(rendercast_unity_frame).
    uint32_t size;
    // Whose picture it becomes. A stale one is ignored.
    rendercast_streamer streamer;
    // What Texture.GetNativeTexturePtr gives, of a colour texture without multisampling. It must live until the render
    // event has run.
    void *texture;
    // Pixels, 1 to 16384.
    uint32_t width;
    // Pixels, 1 to 16384.
    uint32_t height;
    // Pixels of the picture to stream, scaled by the GPU. 0: as `width`. Odd sides are rounded up.
    uint32_t target_width;
    // 0: as `height`.
    uint32_t target_height;
    // Sum of RENDERCAST_TEXTURE_*.
    uint32_t flags;
    // The API's own number of the texture's format; 0 asks Unity or the API, which know it.
    uint32_t format;
    // When the picture was made, in ns on the host's monotonic clock; 0 means now, on the library's clock.
    uint64_t host_time_ns;
    // Which of the streamer's sources it is for, of rendercast_source_create; 0 is the one that is always there.
    rendercast_source source;
    // 0.
    uint32_t reserved;
} rendercast_unity_frame;

// What one render event takes.
typedef struct rendercast_unity_batch {
    // sizeof(rendercast_unity_batch).
    uint32_t size;
    // Frames, 0 to RENDERCAST_UNITY_BATCH_FRAMES.
    uint32_t count;
    // `count` frames of one size, one after the other. NULL only with a `count` of 0.
    const struct rendercast_unity_frame *frames;
} rendercast_unity_batch;

#ifdef __cplusplus
extern "C" {
#endif // __cplusplus

// The name of a status, such as "RENDERCAST_WOULD_BLOCK", for logs.
//
// Returns a static text that is never freed and never NULL; "unknown status" for a number this library does not use.
// Any thread. Never blocks. Since 0.1.0.
const char *rendercast_status_name(rendercast_status status);

// The library's version as a text, "major.minor.patch". Compare it with RENDERCAST_VERSION of the header.
//
// Returns a static text that is never freed and never NULL. Any thread. Never blocks. Since 0.1.0.
const char *rendercast_version(void);

// The library's version as a number: major * 65536 + minor * 256 + patch. Compare it with RENDERCAST_VERSION_NUMBER.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_version_number(void);

// The text of the last failure (negative status) on the calling thread: English, one line, empty when there was none.
// Successes and positive statuses leave it alone. At most 1024 bytes with its NUL.
//
// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL and cut at a character);
// RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_PANIC. None of them changes the text.
//
// Any thread. Never blocks. Since 0.1.0.
rendercast_status rendercast_last_error(char *buffer,
                                        uint32_t capacity,
                                        uint32_t *needed);

// Creates a streamer. Nothing runs yet: rendercast_start does that.
//
// `config` is NULL for all defaults; it and its texts may be freed after the call. On RENDERCAST_OK `*out` is the new
// streamer, which lives until rendercast_destroy or rendercast_shutdown_all; otherwise it is 0.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (rendercast_last_error names the key and its range);
// RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`out`); RENDERCAST_TOO_MANY (64 are alive);
// RENDERCAST_NO_RESOURCES; RENDERCAST_PANIC.
//
// Any thread. May allocate and lock. Since 0.1.0.
rendercast_status rendercast_create(const struct rendercast_config *config,
                                    rendercast_streamer *out);

// Creates a streamer from a JSON text, which can say everything rendercast_config can and more. Nothing runs yet.
//
// `json` is NUL-terminated UTF-8, such as {"video":{"fps":30},"server":{"address":"0.0.0.0:8080"}}; "{}" is all defaults.
// It may be freed after the call. On RENDERCAST_OK `*out` is the new streamer, otherwise it is 0.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (not JSON, an unknown key, a value outside its range:
// rendercast_last_error says which); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`json` or `out`);
// RENDERCAST_TOO_MANY (64 are alive); RENDERCAST_NO_RESOURCES; RENDERCAST_PANIC.
//
// Any thread. May allocate and lock. Since 0.1.0.
rendercast_status rendercast_create_json(const char *json,
                                         rendercast_streamer *out);

// Starts the workers, the search for an encoder, the embedded server and signaling. Returns before they are ready: events
// tell how it goes, RENDERCAST_EVENT_SERVER_LISTENING brings the link.
//
// Returns RENDERCAST_OK; RENDERCAST_ALREADY_STARTED; RENDERCAST_NO_RESOURCES (the system refused a thread);
// RENDERCAST_INVALID_CONFIG; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. May take some milliseconds, so not on the render or audio thread. Since 0.1.0.
rendercast_status rendercast_start(rendercast_streamer streamer);

// Closes every viewer's connection and ends every thread of the streamer. The handle stays valid; events and figures can
// still be read. Stopping what is not running is allowed.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. Blocks until the threads have ended, at most about two seconds. Since 0.1.0.
rendercast_status rendercast_stop(rendercast_streamer streamer);

// Bounds what the video encoders may spend, from the next picture on, and tells their rate control how many pictures a
// second to expect. Within the bounds the rate follows each viewer's network. Viewers stay connected.
//
// `min_bitrate_kbps` and `max_bitrate_kbps` are in kbit/s and within those of the configuration; `fps` is 1 to 240. 0 is the
// configuration's own value. Every value is set, or on a failure none.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_CONFIG (rendercast_last_error names the value and its range);
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread, before or after rendercast_start. Never blocks. Since 0.1.0.
rendercast_status rendercast_set_video_rate(rendercast_streamer streamer,
                                            uint32_t min_bitrate_kbps,
                                            uint32_t max_bitrate_kbps,
                                            uint32_t fps);

// Stops the streamer and frees it with everything it lent. From now on its handle is stale: calls with it return
// RENDERCAST_INVALID_HANDLE. Calls that other threads are making on it are waited for; nobody may be writing into a buffer
// of rendercast_acquire_video any more.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (stale, or destroyed by another thread meanwhile); RENDERCAST_PANIC.
//
// Any thread. Blocks as rendercast_stop does. Since 0.1.0.
rendercast_status rendercast_destroy(rendercast_streamer streamer);

// Destroys every streamer of the process. For hosts that unload code and may have lost handles, as Unity's editor does when
// it reloads scripts. The library can be used again afterwards.
//
// Returns RENDERCAST_OK; RENDERCAST_PANIC (a defect met while one was destroyed; the others are destroyed all the same).
//
// Any thread. Blocks until all threads of all streamers have ended, at most about two seconds each. Since 0.1.0.
rendercast_status rendercast_shutdown_all(void);

// Objects of the library that are alive in this process: streamers, and buffers lent by rendercast_acquire_video. 0 after
// rendercast_shutdown_all; a test can find leaks with it.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_live_object_count(void);

// The link to open in a browser, once the embedded server listens.
//
// `needed`, unless NULL, becomes the link's size with its NUL; 512 bytes are always enough. A NULL `buffer` with `capacity`
// 0 asks for the size only. The link may contain the server's token: it is a secret then.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (the server does not listen: not yet, or not at all; nothing is written);
// RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is
// not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. Never blocks. Since 0.1.0.
rendercast_status rendercast_link(rendercast_streamer streamer,
                                  char *buffer,
                                  uint32_t capacity,
                                  uint32_t *needed);

// Makes one more source of pictures. Pictures for it bear its number: rendercast_video_frame.source,
// rendercast_source_acquire_video, rendercast_texture.source, rendercast_unity_frame.source. Each source has a worker of its
// own, and its own encoders while it is watched; `video.max_encoders` bounds those of all sources, but for the first one of each
// source and codec.
//
// `options` is NULL for all defaults; it and its text may be freed after the call. On RENDERCAST_OK `*out` is the source's
// number, otherwise 0. It lives until rendercast_source_destroy or the end of the streamer, through stops and starts.
//
// Returns RENDERCAST_OK; RENDERCAST_TOO_MANY (15 are alive); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the option
// and its range); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`out`); RENDERCAST_STRUCT_SIZE; RENDERCAST_NO_RESOURCES;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it may start a thread, and waits while another thread starts or stops the
// streamer. Since 0.1.0.
rendercast_status rendercast_source_create(rendercast_streamer streamer,
                                           const struct rendercast_source_options *options,
                                           rendercast_source *out);

// Ends a source. Who watches it is shown source 0 from now on (RENDERCAST_EVENT_SOURCE_CHANGED). Its number is stale: pictures
// that bear it are refused with RENDERCAST_NO_SOURCE. A buffer lent for it is given back by rendercast_discard_video, or by
// rendercast_commit_video, which drops the picture.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_SOURCE; RENDERCAST_INVALID_ARGUMENT (`source` 0 is always there);
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Waits while another thread starts or stops the streamer, not for viewers,
// encoders or the network. Since 0.1.0.
rendercast_status rendercast_source_destroy(rendercast_streamer streamer,
                                            rendercast_source source);

// Says which source a viewer is shown (W3C's replaceTrack: nothing is negotiated anew, and its sound goes on). It keeps the
// picture it has until the new one's first keyframe is here, and as long as the new source has no picture;
// RENDERCAST_EVENT_SOURCE_CHANGED tells when the new one is sent.
//
// `viewer` is the number that events and input carry; 0 says what viewers to come are shown, at first source 0.
//
// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_SOURCE; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (64 orders
// wait for this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Never blocks. Since 0.1.0.
rendercast_status rendercast_set_viewer_source(rendercast_streamer streamer,
                                               uint32_t viewer,
                                               rendercast_source source);

// Says which source every viewer is shown, those here and those to come, as rendercast_set_viewer_source does for one.
//
// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_SOURCE; RENDERCAST_WOULD_BLOCK (64 orders wait for some viewer,
// the others are asked: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Never blocks. Since 0.1.0.
rendercast_status rendercast_set_every_viewers_source(rendercast_streamer streamer,
                                                      rendercast_source source);

// Copies a picture in and hands it to the encoders. The newest picture wins: one that is still waiting is replaced.
//
// The host's memory is free again when the call returns. May be called before rendercast_start; nobody sees it then.
//
// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (every buffer is in use, the picture was dropped and counted);
// RENDERCAST_NULL_POINTER (`frame`, or a plane the format needs); RENDERCAST_STRUCT_SIZE; RENDERCAST_PIXEL_FORMAT;
// RENDERCAST_PICTURE_SIZE; RENDERCAST_STRIDE; RENDERCAST_INVALID_ARGUMENT (unknown flag); RENDERCAST_NO_SOURCE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread, best always the same one for a source. Never blocks and takes no lock; allocates only for the first pictures
// of a size. Since 0.1.0.
rendercast_status rendercast_push_video(rendercast_streamer streamer,
                                        const struct rendercast_video_frame *frame);

// Lends a buffer to write one picture into, which saves the copy of rendercast_push_video.
//
// Set `out->size` before the call. On RENDERCAST_OK `out` describes the buffer; its bytes are whatever an earlier picture
// left. Give it back with rendercast_commit_video or rendercast_discard_video, from any thread; its memory is the host's
// until then, or until rendercast_destroy or rendercast_shutdown_all, which free it whether or not somebody is writing.
//
// `format` is one of RENDERCAST_FORMAT_*; `width` and `height` are pixels, 1 to 16384.
//
// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (every buffer is in use, skip this picture); RENDERCAST_TOO_MANY (8 are
// lent already); RENDERCAST_PIXEL_FORMAT; RENDERCAST_PICTURE_SIZE; RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. Never blocks; allocates only for the first pictures of a size. Since 0.1.0.
rendercast_status rendercast_acquire_video(rendercast_streamer streamer,
                                           uint32_t format,
                                           uint32_t width,
                                           uint32_t height,
                                           struct rendercast_video_buffer *out);

// As rendercast_acquire_video, for a picture of `source`, which rendercast_source_create has given; 0 is the source that is
// always there. The 8 buffers that may be lent at once are those of all sources together.
//
// Returns what rendercast_acquire_video returns, and RENDERCAST_NO_SOURCE.
//
// Any thread. Never blocks; allocates only for the first pictures of a size. Since 0.1.0.
rendercast_status rendercast_source_acquire_video(rendercast_streamer streamer,
                                                  rendercast_source source,
                                                  uint32_t format,
                                                  uint32_t width,
                                                  uint32_t height,
                                                  struct rendercast_video_buffer *out);

// Hands a written buffer to the encoders and ends its loan. The newest picture wins: one that is still waiting is replaced.
//
// `host_time_ns` as in rendercast_video_frame, 0 means now. `flags` is 0 or RENDERCAST_VIDEO_FLIPPED.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (streamer, or a frame that is not lent); RENDERCAST_INVALID_ARGUMENT
// (unknown flag; the loan goes on); RENDERCAST_NO_SOURCE (the source was destroyed meanwhile, the picture is dropped);
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. Never blocks and never allocates. Since 0.1.0.
rendercast_status rendercast_commit_video(rendercast_streamer streamer,
                                          rendercast_frame frame,
                                          uint64_t host_time_ns,
                                          uint32_t flags);

// Takes a lent buffer back without using it.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE (streamer, or a frame that is not lent); RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread. Never blocks and never allocates. Since 0.1.0.
rendercast_status rendercast_discard_video(rendercast_streamer streamer,
                                           rendercast_frame frame);

// Makes a graphics device of the host's known, so that its textures can be streamed. Everything the library makes on the
// device goes with rendercast_destroy_graphics, which has to come before the device's own end.
//
// On RENDERCAST_OK `*out` is the new handle, otherwise 0.
//
// Returns RENDERCAST_OK; RENDERCAST_GRAPHICS_UNAVAILABLE (the API is not in this build, or the device lacks something:
// rendercast_last_error says what); RENDERCAST_INVALID_ARGUMENT (`api`, `flags`); RENDERCAST_NULL_POINTER (one the API
// needs, or `out`); RENDERCAST_STRUCT_SIZE; RENDERCAST_TOO_MANY (16 are alive); RENDERCAST_PANIC.
//
// OpenGL: on the thread whose context it is. Others: any thread. Compiles shaders, so not once a frame. Since 0.1.0.
rendercast_status rendercast_create_graphics(const struct rendercast_graphics_device *device,
                                             rendercast_graphics *out);

// Takes back what is being encoded from the device's memory and frees everything the library made on it. Streaming goes
// on with the next picture, from wherever.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_HANDLE; RENDERCAST_PANIC.
//
// The thread that pushes textures of it; OpenGL: with its context current. Blocks until pictures being read are done with,
// usually a few milliseconds, at most two seconds. Since 0.1.0.
rendercast_status rendercast_destroy_graphics(rendercast_graphics graphics);

// Streams a texture: records its conversion to the encoder's format into memory the CPU reads, and returns. A worker waits
// for the GPU. While nobody watches, only a picture now and then is recorded.
//
// Vulkan, D3D12 and Metal submit to the device's `queue`; OpenGL and D3D11 use the thread's context and leave its state
// as it was. With OpenGL and D3D11 a finished picture is found by a later push, so push each frame.
//
// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (the GPU or the encoder is behind, or another thread uses the device: the
// picture was dropped and counted); RENDERCAST_DEVICE_LOST (destroy the device and create another);
// RENDERCAST_TEXTURE_FORMAT; RENDERCAST_PICTURE_SIZE; RENDERCAST_GRAPHICS_FAILED (one call of the API failed, the picture
// was dropped and counted); RENDERCAST_INVALID_ARGUMENT (`flags`); RENDERCAST_NO_SOURCE; RENDERCAST_NULL_POINTER (`texture`,
// or the texture in it is 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// The thread that the device belongs to. Never waits for the GPU, and once warm allocates nothing of its own. Since 0.1.0.
rendercast_status rendercast_push_texture(rendercast_streamer streamer,
                                          rendercast_graphics graphics,
                                          const struct rendercast_texture *texture);

// Copies a block of sound in. Blocks follow each other; what is pushed late is not waited for.
//
// `samples` are interleaved floats, -1 to 1, `frames` times `channels` of them, aligned to 4 bytes; NaN and infinities play
// as silence. `frames` is the number of samples of each channel: 0 (allowed, does nothing) up to 200 ms; 10 to 20 ms are
// best. `channels` is 1 to 8 in WAVE order (FL FR FC LFE BL BR SL SR) and is mixed down to stereo. `sample_rate` is in Hz,
// 8000 to 192000. `host_time_ns` is when the first sample was made, on the same clock as the pictures; 0 means now.
//
// Returns RENDERCAST_OK; RENDERCAST_WOULD_BLOCK (200 ms are waiting, the block was dropped and counted);
// RENDERCAST_AUDIO_BLOCK (rate, channels or length outside its range); RENDERCAST_NULL_POINTER; RENDERCAST_UNALIGNED;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread, made for the host's audio thread; one thread at a time, else blocks interleave. Never blocks and takes no
// lock; allocates only for the first blocks of a length. The samples are free again when the call returns. Since 0.1.0.
rendercast_status rendercast_push_audio(rendercast_streamer streamer,
                                        const float *samples,
                                        uint32_t frames,
                                        uint32_t channels,
                                        uint32_t sample_rate,
                                        uint64_t host_time_ns);

// Takes the oldest unread event. Call it until it returns RENDERCAST_EMPTY, about once a picture.
//
// Set `out->size` before the call. 64 events wait at most: repeats are merged, then new ones are dropped and counted, but
// never a fatal one.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread. Never blocks. Since 0.1.0.
rendercast_status rendercast_poll_event(rendercast_streamer streamer,
                                        struct rendercast_event *out);

// The name of an event's kind, such as "viewer connected", for logs.
//
// Returns a static text that is never freed and never NULL; "unknown event" for a number this library does not use.
// Any thread. Never blocks. Since 0.1.0.
const char *rendercast_event_name(uint32_t kind);

// Takes the oldest unread input event. Call it until it returns RENDERCAST_EMPTY, once a picture.
//
// Set `out->size` before the call. 256 events wait at most (a text is one of them); pointer moves are merged, their movements
// added, before anything is dropped, and a released key is never lost. When a viewer's page loses the focus, closes its
// channel or is not heard of for 2 s, what the viewer holds down is released by events as if it had let go. What a viewer sends is not to be trusted: check it against the game's own rules.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread, but one at a time. Never blocks. Since 0.1.0.
rendercast_status rendercast_poll_input(rendercast_streamer streamer,
                                        struct rendercast_input *out);

// Copies the bytes of the last event with any that rendercast_poll_input returned: a RENDERCAST_INPUT_MESSAGE, or the text of
// a RENDERCAST_INPUT_COMPOSITION, _GAMEPAD_CONNECTED, _LABEL, _TEXT_FIELD or _CLIPBOARD (UTF-8 without a NUL). They stay until the next one is polled.
//
// `needed`, unless NULL, becomes their number (`data_len`). No NUL is added.
//
// Returns RENDERCAST_OK (`buffer` holds all of them); RENDERCAST_BUFFER_TOO_SMALL (nothing was copied);
// RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// The thread that polls. Never blocks. Since 0.1.0.
rendercast_status rendercast_input_data(rendercast_streamer streamer,
                                        uint8_t *buffer,
                                        uint32_t capacity,
                                        uint32_t *needed);

// Writes the event that rendercast_poll_input returned last as one JSON object.
//
// It has "type" ("key", "text", "composition", "mouse", "wheel", "touch", "pen", "gamepad", "gamepad_connected",
// "gamepad_disconnected", "page_button", "label", "message", "text_field", "clipboard", "probe"), "viewer", "received_ns",
// "width", "height", and "page_time_us" where that is known. Further fields are those of the kind: "key", "code" (W3C),
// "down", "repeat", "character"; "text", "phase", "caret"; "x", "y", "normalized_x", "normalized_y", "dx", "dy", "delta_x",
// "delta_y", "buttons"; "id", "force", "radius_x", "radius_y"; "pressure", "tilt_x", "tilt_y", "twist"; "index", "axes",
// "dual_rumble", "trigger_rumble", "standard_mapping"; "label"; "selection_start", "selection_end", "done"; "channel",
// "number", "is_text", and of a message "text" or "data_hex". Phases are words: "began", "moved", "ended", "canceled",
// "hovering"; "started", "updated", "ended", "canceled". Names may be added in newer versions; none is renamed.
//
// `needed`, unless NULL, becomes the text's size with its NUL, mostly under 300 bytes. A NULL `buffer` with `capacity` 0 asks
// for the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing was polled yet; nothing is written); RENDERCAST_BUFFER_TOO_SMALL (`buffer`
// holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// The thread that polls. Never blocks; it allocates. Since 0.1.0.
rendercast_status rendercast_input_json(rendercast_streamer streamer,
                                        char *buffer,
                                        uint32_t capacity,
                                        uint32_t *needed);

// The USB HID usage of a key: the usage page in the upper 16 bits (0x07 Keyboard/Keypad, 0x0C Consumer, 0x01 Generic Desktop),
// the usage in the lower. `key`: one of RENDERCAST_KEY_*. Source: HID Usage Tables 1.5.
//
// Returns 0 for a key that USB does not have, and for a number that is no key.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_key_to_usb_hid(uint32_t key);

// The Windows virtual key (VK_*) of a key, on the US layout (of Japanese, Korean and Brazilian keys: on theirs). Left and
// right are told apart (VK_LSHIFT, VK_RSHIFT). `key`: one of RENDERCAST_KEY_*. Source: Microsoft, Virtual-Key Codes.
//
// Returns 0 for a key that Windows has no number for, and for a number that is no key.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_key_to_windows_vk(uint32_t key);

// Godot 4's `Key` of a key, as in `InputEventKey.physical_keycode`. Left and right are the same there. `key`: one of
// RENDERCAST_KEY_*. Source: Godot 4, @GlobalScope.
//
// Returns 0 (KEY_NONE) for a key that Godot does not have, and for a number that is no key.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_key_to_godot(uint32_t key);

// Unity's `UnityEngine.InputSystem.Key` of a key: the same number up to 110. `key`: one of RENDERCAST_KEY_*.
//
// Returns 0 (`Key.None`) for a key that not every version of Unity's Input System has, and for a number that is no key.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_key_to_unity(uint32_t key);

// Writes the W3C UI Events `code` of a key, such as "KeyA". `key`: one of RENDERCAST_KEY_*.
//
// `needed`, unless NULL, becomes the text's size with its NUL, 21 bytes at most. A NULL `buffer` with `capacity` 0 asks for the
// size only.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_ARGUMENT (the number is no key with a code); RENDERCAST_BUFFER_TOO_SMALL (`buffer`
// holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL though `capacity` is not 0); RENDERCAST_PANIC.
//
// Any thread. Never blocks. Since 0.1.0.
rendercast_status rendercast_key_code(uint32_t key,
                                      char *buffer,
                                      uint32_t capacity,
                                      uint32_t *needed);

// The key of a W3C UI Events `code`, case-sensitive: one of RENDERCAST_KEY_*. The older names "OSLeft" and "OSRight" are known
// too.
//
// Writes to `key` 0 for a code that no key has.
//
// Returns RENDERCAST_OK; RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_TEXT; RENDERCAST_PANIC.
//
// Any thread. Never blocks. Since 0.1.0.
rendercast_status rendercast_key_from_code(const char *code,
                                           uint32_t *key);

// Sends a message to a viewer's page on the data channel with a label; rendercast_channel_send names a channel by its number.
//
// `viewer` is the number that events and input carry; 0 sends to every viewer with such a channel: to all of them or, when
// one has no room, to none. `channel` is the label, NUL-terminated UTF-8. With `is_text` 1 the page gets a string, and `data`
// must be UTF-8 (a NUL at its end is not part of it); with 0 it gets bytes. `data_len` is 0 to RENDERCAST_MESSAGE_MAX bytes;
// `data` may be freed after the call. A channel opens with RENDERCAST_EVENT_CHANNEL_OPENED.
//
// Of a viewer's open channels with this label the newest is used. Messages on one channel arrive in the order they were sent,
// unless it is unordered. 256 of them, or 1 MiB, wait on one channel of a slow viewer.
//
// Returns RENDERCAST_OK (taken, not yet arrived); RENDERCAST_WOULD_BLOCK (a viewer has no room: send it again later);
// RENDERCAST_NO_CHANNEL (no such viewer, or no open channel with this label); RENDERCAST_INVALID_ARGUMENT (`is_text`, or
// `data_len`, which a viewer may bound further); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`channel`, or `data` though `data_len` is not 0);
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_send_message(rendercast_streamer streamer,
                                          uint32_t viewer,
                                          const char *channel,
                                          uint32_t is_text,
                                          const uint8_t *data,
                                          uint32_t data_len);

// Opens a data channel to a viewer (W3C createDataChannel).
//
// `channel` becomes the channel's number, which events and input carry too. Numbers are never reused while the streamer lives.
// The channel may be opened before the viewer is connected: it is in the first description then, or in an offer that the
// library makes for it. Messages can be sent from RENDERCAST_EVENT_CHANNEL_OPENED on; RENDERCAST_EVENT_CHANNEL_CLOSED with
// RENDERCAST_SEVERITY_WARNING tells that it could not be opened. A viewer that leaves takes its channels with it.
//
// Channels of the page are opened by it; RENDERCAST_EVENT_CHANNEL_OPENED tells their numbers. Messages that the host sends on
// those arrive whole and in order, whatever the page has chosen: for messages that may be lost or overtake each other, open
// the channel here, or on both sides with RENDERCAST_CHANNEL_NEGOTIATED.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_TOO_MANY (32 channels of one viewer); RENDERCAST_CHANNEL_ID_IN_USE;
// RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it); RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (the viewer has
// not done earlier calls yet: call again later); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_channel_open(rendercast_streamer streamer,
                                          uint32_t viewer,
                                          const struct rendercast_channel_options *options,
                                          uint32_t *channel);

// Sends a message on a data channel (W3C send).
//
// `channel` is the number that rendercast_channel_open or an event gave. With `is_text` 1 the page gets a string, and `data`
// must be UTF-8; with 0 it gets bytes. `data_len` is 0 to rendercast_channel_info.max_message_size bytes; `data` may be freed
// after the call. 256 messages, or 1 MiB, wait on a channel that is slow, and hold up no other channel.
//
// Returns RENDERCAST_OK (taken, not yet arrived); RENDERCAST_WOULD_BLOCK (no room: send it again later);
// RENDERCAST_NO_CHANNEL (no channel has this number, or its viewer has left); RENDERCAST_CHANNEL_NOT_OPEN;
// RENDERCAST_MESSAGE_TOO_LONG; RENDERCAST_INVALID_ARGUMENT (`is_text`); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER
// (`data`, though `data_len` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_channel_send(rendercast_streamer streamer,
                                          uint32_t channel,
                                          uint32_t is_text,
                                          const uint8_t *data,
                                          uint32_t data_len);

// Tells how a data channel is. Set `out->size` before the call. Of a viewer's closed channels the last 32 are remembered.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_get_channel_info(rendercast_streamer streamer,
                                              uint32_t channel,
                                              struct rendercast_channel_info *out);

// Sets the buffered amount that counts as low (W3C bufferedAmountLowThreshold), in bytes, 0 by default.
// RENDERCAST_EVENT_CHANNEL_LOW comes each time the amount falls to it from above.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_channel_set_buffered_amount_low_threshold(rendercast_streamer streamer,
                                                                       uint32_t channel,
                                                                       uint32_t bytes);

// Closes a data channel (W3C close). Nothing more can be sent on it; what was sent before goes out first, then the page is told
// and RENDERCAST_EVENT_CHANNEL_CLOSED comes. One that is closed or closing stays so.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_CHANNEL; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_channel_close(rendercast_streamer streamer,
                                           uint32_t channel);

// Tells what the other side of a connection said, where the host carries signaling itself. An offer or an invitation on a
// name that has no connection makes one, and a viewer of it; anything else on such a name is passed over. Names are
// apart from those of the signaling client and the embedded server. Messages that come again are recognised.
//
// `signal` and its texts may be freed after the call. What is to be told in return comes by rendercast_poll_signal: an answer
// to an offer, an offer after an invitation (after an offer without media too, once that was answered), candidates, and a
// disconnection when the viewer is given up. An offer that is not answered comes again every 5 s, for a minute.
//
// Returns RENDERCAST_OK (taken; what is wrong with its text is told by an event); RENDERCAST_WOULD_BLOCK (256 wait: call it
// again later); RENDERCAST_NOT_STARTED; RENDERCAST_INVALID_ARGUMENT (`kind`, `flags`, `sdp_mline_index`, or the length of
// `connection`); RENDERCAST_NULL_POINTER (`signal`, `connection`, or `text` where there must be one); RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_push_signal(rendercast_streamer streamer,
                                         const struct rendercast_signal *signal);

// Takes the oldest message for the other side of a connection that the host carries signaling for. Call it until it returns
// RENDERCAST_EMPTY, about once a picture. 1024 messages wait at most; viewers that have more to say wait then.
//
// Set `out->size` before the call. `text` gets the session description or the candidate, ended by a NUL; `out->text_size` is
// what it needs, and 1 where there is none. A description has 2000 to 8000 bytes. With `signaling.trickle` = false it holds all
// candidates, and none comes alone. After rendercast_stop nothing waits: the host knows then that its connections are over.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing is changed); RENDERCAST_BUFFER_TOO_SMALL (`out` is filled, the message stays:
// call it again with `out->text_size` bytes); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_poll_signal(rendercast_streamer streamer,
                                         struct rendercast_signal_out *out,
                                         char *text,
                                         uint32_t capacity);

// Asks a user to watch. The user's page or program decides; its consent makes it a viewer, with
// RENDERCAST_EVENT_VIEWER_CONNECTED. RENDERCAST_EVENT_CALL_ENDED tells that it declined or has not answered within 60 s.
// A user who asks at the same time is accepted. Users of the embedded server are those who have signed in at its path
// `/call`, those of a room as `/room/<room>/<user>`; they go before those of an external signaling server.
//
// `user` is the user's name, NUL-terminated UTF-8, 1 to 128 bytes; it may be freed after the call.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_call_start(rendercast_streamer streamer,
                                        const char *user);

// Grants a request that RENDERCAST_EVENT_CALL_REQUESTED told of; the user becomes a viewer. Only with
// `signaling.answer_calls` or `server.answer_calls` = `ask`: otherwise every request is granted at once.
//
// `user` is the event's message, NUL-terminated UTF-8; it may be freed after the call. A request that is not there any more
// is told by RENDERCAST_EVENT_CALL_ENDED.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_call_accept(rendercast_streamer streamer,
                                         const char *user);

// Declines a request that RENDERCAST_EVENT_CALL_REQUESTED told of; the user is sent `EndCall`. What is not decided on within
// 60 s is declined too.
//
// `user` is the event's message, NUL-terminated UTF-8; it may be freed after the call. A request that is not there any more
// is told by RENDERCAST_EVENT_CALL_ENDED.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_call_decline(rendercast_streamer streamer,
                                          const char *user);

// Ends the call with a user, or the request of either side, whoever began it. The user is sent `EndCall`; a viewer of
// the call leaves with RENDERCAST_EVENT_VIEWER_DISCONNECTED, a request with RENDERCAST_EVENT_CALL_ENDED.
//
// `user` is the user's name, NUL-terminated UTF-8, 1 to 128 bytes; it may be freed after the call.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_CALLS (no embedded server and no signaling client of the
// call protocol runs); RENDERCAST_WOULD_BLOCK (earlier signaling messages still wait: call it again later);
// RENDERCAST_INVALID_ARGUMENT (no name of a user); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_call_end(rendercast_streamer streamer,
                                      const char *user);

// Changes the configuration of a viewer's connection (W3C setConfiguration), whoever negotiates it.
//
// `viewer` is the number that events and input carry. `json` is a W3C RTCConfiguration, NUL-terminated UTF-8; it may be freed
// after the call. What it leaves out has W3C's default, as in a browser, so begin with what rendercast_peer_get_configuration tells:
//
// - iceServers: a list of {urls (one, or a list), username, credential, credentialType "password", ca_file}; stun, stuns,
//   turn and turns (RFC 7064, RFC 7065), 32 servers and 32 URLs at most. Default none.
// - iceTransportPolicy: "all" or "relay". Default "all".
// - bundlePolicy: "balanced", "max-compat" or "max-bundle"; cannot change. Default "balanced".
// - rtcpMuxPolicy: "require".
// - iceCandidatePoolSize: 0 to 255, without effect; cannot change after the first local description. Default 0.
// - certificates: a list of files, see rendercast_certificate_generate; cannot change. Default the connection's own.
// - peerIdentity: null.
//
// Servers and policy count when the connection next gathers candidates, which is with an ICE restart; until then everything
// goes on as it is.
//
// Returns RENDERCAST_OK (taken); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the key); RENDERCAST_NOT_SUPPORTED
// (credentialType "oauth", iceTransportPolicy "public", rtcpMuxPolicy "negotiate", a peerIdentity);
// RENDERCAST_INVALID_MODIFICATION (what cannot change); RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_TEXT;
// RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC. Other than with RENDERCAST_OK
// nothing has changed.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_set_configuration(rendercast_streamer streamer,
                                                    uint32_t viewer,
                                                    const char *json);

// Writes the configuration of a viewer's connection as JSON (W3C getConfiguration), in the form that
// rendercast_peer_set_configuration takes. **Credentials of TURN servers are in it**, as in a browser: it is for the host, not
// for logs.
//
// `viewer` is the number that events and input carry. `needed`, unless NULL, becomes the text's size with its NUL. A NULL
// `buffer` with `capacity` 0 asks for the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL);
// RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_get_configuration(rendercast_streamer streamer,
                                                    uint32_t viewer,
                                                    char *buffer,
                                                    uint32_t capacity,
                                                    uint32_t *needed);

// Makes a certificate with its key (W3C RTCPeerConnection.generateCertificate) and keeps it in a file, PEM, that only its owner
// can read (where the system has such rights) and that is there whole or not at all. Name the file in `certificates` of a
// connection's configuration, or in the streamer's `peer.certificate_file`, which makes one by itself.
//
// `path` is a file, NUL-terminated UTF-8; one that holds a certificate with its key is replaced, anything else is left as it
// is. `options_json`, unless NULL, is W3C's algorithm as JSON: name ("ECDSA"), namedCurve ("P-256"), expires (in ms from now
// on, 1000 to 31536000000; default 2592000000, 30 days). Both may be freed after the call.
//
// Returns RENDERCAST_OK; RENDERCAST_CERTIFICATE (the file cannot be written, or holds something else);
// RENDERCAST_NOT_SUPPORTED (another algorithm or curve); RENDERCAST_INVALID_CONFIG (rendercast_last_error names the option);
// RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`path`); RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Blocks until the disk has the file. Since 0.1.0.
rendercast_status rendercast_certificate_generate(const char *path,
                                                  const char *options_json);

// Writes what a file's certificate is known by, as JSON (W3C RTCCertificate and its getFingerprints):
// {"expires": ms since 1970, "fingerprints": [{"algorithm": "sha-256", "value": "ab:cd:..."}]}. About 160 bytes.
//
// `path` is a file, PEM, NUL-terminated UTF-8, with a certificate and its key (ECDSA P-256, PKCS #8, not encrypted).
// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_CERTIFICATE (the file cannot be read, or is damaged; one that has expired is told of like
// any other); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL); RENDERCAST_INVALID_TEXT;
// RENDERCAST_NULL_POINTER; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Blocks until the disk has given the file. Since 0.1.0.
rendercast_status rendercast_certificate_info(const char *path,
                                              char *buffer,
                                              uint32_t capacity,
                                              uint32_t *needed);

// Makes a viewer whose connection the host negotiates itself, step by step, as a web page does with `new RTCPeerConnection`.
// The library's own negotiation leaves it alone; everything else is as with other viewers: it counts for `peer.max_viewers`,
// has an encoder from the moment video is agreed, statistics, data channels, events.
//
// The streamer's video and sound are in it from the start, as after W3C addTrack: an offer of ours offers them, an answer takes
// what the offer asks for of them. What has to be done then is told by rendercast_poll_peer_event, first
// RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED.
//
// `configuration` is a W3C RTCConfiguration as JSON, with W3C's own defaults (see rendercast_peer_set_configuration), or NULL: the
// streamer's servers and policy. Addresses and ports are the streamer's. `viewer` becomes the viewer's number, which is good at once and never reused. It lasts until
// rendercast_peer_close, rendercast_stop, or RENDERCAST_PEER_EVENT_CLOSED: a connection that fails may be restarted.
//
// Returns RENDERCAST_OK; RENDERCAST_NOT_STARTED; RENDERCAST_TOO_MANY (`peer.max_viewers` are here); RENDERCAST_WOULD_BLOCK (64
// were made that are not ready yet: call it again later); RENDERCAST_INVALID_CONFIG; RENDERCAST_NULL_POINTER (`viewer`);
// RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_create(rendercast_streamer streamer,
                                         const char *configuration,
                                         uint32_t *viewer);

// Ends a connection that rendercast_peer_create made (W3C close). What was asked of it before is done first, what is asked after
// it ends with RENDERCAST_INVALID_STATE; RENDERCAST_PEER_EVENT_CLOSED is its last event, and the number stands for nobody then.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_NOT_HOST_NEGOTIATED; RENDERCAST_WOULD_BLOCK (64 operations wait: call
// it again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_close(rendercast_streamer streamer,
                                        uint32_t viewer);

// Asks for new ICE credentials and candidates, of any viewer (W3C restartIce), for instance after a network of this machine has
// changed. The media go on meanwhile as far as the old path does.
//
// Where the host negotiates, RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED follows, and the next offer has them; nothing else is
// told. For other viewers the library offers by itself. Without effect before the first negotiation has ended.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (64 operations wait: call it again later);
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_restart_ice(rendercast_streamer streamer,
                                              uint32_t viewer);

// Reads the states of any viewer's connection.
//
// Set `out->size` before the call. Operations that are not done yet have not changed them.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_get_states(rendercast_streamer streamer,
                                             uint32_t viewer,
                                             struct rendercast_peer_states *out);

// Reads one of the session descriptions of any viewer's connection.
//
// `which` is one of RENDERCAST_DESCRIPTION_*. `kind`, unless NULL, becomes its type, one of RENDERCAST_SDP_*. A description of ours
// has the candidates found so far, with the addresses and ports at which we are reached; one of the other side's is as it came,
// without candidates that came after it. `needed`, unless NULL, becomes the text's size with its NUL, about 2000 to 8000 bytes. A
// NULL `buffer` with `capacity` 0 asks for the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (there is none: W3C null; nothing is changed); RENDERCAST_NO_VIEWER;
// RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended
// by a NUL); RENDERCAST_INVALID_ARGUMENT (`which`); RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
rendercast_status rendercast_peer_description(rendercast_streamer streamer,
                                              uint32_t viewer,
                                              uint32_t which,
                                              uint32_t *kind,
                                              char *buffer,
                                              uint32_t capacity,
                                              uint32_t *needed);

// Makes an offer (W3C createOffer), to be passed to rendercast_peer_set_local_description as it is.
//
// `options` is a W3C RTCOfferOptions as JSON, or NULL: {"iceRestart": true} asks for new ICE credentials;
// "voiceActivityDetection" is accepted and has no effect. `request`, unless NULL, becomes the number that
// RENDERCAST_PEER_EVENT_OPERATION_DONE tells the end with: then the text is the offer, or the reason why there is none. The
// operations of a connection are done one after the other, in the order of the calls (W3C operations chain).
//
// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the signaling state is neither stable nor have-local-offer, or the
// connection is closed); RENDERCAST_OPERATION_FAILED.
//
// Returns RENDERCAST_OK (accepted); RENDERCAST_NO_VIEWER; RENDERCAST_NOT_HOST_NEGOTIATED; RENDERCAST_WOULD_BLOCK (64 operations of
// this viewer wait, or 256 of all are done and not polled); RENDERCAST_INVALID_ARGUMENT (`options`); RENDERCAST_INVALID_TEXT;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_create_offer(rendercast_streamer streamer,
                                               uint32_t viewer,
                                               const char *options,
                                               uint32_t *request);

// Makes an answer (W3C createAnswer), to be passed to rendercast_peer_set_local_description as it is.
//
// `options` is a W3C RTCAnswerOptions as JSON, or NULL: "voiceActivityDetection" is accepted and has no effect.
// RENDERCAST_PEER_EVENT_OPERATION_DONE brings the answer; see rendercast_peer_create_offer. What the other side's offer asks of our
// tracks is decided now. After it, that offer can be taken back only if it is not the first one and does not restart ICE.
//
// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the signaling state is neither have-remote-offer nor
// have-local-pranswer, or the connection is closed); RENDERCAST_OPERATION_FAILED (something in the offer cannot be used).
//
// Returns as rendercast_peer_create_offer.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_create_answer(rendercast_streamer streamer,
                                                uint32_t viewer,
                                                const char *options,
                                                uint32_t *request);

// Sets our description (W3C setLocalDescription). Candidates follow, by RENDERCAST_PEER_EVENT_ICE_CANDIDATE.
//
// `kind` is one of RENDERCAST_SDP_*, or 0: an offer or an answer, as the signaling state implies. `sdp` is the text that
// rendercast_peer_create_offer or rendercast_peer_create_answer gave last, unchanged; NULL or an empty text stands for that, and for
// a new one where there is none. rendercast_peer_description gives what was set. With RENDERCAST_SDP_ROLLBACK, whose `sdp` is
// ignored, the offer that is not answered yet, ours or theirs, is taken back.
//
// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (such a description cannot come now, or the connection is closed);
// RENDERCAST_INVALID_DESCRIPTION (`sdp` is another text); RENDERCAST_OPERATION_FAILED (a second provisional answer, or a rollback that
// rendercast_peer_create_answer excludes).
//
// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `kind`.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_set_local_description(rendercast_streamer streamer,
                                                        uint32_t viewer,
                                                        uint32_t kind,
                                                        const char *sdp,
                                                        uint32_t *request);

// Sets the other side's description (W3C setRemoteDescription).
//
// `kind` is one of RENDERCAST_SDP_*; `sdp` is its text, and may be NULL with RENDERCAST_SDP_ROLLBACK. An offer that comes while ours
// is not answered takes ours back first. A provisional answer changes the signaling state and nothing else: what it says, and the
// candidates that come with it, count from the final answer on. Tracks that it brings are told by RENDERCAST_PEER_EVENT_TRACK.
//
// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (such a description cannot come now, or the connection is closed);
// RENDERCAST_INVALID_DESCRIPTION (it is none, or does not fit ours); RENDERCAST_OPERATION_FAILED.
//
// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `kind`, RENDERCAST_NULL_POINTER about `sdp`.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_set_remote_description(rendercast_streamer streamer,
                                                         uint32_t viewer,
                                                         uint32_t kind,
                                                         const char *sdp,
                                                         uint32_t *request);

// Adds one of the other side's candidates (W3C addIceCandidate). One that comes before the description it belongs to waits for
// it. At most 256 count for each description.
//
// `candidate` is its text ("candidate:..."); an empty one or NULL is the end of candidates. `sdp_mid` names its media section (W3C
// sdpMid); where it is NULL or empty, `sdp_mline_index`, 0 to 65535, does (W3C sdpMLineIndex).
//
// Statuses of the end: RENDERCAST_OK; RENDERCAST_INVALID_STATE (the connection is closed); RENDERCAST_OPERATION_FAILED (it is none, or
// the remote description has no such section).
//
// Returns as rendercast_peer_create_offer; RENDERCAST_INVALID_ARGUMENT is about `sdp_mline_index`.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_add_ice_candidate(rendercast_streamer streamer,
                                                    uint32_t viewer,
                                                    const char *candidate,
                                                    const char *sdp_mid,
                                                    uint32_t sdp_mline_index,
                                                    uint32_t *request);

// Takes the oldest event of the connections that rendercast_peer_create made. Call it until it returns RENDERCAST_EMPTY, about
// once a picture.
//
// Set `out->size` before the call. `text` gets the event's text, ended by a NUL; `out->text_size` is what it needs, and 1 where
// there is none. A description has 2000 to 8000 bytes. 1024 events wait at most: then a new state takes the place of an older one
// of the same connection, and what finds no place is lost and counted (`peer_events_dropped`); ends of operations never are. A
// request number that no call gave is to be passed over.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (nothing is changed); RENDERCAST_BUFFER_TOO_SMALL (`out` is filled, the event stays: call
// it again with `out->text_size` bytes); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_poll_peer_event(rendercast_streamer streamer,
                                             struct rendercast_peer_event *out,
                                             char *text,
                                             uint32_t capacity);

// Takes a picture of a viewer's camera. Call it until it returns RENDERCAST_EMPTY, once a picture.
//
// `viewer` is the number that events carry, or 0 for all of them: then the picture that has waited longest is taken. Of each
// viewer only the newest picture waits. Nothing is received unless "peer": {"receive": {"video": true}} is configured.
//
// `buffer` gets the picture: red, green, blue, alpha (255), 8 bits each, the top row first, `width * 4` bytes a row. `out` is
// filled (set `out->size` before the call) and `needed`, unless NULL, becomes the picture's size in bytes, when the buffer is
// too small as well: the picture stays then, but a newer one of another size may be in its place at the next call. A NULL
// `buffer` with `capacity` 0 asks for the size. What a viewer sends is not to be trusted to be anything but a picture.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`out`, or
// `buffer` though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread. Copies the picture; takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_poll_received_video(rendercast_streamer streamer,
                                                 uint32_t viewer,
                                                 struct rendercast_received_video *out,
                                                 uint8_t *buffer,
                                                 uint32_t capacity,
                                                 uint32_t *needed);

// Takes a piece of sound of a viewer's microphone. Call it until it returns RENDERCAST_EMPTY, at least every 50 ms.
//
// `viewer` is the number that events carry, or 0 for all of them: then the piece that has waited longest is taken. 60 ms of
// each viewer wait, then the oldest goes. Nothing is received unless "peer": {"receive": {"audio": true}} is configured.
//
// `samples` gets `frames * channels` interleaved floats, -1 to 1; it need not be aligned. `capacity` is its length in floats:
// 11520 are always enough. `out` is filled (set `out->size` before the call) and `needed`, unless NULL, becomes the number of
// floats, when there is too little room as well: the piece stays then.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (`out` is unchanged); RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`out`, or
// `samples` though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread. Takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_poll_received_audio(rendercast_streamer streamer,
                                                 uint32_t viewer,
                                                 struct rendercast_received_audio *out,
                                                 float *samples,
                                                 uint32_t capacity,
                                                 uint32_t *needed);

// Reads the streamer's figures. Set `out->size` before the call.
//
// Returns RENDERCAST_OK; RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread but the one that pushes audio: it may allocate. Waits for no other thread longer than microseconds. About
// once a second is enough. Since 0.1.0.
rendercast_status rendercast_get_stats(rendercast_streamer streamer,
                                       struct rendercast_stats *out);

// Reads the figures of one encoding. Call it with `index` 0, 1, 2, ... until it returns RENDERCAST_EMPTY: of each source the first
// codec's best layer comes first. Encodings begin and end with their viewers, so an index may be another one's with the next call.
//
// Set `out->size` before the call.
//
// Returns RENDERCAST_OK; RENDERCAST_EMPTY (so many are not open, `out` is unchanged); RENDERCAST_NULL_POINTER;
// RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_get_layer_stats(rendercast_streamer streamer,
                                             uint32_t index,
                                             struct rendercast_layer_stats *out);

// Writes every figure as one JSON object: the fields of rendercast_stats, under "sources" and "layers" what there is of each,
// under "viewer_list" everybody who is here with what their pages tell of themselves, and under "counters" all counters by name.
// Names may be added in newer versions; none is renamed.
//
// `needed`, unless NULL, becomes the text's size with its NUL, about 3000 bytes and 900 for each viewer. A NULL `buffer` with `capacity` 0 asks for
// the size only; the text may grow until the next call, so leave some room.
//
// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits); RENDERCAST_NULL_POINTER (`buffer` is NULL
// though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the one that pushes audio: it allocates. Since 0.1.0.
rendercast_status rendercast_stats_json(rendercast_streamer streamer,
                                        char *buffer,
                                        uint32_t capacity,
                                        uint32_t *needed);

// Lists the viewers that are here, connected or on the way, in the order of their numbers: for a host that has missed events.
//
// `out` is an array of `capacity` structures; set `out[0].size` before the call, which is also the distance from one to the
// next. `count` becomes the number of viewers, which may be more than `capacity`; then `out` has the first of them. A NULL `out`
// with `capacity` 0 asks for the number only.
//
// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL (`out` holds the first ones); RENDERCAST_NULL_POINTER (`count`, or `out`
// though `capacity` is not 0); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_list_viewers(rendercast_streamer streamer,
                                          struct rendercast_viewer *out,
                                          uint32_t capacity,
                                          uint32_t *count);

// Reads the figures of one viewer.
//
// `viewer` is the number that events and input carry. Set `out->size` before the call.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (`out` is unchanged); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_get_viewer_stats(rendercast_streamer streamer,
                                              uint32_t viewer,
                                              struct rendercast_viewer_stats *out);

// Writes what a viewer's connection tells of itself as JSON: an object of statistics objects by their ids, with the names,
// types and units of W3C's RTCStatsReport ("outbound-rtp", "inbound-rtp", "remote-inbound-rtp", "candidate-pair", "transport",
// "codec", "data-channel", ...), as a browser's getStats() has it. Members that are not known are not there. About 4000 to 12000 bytes.
//
// `viewer` is the number that events and input carry. `needed`, unless NULL, becomes the text's size with its NUL. A NULL
// `buffer` with `capacity` 0 asks for the size only; the next report may be longer.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms);
// RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a NUL); RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
rendercast_status rendercast_viewer_stats_json(rendercast_streamer streamer,
                                               uint32_t viewer,
                                               char *buffer,
                                               uint32_t capacity,
                                               uint32_t *needed);

// Writes the part of rendercast_viewer_stats_json that is about one section, that is, about one sender and one receiver (W3C
// getStats with a track): its "outbound-rtp" and "inbound-rtp", and what they refer to. `mid` is its name as
// rendercast_peer_list_transceivers tells it. An empty object, while nothing has gone either way.
//
// `needed`, unless NULL, becomes the text's size with its NUL. A NULL `buffer` with `capacity` 0 asks for the size only; the next
// report may be longer.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (no section has this `mid`; W3C InvalidAccessError);
// RENDERCAST_WOULD_BLOCK (its connection was too busy for 250 ms); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits, ended by a
// NUL); RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread. Blocks until the connection has answered, at most 250 ms. Since 0.1.0.
rendercast_status rendercast_viewer_section_stats_json(rendercast_streamer streamer,
                                                       uint32_t viewer,
                                                       const char *mid,
                                                       char *buffer,
                                                       uint32_t capacity,
                                                       uint32_t *needed);

// Makes a viewer a player or a spectator, or answers its ask (RENDERCAST_EVENT_ROLE_ASKED), whatever the configuration's
// `players` says.
//
// `viewer` is the number that events and input carry; `role` is RENDERCAST_ROLE_PLAYER or RENDERCAST_ROLE_SPECTATOR. A viewer
// that has the role already keeps it. RENDERCAST_EVENT_ROLE_CHANGED tells the change, and the page is told too. Who stops
// playing lets go of everything: its keys, buttons, touches and gamepads are released as input events. Whom the host has
// made a spectator becomes a player again by the host only.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER (nobody, or not connected yet); RENDERCAST_TOO_MANY (`max_players` are players
// already: make one of them a spectator first); RENDERCAST_INVALID_ARGUMENT (`role`); RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_set_viewer_role(rendercast_streamer streamer,
                                             uint32_t viewer,
                                             uint32_t role);

// Shakes a viewer's gamepad, in place of what it does at the moment.
//
// `viewer` is the number that events and input carry; 0 is everybody whose page can be told now. A browser without gamepads
// that shake does nothing.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_WOULD_BLOCK (earlier messages still wait: try again later);
// RENDERCAST_NO_VIEWER; RENDERCAST_NO_CHANNEL (the page has no channel `rendercast`, or not yet);
// RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_rumble(rendercast_streamer streamer,
                                           uint32_t viewer,
                                           const struct rendercast_rumble *rumble);

// Shows another cursor over the picture, or none.
//
// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `cursor` is a keyword of the CSS
// property of that name, NUL-terminated: "none", "pointer", "crosshair", "grab", "wait", ...; NULL is the page's own. It stays
// until it is set again; a page that has no channel `rendercast` yet is told when it has.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (no such keyword); RENDERCAST_INVALID_TEXT;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_set_cursor(rendercast_streamer streamer,
                                               uint32_t viewer,
                                               const char *cursor);

// Has the page lock the pointer (W3C Pointer Lock) at the viewer's next gesture, as browsers ask for one, or let it go at once.
//
// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `on` is 1 or 0. A viewer can
// leave the lock at any time. It stays until it is set again.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (`on`); RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_set_pointer_lock(rendercast_streamer streamer,
                                                     uint32_t viewer,
                                                     uint32_t on);

// Opens a text field on the page, where a phone shows its keyboard and input methods of every language work. Its content and
// caret come as RENDERCAST_INPUT_TEXT_FIELD whenever they change; its last one has `done` 1. A field that is open already
// begins anew.
//
// `viewer` is the number that events and input carry; 0 is everybody who is here. `keyboard` NULL is an empty field for any
// text. Texts are copied; they may be freed after the call.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (rendercast_last_error names it);
// RENDERCAST_MESSAGE_TOO_LONG (`text` or `label`); RENDERCAST_INVALID_TEXT; RENDERCAST_STRUCT_SIZE;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_show_keyboard(rendercast_streamer streamer,
                                                  uint32_t viewer,
                                                  const struct rendercast_keyboard *keyboard);

// Closes the page's text field. Nothing more comes of it.
//
// `viewer` is the number that events and input carry; 0 is everybody who is here.
//
// Returns RENDERCAST_OK (also where none is open); RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_hide_keyboard(rendercast_streamer streamer,
                                                  uint32_t viewer);

// Puts a text into a viewer's clipboard, as far as its browser lets the page. Only where the configuration's `clipboard` is on;
// what players copy comes as RENDERCAST_INPUT_CLIPBOARD then.
//
// `viewer` is the number that events and input carry; 0 is everybody whose page can be told now. `text` is NUL-terminated
// UTF-8 of at most `clipboard_max_bytes`, which with its escapes as JSON fits into a message (RENDERCAST_MESSAGE_MAX).
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_WOULD_BLOCK (earlier messages still wait: try again later);
// RENDERCAST_NOT_SUPPORTED (`clipboard` is off); RENDERCAST_NO_VIEWER; RENDERCAST_NO_CHANNEL (the page has no channel
// `rendercast`, or not yet); RENDERCAST_MESSAGE_TOO_LONG; RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER;
// RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_viewer_set_clipboard(rendercast_streamer streamer,
                                                  uint32_t viewer,
                                                  const char *text);

// Sends a viewer away. It plays no more from now on; its page is told why and does not connect again by itself; then the
// connection ends, at most two seconds later, with RENDERCAST_EVENT_VIEWER_DISCONNECTED ("sent away: " and the reason). A page
// without the channel `rendercast` is not told why; a viewer whose connection is not up yet ends with
// RENDERCAST_EVENT_VIEWER_REFUSED.
//
// `viewer` is the number that events and input carry. `reason` is for the viewer to read, NUL-terminated UTF-8 of at most 512
// bytes; NULL is none.
//
// Returns RENDERCAST_OK (on its way); RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (the viewer has not done earlier calls yet:
// call again later); RENDERCAST_MESSAGE_TOO_LONG (`reason`); RENDERCAST_INVALID_TEXT; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_kick(rendercast_streamer streamer,
                                  uint32_t viewer,
                                  const char *reason);

// Has the page keep the last picture, whatever comes, until it is switched off: for a change of scene, or while the host
// stands still. Sound and input go on.
//
// `viewer` is the number that events and input carry; 0 is everybody, those to come too. `on` is 1 or 0. It stays
// until it is set again.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER; RENDERCAST_INVALID_ARGUMENT (`on`); RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_freeze(rendercast_streamer streamer,
                                    uint32_t viewer,
                                    uint32_t on);

// Sets what may be sent to a viewer, connected or not, until it leaves. It counts at once; a larger picture or rate is reached
// within seconds, as its link is found to carry it.
//
// `viewer` is the number that events, input and rendercast_list_viewers tell; `kind` is RENDERCAST_SENDER_VIDEO,
// RENDERCAST_SENDER_AUDIO, or a sender's number from rendercast_peer_add_track. `parameters` may be freed after the call; all of them are set, what is 0 to its default.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: they
// are done in a moment, and this one with them); RENDERCAST_INVALID_ARGUMENT (`kind`, or a field outside its range, which
// rendercast_last_error names; nothing is changed); RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_set_sender_parameters(rendercast_streamer streamer,
                                                   uint32_t viewer,
                                                   uint32_t kind,
                                                   const struct rendercast_sender_parameters *parameters);

// Reads what was last set for a viewer; the defaults, before anything was: `active` is RENDERCAST_ON or RENDERCAST_OFF,
// `scale_resolution_down_by` at least 1, and what is 0 is unbounded or the configuration's. Set `out->size` before the call.
//
// `viewer` and `kind` are as with rendercast_set_sender_parameters.
//
// Returns RENDERCAST_OK; RENDERCAST_NO_VIEWER, RENDERCAST_NO_SENDER (`out` is unchanged); RENDERCAST_INVALID_ARGUMENT (`kind`);
// RENDERCAST_NULL_POINTER; RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_get_sender_parameters(rendercast_streamer streamer,
                                                   uint32_t viewer,
                                                   uint32_t kind,
                                                   struct rendercast_sender_parameters *out);

// Sets the codecs of a viewer's video, best first (W3C setCodecPreferences). What the library and the page have agreed on stays
// agreed on, whatever is set here, so that a change needs no negotiation and can be taken back: the first of `codecs` among it
// is sent, from the first picture on, or from its next keyframe on while another one plays. Until then the old one goes on, and
// the connection stays as it is. Where none of them was agreed on, RENDERCAST_EVENT_CODEC_NOT_AGREED tells so.
//
// `viewer` is the number that events, input and rendercast_list_viewers tell; 0 sets the default of viewers to come, before
// rendercast_start too. `kind` is RENDERCAST_SENDER_VIDEO: sound has one codec. `codecs` has names with commas between, "vp8,h264", of those in the configuration's `video.codecs`; NULL
// or an empty text is the configuration's order. A page that sends its camera on the same section has agreed on one codec only.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_CODEC (none of them has an encoder that works
// here); RENDERCAST_INVALID_ARGUMENT (`kind`, or a name in `codecs` that is none, is there twice, or is not in `video.codecs`);
// RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: they are done in a moment, and this one with
// them); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_set_codec_preferences(rendercast_streamer streamer,
                                                   uint32_t viewer,
                                                   uint32_t kind,
                                                   const char *codecs);

// Adds a video track to a viewer's connection (W3C addTrack), beside the first one that every viewer has. It has a section, an
// SSRC and a MediaStream of its own, and its sender's number is good for what takes one: rendercast_peer_remove_track,
// rendercast_peer_set_direction, rendercast_peer_replace_track, rendercast_set_sender_parameters. The first video track is
// RENDERCAST_SENDER_VIDEO, the sound RENDERCAST_SENDER_AUDIO; others count up from 3 and are not given twice to one viewer.
//
// Where the library negotiates for the viewer, it does so by itself; where the host does (rendercast_peer_create),
// RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED tells it. A page that offers sections for it gets it in the first free one; one that
// offers fewer than there are tracks gets the others by an offer of ours. The viewer's link is divided among the tracks that
// are sent, in equal parts; what one cannot use goes to the others. Tracks of several viewers that show the same source share
// its encoders.
//
// `options` is NULL for all defaults; it and its text may be freed after the call. `sender` becomes the number of the track's
// sender.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SOURCE; RENDERCAST_TOO_MANY (the viewer has 16
// video tracks); RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again later); RENDERCAST_INVALID_ARGUMENT
// (`direction`, `stream_id`); RENDERCAST_NOT_SUPPORTED (`direction` receives although `peer.receive.video` is off);
// RENDERCAST_INVALID_TEXT; RENDERCAST_NULL_POINTER (`sender`); RENDERCAST_STRUCT_SIZE; RENDERCAST_INVALID_HANDLE;
// RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_add_track(rendercast_streamer streamer,
                                            uint32_t viewer,
                                            const struct rendercast_track_options *options,
                                            uint32_t *sender);

// Adds a section to a viewer's connection (W3C addTransceiver): `kind` is RENDERCAST_TRACK_VIDEO or RENDERCAST_TRACK_AUDIO. Of
// video it is rendercast_peer_add_track, and with RENDERCAST_DIRECTION_RECVONLY or RENDERCAST_DIRECTION_SENDRECV the page may send its
// camera in it. Of sound, RENDERCAST_DIRECTION_RECVONLY (the default) or RENDERCAST_DIRECTION_INACTIVE: the page may send its
// microphone; what a viewer hears is one sound, RENDERCAST_SENDER_AUDIO. A page sends what it adds to the section
// (`transceiver.sender.replaceTrack`, `direction`); one camera and one microphone of a viewer are taken at a time, the first
// sections in which it sends.
//
// A section that sends nothing is negotiated by an offer of ours only, as W3C has it. What applies to added tracks applies to it:
// its sender's number, rendercast_peer_set_direction, rendercast_peer_remove_track, which stops it (W3C stop).
//
// Returns what rendercast_peer_add_track does; RENDERCAST_INVALID_ARGUMENT (`kind` too); RENDERCAST_NOT_SUPPORTED (a section that
// receives although `peer.receive` is off for its kind, or more sound that is sent).
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_add_transceiver(rendercast_streamer streamer,
                                                  uint32_t viewer,
                                                  uint32_t kind,
                                                  const struct rendercast_track_options *options,
                                                  uint32_t *sender);

// Ends a track (W3C removeTrack). Nothing is sent on it from now on; the other side is told by the next negotiation, which comes
// by itself or is asked for as with rendercast_peer_add_track. The section of an added one is used again, its number is not.
// RENDERCAST_SENDER_VIDEO and RENDERCAST_SENDER_AUDIO stop sending once that is negotiated, and rendercast_peer_set_direction
// lets them send again; what the page sends in their sections goes on.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again
// later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_remove_track(rendercast_streamer streamer,
                                               uint32_t viewer,
                                               uint32_t sender);

// Sets which ways a sender's section goes (W3C RTCRtpTransceiver.direction), the first ones' too. It counts once it is
// negotiated, which comes by itself or is asked for as with rendercast_peer_add_track. `direction` is one of
// RENDERCAST_DIRECTION_*. Before it is set, RENDERCAST_SENDER_VIDEO and RENDERCAST_SENDER_AUDIO send, and receive as `peer.receive`
// says.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_INVALID_ARGUMENT
// (`direction`); RENDERCAST_NOT_SUPPORTED (as with rendercast_peer_add_transceiver); RENDERCAST_WOULD_BLOCK (64 orders wait for
// this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_set_direction(rendercast_streamer streamer,
                                                uint32_t viewer,
                                                uint32_t sender,
                                                uint32_t direction);

// Says whose pictures a video track shows from now on (W3C replaceTrack): nothing is negotiated. The old picture stays until the
// new one's first keyframe is here, and as long as the new source has no picture. Of RENDERCAST_SENDER_VIDEO it is
// rendercast_set_viewer_source.
//
// Returns RENDERCAST_OK (asked for, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER; RENDERCAST_NO_SOURCE;
// RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer: call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_replace_track(rendercast_streamer streamer,
                                                uint32_t viewer,
                                                uint32_t sender,
                                                rendercast_source source);

// Sets the MediaStream that a sender's track is in (W3C setStreams), the first ones' too. The page hears of it by the next
// negotiation, which comes by itself or is asked for as with rendercast_peer_add_track, and nothing else changes: its track leaves
// one stream (W3C removetrack) and joins the other. Senders with the same `stream_id` are in one stream, which pages play in step.
//
// `stream_id` is as in rendercast_track_options; "-" is no stream, NULL the one that it would have had. It may be freed after the
// call.
//
// Returns RENDERCAST_OK (taken, not yet done); RENDERCAST_NO_VIEWER; RENDERCAST_NO_SENDER (an added section of sound too, which sends
// nothing); RENDERCAST_INVALID_ARGUMENT (`stream_id`); RENDERCAST_INVALID_TEXT; RENDERCAST_WOULD_BLOCK (64 orders wait for this viewer:
// call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates and takes a lock for a moment. Since 0.1.0.
rendercast_status rendercast_peer_set_streams(rendercast_streamer streamer,
                                              uint32_t viewer,
                                              uint32_t sender,
                                              const char *stream_id);

// Lists a connection's sections for audio and video (W3C getTransceivers, getSenders, getReceivers) as a JSON array, in their
// order: [{"sender": 1, "mid": "0", "kind": "video", "direction": "sendrecv", "currentDirection": "sendrecv", "streamId":
// "rendercast-video", "source": 0, "active": true, "receiver": {"streamIds": ["camera"], "codec": "VP8", "ssrc": 7, "frameWidth":
// 640, "frameHeight": 480}}]. `sender` is null where nothing of ours is, `mid` and `currentDirection` are null before they are
// negotiated, `source` and `active` where there is none; `receiver` is null where nothing is taken from the page, its `codec`, `ssrc`
// and sizes before something has come. A newer library may have further members.
//
// `buffer` takes the text with its NUL, `needed`, unless NULL, becomes its size; a NULL `buffer` with `capacity` 0 asks for the
// size only.
//
// Returns RENDERCAST_OK; RENDERCAST_BUFFER_TOO_SMALL; RENDERCAST_NULL_POINTER (`buffer` though `capacity` is not 0);
// RENDERCAST_NO_VIEWER; RENDERCAST_WOULD_BLOCK (the viewer's connection did not answer within 250 ms, or 64 orders wait for it:
// call again later); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED; RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it waits for the viewer's task, usually less than a millisecond. Since 0.1.0.
rendercast_status rendercast_peer_list_transceivers(rendercast_streamer streamer,
                                                    uint32_t viewer,
                                                    char *buffer,
                                                    uint32_t capacity,
                                                    uint32_t *needed);

// Writes what the streamer can send to viewers (W3C RTCRtpSender.getCapabilities) or receive from them
// (RTCRtpReceiver.getCapabilities) as JSON, the formats best first, as its offers name them:
// {"codecs": [{"mimeType": "video/H264", "clockRate": 90000, "sdpFmtpLine": "packetization-mode=1;..."}, {"mimeType": "video/rtx",
// "clockRate": 90000}], "headerExtensions": [{"uri": "..."}]}. Of sound there is "channels" too. A newer library may have further
// members.
//
// `kind` is RENDERCAST_TRACK_VIDEO or RENDERCAST_TRACK_AUDIO, `direction` RENDERCAST_DIRECTION_SENDONLY or
// RENDERCAST_DIRECTION_RECVONLY. Sent are the codecs of `video.codecs` with an encoder that works on this machine; until that is known,
// which is a moment after rendercast_start, all of them. Received are those with a decoder that works. Both lists are empty where
// there is no sound (`audio.enabled`) or nothing is received (`peer.receive`).
//
// `needed`, unless NULL, becomes the text's size with its NUL, about 300 to 1500 bytes. A NULL `buffer` with `capacity` 0 asks for
// the size only.
//
// Returns RENDERCAST_OK; RENDERCAST_INVALID_ARGUMENT (`kind`, `direction`); RENDERCAST_BUFFER_TOO_SMALL (`buffer` holds what fits,
// ended by a NUL); RENDERCAST_NULL_POINTER (`buffer` though `capacity` is not 0); RENDERCAST_INVALID_HANDLE; RENDERCAST_POISONED;
// RENDERCAST_PANIC.
//
// Any thread but the render and the audio thread: it allocates. The first call for received pictures may try the decoders, which
// takes some milliseconds. Since 0.1.0.
rendercast_status rendercast_get_capabilities(rendercast_streamer streamer,
                                              uint32_t kind,
                                              uint32_t direction,
                                              char *buffer,
                                              uint32_t capacity,
                                              uint32_t *needed);

// The function for Unity's CommandBuffer.IssuePluginEventAndData. Its data is a rendercast_unity_batch*, read during the
// event, which must stay as it is until then; NULL takes no texture and only looks what the GPU has finished.
//
// The function takes the textures on the render thread. It never waits, and once warm allocates nothing of its own. What
// cannot be taken is dropped and counted: rendercast_stats tells, and Unity's console once for each reason.
//
// Returns the function, never NULL. Any thread. Never blocks. Since 0.1.0.
void *rendercast_unity_render_event(void);

// The event id for CommandBuffer.IssuePluginEventAndData, which Unity reserved for the library.
//
// Returns the id; -1: Unity has not loaded the library as a native plugin.
//
// Any thread. Never blocks. Since 0.1.0.
int32_t rendercast_unity_event_id(void);

// Unity's number of the graphics API in use: 2 Direct3D 11, 4 none, 11 OpenGL ES 3, 16 Metal, 17 OpenGL, 18 Direct3D 12,
// 21 Vulkan.
//
// Returns the number; -1: Unity has not loaded the library as a native plugin.
//
// Any thread. Never blocks. Since 0.1.0.
int32_t rendercast_unity_renderer(void);

// Whether render events take textures on the present device. The device is opened by the first render event, so this may
// become 0 with it.
//
// Returns 1; 0: read textures back by AsyncGPUReadback and push them with rendercast_push_video.
//
// Any thread. Never blocks. Since 0.1.0.
uint32_t rendercast_unity_can_take_textures(void);

#ifdef __cplusplus
}  // extern "C"
#endif  // __cplusplus

#endif  /* RENDERCAST_H */
