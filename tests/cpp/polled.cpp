// Events and input, and how the C structures become them.
#include <string>
#include <cstring>

#include "check.hpp"

using namespace rendercast;

namespace {

Input input_of(std::uint32_t kind, const char *data = "") {
    auto c = detail::sized<rendercast_input>();
    c.kind = kind;
    c.viewer = 7;
    c.received_ns = 8;
    c.page_time_us = 9;
    c.width = 640, c.height = 360;
    c.key = RENDERCAST_KEY_W;
    c.down = 1, c.repeat = 1;
    c.character = U'w';
    c.buttons = 5;
    c.x = 1, c.y = 2, c.normalized_x = 0.25f, c.normalized_y = 0.5f;
    c.movement_x = 3, c.movement_y = 4;
    c.delta_x = 10, c.delta_y = 20;
    c.force = 0.75f;
    c.touch_id = -3;
    c.phase = 2;
    c.pad_index = 1;
    for (int i = 0; i < 6; i++) c.axes[i] = static_cast<float>(i);
    c.page_button = 11;
    c.is_text = 1;
    c.channel_id = 12;
    std::strcpy(c.channel, "chat");
    c.radius_x = 6, c.radius_y = 7;
    c.tilt_x = -10, c.tilt_y = 20, c.twist = 300;
    c.flags = RENDERCAST_GAMEPAD_DUAL_RUMBLE | RENDERCAST_GAMEPAD_STANDARD_MAPPING;
    c.caret = 2;
    c.selection_start = 1, c.selection_end = 3, c.done = 1;
    return detail::input_of(c, data);
}

template <typename T>
T of(std::uint32_t kind, const char *data = "") {
    const Input input = input_of(kind, data);
    const T *as = input.as<T>();
    CHECK(as != nullptr && input.viewer == 7 && input.received_ns == 8 && input.page_time_us == 9);
    CHECK(input.width == 640 && input.height == 360);
    return as != nullptr ? *as : T{};
}

bool here(const Position &at) { return at.x == 1 && at.y == 2 && at.normalized_x == 0.25f && at.normalized_y == 0.5f; }

void try_input() {
    const auto key = of<KeyInput>(RENDERCAST_INPUT_KEY);
    CHECK(key.key == Key::w && key.down && key.repeat && key.character == U'w');
    CHECK(of<TextInput>(RENDERCAST_INPUT_TEXT).character == U'w');
    const auto mouse = of<MouseInput>(RENDERCAST_INPUT_MOUSE);
    CHECK(here(mouse.at) && mouse.movement_x == 3 && mouse.movement_y == 4 && mouse.buttons == 5);
    const auto wheel = of<WheelInput>(RENDERCAST_INPUT_WHEEL);
    CHECK(here(wheel.at) && wheel.delta_x == 10 && wheel.delta_y == 20);
    const auto touch = of<TouchInput>(RENDERCAST_INPUT_TOUCH);
    CHECK(here(touch.at) && touch.id == -3 && touch.phase == TouchPhase::moved && touch.force == 0.75f);
    CHECK(touch.radius_x == 6 && touch.radius_y == 7);
    const auto pen = of<PenInput>(RENDERCAST_INPUT_PEN);
    CHECK(here(pen.at) && pen.phase == TouchPhase::moved && pen.force == 0.75f && pen.buttons == 5);
    CHECK(pen.tilt_x == -10 && pen.tilt_y == 20 && pen.twist == 300);
    const auto pad = of<GamepadInput>(RENDERCAST_INPUT_GAMEPAD);
    CHECK(pad.index == 1 && pad.buttons == 5 && pad.axes[0] == 0 && pad.axes[5] == 5);
    const auto connected = of<GamepadConnected>(RENDERCAST_INPUT_GAMEPAD_CONNECTED, "Pad");
    CHECK(connected.index == 1 && connected.dual_rumble && !connected.trigger_rumble && connected.standard_mapping);
    CHECK(connected.name == "Pad" && of<GamepadDisconnected>(RENDERCAST_INPUT_GAMEPAD_DISCONNECTED).index == 1);
    CHECK(of<PageButtonInput>(RENDERCAST_INPUT_PAGE_BUTTON).button == 11);
    const auto message = of<MessageInput>(RENDERCAST_INPUT_MESSAGE, "hi");
    CHECK(message.channel == 12 && message.label == "chat" && message.is_text && message.data == "hi");
    const auto composition = of<CompositionInput>(RENDERCAST_INPUT_COMPOSITION, "か");
    CHECK(composition.phase == CompositionPhase::updated && composition.caret == 2 && composition.text == "か");
    const auto field = of<TextFieldInput>(RENDERCAST_INPUT_TEXT_FIELD, "abc");
    CHECK(field.text == "abc" && field.selection_start == 1 && field.selection_end == 3 && field.done);
    CHECK(of<ClipboardInput>(RENDERCAST_INPUT_CLIPBOARD, "copied").text == "copied");
    CHECK(of<LabelInput>(RENDERCAST_INPUT_LABEL, "Ann").name == "Ann");
    of<ProbeInput>(RENDERCAST_INPUT_PROBE);
    CHECK(of<UnknownInput>(99).kind == 99 && input_of(99).as<KeyInput>() == nullptr);
}

void try_events() {
    auto c = detail::sized<rendercast_event>();
    c.kind = RENDERCAST_EVENT_ROLE_CHANGED;
    c.severity = RENDERCAST_SEVERITY_WARNING;
    c.viewer = 3;
    c.channel = 4;
    c.role = RENDERCAST_ROLE_PLAYER;
    c.player = 2;
    std::strcpy(c.message, "why");
    const Event event = detail::event_of(c);
    CHECK(event.kind == EventKind::role_changed && event.severity == Severity::warning && event.viewer == 3);
    CHECK(event.channel == 4 && event.role == Role::player && event.player == 2 && event.message == "why");
    c.role = 0;
    CHECK(!detail::event_of(c).role);
    CHECK(std::string(name_of(EventKind::role_changed)) == "role changed");
    CHECK(std::string(name_of(StatusCode::too_many)) == "RENDERCAST_TOO_MANY");

    Streamer streamer(offline());
    CHECK(!streamer.poll_event() && !streamer.poll_input() && !streamer.input_json() && !streamer.poll_peer_event());
    CHECK(!streamer.poll_signal());
    ReceivedPicture picture;
    ReceivedSound sound;
    CHECK(!streamer.poll_received_video(picture) && !streamer.poll_received_audio(sound));
    CHECK(picture.pixels().empty() && sound.samples().empty());
}

} // namespace

void try_what_is_polled() {
    try_input();
    try_events();
}
