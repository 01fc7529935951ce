// Viewers, channels, and connections that the host negotiates.
#include <chrono>
#include <string>
#include <thread>
#include <variant>

#include "check.hpp"

using namespace rendercast;

namespace {

void try_nobody() {
    Streamer streamer(Config().server(false).clipboard(true));
    CHECK(streamer.viewers().empty() && streamer.layers().empty());
    auto nobody = streamer.viewer(41);
    CHECK(nobody.number() == 41);
    THROWS(no_viewer, "41", nobody.stats());
    THROWS(no_viewer, "41", nobody.stats_json());
    THROWS(no_viewer, "41", nobody.section_stats_json("0"));
    THROWS(no_viewer, "41", nobody.set_role(Role::player));
    THROWS(no_viewer, "41", (void)nobody.kick("bye"));
    THROWS(no_viewer, "41", nobody.freeze(true));
    THROWS(no_viewer, "41", (void)nobody.rumble({0, 1, 1, 0, 0, 100}));
    THROWS(no_viewer, "41", nobody.set_cursor("pointer"));
    THROWS(no_viewer, "41", nobody.set_pointer_lock(true));
    THROWS(no_viewer, "41", (void)nobody.show_keyboard({}));
    THROWS(no_viewer, "41", (void)nobody.hide_keyboard());
    THROWS(no_viewer, "41", (void)nobody.set_clipboard("text"));
    THROWS(no_channel, "41", (void)nobody.send_text("chat", "hi"));
    THROWS(no_channel, "41", (void)nobody.send_bytes("chat", {}));
    THROWS(no_viewer, "41", nobody.open_channel(ChannelOptions("chat")));
    THROWS(no_viewer, "41", (void)nobody.set_sender_parameters({}));
    THROWS(no_viewer, "41", nobody.sender_parameters());
    THROWS(no_viewer, "41", (void)nobody.set_codec_preferences("vp8"));
    THROWS(invalid_argument, "wobbly", streamer.everybody().set_cursor("wobbly"));
    THROWS(invalid_argument, "mp3", (void)streamer.everybody().set_codec_preferences("mp3"));
    streamer.everybody().set_cursor("crosshair");
    streamer.everybody().set_cursor({});

    THROWS(no_channel, "9", (void)streamer.channel(9).send_text("x"));
    THROWS(no_channel, "9", streamer.channel(9).info());
    THROWS(no_channel, "9", streamer.channel(9).close());
    THROWS(not_started, "", streamer.create_peer());
    THROWS(not_started, "", (void)streamer.push_signal({SignalKind::offer, "me", "v=0", "", 0, false, false}));
    THROWS(no_calls, "", (void)streamer.call_start("ann"));
    CHECK(streamer.capabilities(Media::video, Direction::sendonly).find("video/") != std::string::npos);
    THROWS(invalid_argument, "direction", streamer.capabilities(Media::video, Direction::inactive));
    streamer.set_video_rate(0, 0, 30);
    THROWS(invalid_config, "fps", streamer.set_video_rate(0, 0, 241));
}

/// Whether something comes true, within a time that only a broken library needs.
template <typename Is>
bool comes(Is &&is) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
    while (std::chrono::steady_clock::now() < until) {
        if (is()) return true;
        std::this_thread::yield();
    }
    return false;
}

/// The end of an operation.
PeerEvent end_of(Streamer &streamer, std::uint32_t request) {
    PeerEvent end;
    CHECK(comes([&] {
        const auto event = streamer.poll_peer_event();
        const bool is_it = event && event->kind == PeerEventKind::operation_done && event->request == request;
        if (is_it) end = *event;
        return is_it;
    }));
    return end;
}

void try_peers() {
    Streamer streamer(offline());
    streamer.start();
    THROWS(already_started, "", streamer.start());
    THROWS(invalid_config, "iceServers", streamer.create_peer(R"({"iceServers":7})"));
    Peer peer = streamer.create_peer(R"({"bundlePolicy":"max-bundle"})");
    CHECK(peer.configuration().find("max-bundle") != std::string::npos);
    THROWS(invalid_modification, "", peer.set_configuration("{}"));

    SenderParameters parameters;
    parameters.max_bitrate = 900000;
    parameters.scale_resolution_down_by = 2;
    parameters.max_framerate = 20;
    parameters.degradation_preference = Degradation::maintain_framerate;
    CHECK(peer.set_sender_parameters(parameters));
    const auto read = peer.sender_parameters();
    CHECK(read.active && read.max_bitrate == 900000 && read.scale_resolution_down_by == 2 && read.max_framerate == 20);
    CHECK(read.degradation_preference == Degradation::maintain_framerate);
    SenderParameters silent;
    silent.active = false;
    CHECK(peer.set_sender_parameters(silent, Sender::audio));
    CHECK(!peer.sender_parameters(Sender::audio).active);

    ChannelOptions options("moves");
    options.protocol = "v1";
    options.ordered = false;
    options.max_retransmits = 0;
    Channel channel = peer.open_channel(options);
    const auto info = channel.info();
    CHECK(info.viewer == peer.number() && info.state == ChannelState::connecting && info.label == "moves" && info.protocol == "v1");
    CHECK(!info.ordered && info.max_retransmits == 0u && !info.max_packet_life_time_ms && !info.negotiated && !info.by_page);
    THROWS(channel_not_open, "", (void)channel.send_text("early"));
    channel.set_buffered_amount_low_threshold(1000);
    CHECK(channel.info().buffered_amount_low_threshold == 1000);

    const auto offer = end_of(streamer, peer.create_offer());
    CHECK(offer.status == StatusCode::ok && offer.viewer == peer.number() && offer.text.rfind("v=0", 0) == 0);
    CHECK(end_of(streamer, peer.set_local_description(SdpType::offer, offer.text)).status == StatusCode::ok);
    CHECK(peer.states().signaling == SignalingState::have_local_offer && peer.states().connection == ConnectionState::fresh);
    const auto local = peer.description(WhichDescription::local);
    CHECK(local && local->type == SdpType::offer && local->sdp.find("a=bundle-only") != std::string::npos);
    CHECK(!peer.description(WhichDescription::remote));
    CHECK(end_of(streamer, peer.create_answer()).status == StatusCode::invalid_state);
    CHECK(end_of(streamer, peer.set_remote_description(SdpType::answer, "nonsense")).status == StatusCode::invalid_description);
    CHECK(end_of(streamer, peer.set_local_description(SdpType::rollback)).status == StatusCode::ok);
    THROWS(invalid_argument, "", peer.set_local_description(static_cast<SdpType>(9)));

    Source side = streamer.create_source();
    TrackOptions track;
    track.source = side.number();
    track.stream_id = "side";
    const Sender sender = peer.add_track(track);
    CHECK(static_cast<std::uint32_t>(sender) == 3);
    CHECK(peer.set_direction(sender, Direction::inactive) && peer.replace_track(sender, 0) && peer.set_streams(sender, "other"));
    THROWS(no_sender, "", (void)peer.remove_track(static_cast<Sender>(9)));
    THROWS(not_supported, "", peer.add_transceiver(Media::audio));
    CHECK(peer.remove_track(sender));
    CHECK(peer.transceivers().has_value());
    CHECK(peer.restart_ice());
    CHECK(peer.stats().width == 0 && peer.stats_json().has_value());
    const auto here = streamer.viewers();
    CHECK(here.size() == 1 && here[0].number == peer.number() && here[0].state == ViewerState::connecting);
    CHECK(peer.close());
    CHECK(comes([&] {
        const auto event = streamer.poll_peer_event();
        return event && event->kind == PeerEventKind::closed && event->viewer == peer.number();
    }));
    THROWS(no_viewer, "", peer.create_offer());

    // More than fit into the first question.
    for (int i = 0; i < 20; i++) streamer.create_peer();
    CHECK(comes([&] { return streamer.viewers().size() == 20; }));
}

/// A connection with all its candidates in the description.
std::string described(Streamer &streamer, Peer &peer) {
    CHECK(end_of(streamer, peer.set_local_description()).status == StatusCode::ok);
    CHECK(comes([&] { return peer.states().ice_gathering == IceGatheringState::complete; }));
    return peer.description(WhichDescription::local)->sdp;
}

/// Two streamers in one process: of one the other is the page, and hears what its viewers are told.
void try_page() {
    Streamer host(offline().clipboard(true)), page(offline());
    host.start();
    page.start();
    Peer viewer = host.create_peer(), other = page.create_peer();
    // For a section of channels in the offer.
    other.open_channel(ChannelOptions("first"));
    CHECK(end_of(host, viewer.set_remote_description(SdpType::offer, described(page, other))).status == StatusCode::ok);
    CHECK(end_of(page, other.set_remote_description(SdpType::answer, described(host, viewer))).status == StatusCode::ok);
    const auto hears = [&](const std::string &what) {
        std::string heard;
        const bool came = comes([&] {
            const auto input = page.poll_input();
            const auto message = input ? std::get_if<MessageInput>(&input->what) : nullptr;
            if (message != nullptr) heard += message->data + "\n";
            return heard.find(what) != std::string::npos;
        });
        if (!came) failures++, std::fprintf(stderr, "the page was not told %s but:\n%s", what.c_str(), heard.c_str());
    };
    CHECK(comes([&] { return other.states().connection == ConnectionState::connected; }));
    Channel channel = other.open_channel(ChannelOptions("rendercast"));
    CHECK(comes([&] { return channel.info().state == ChannelState::open; }));
    CHECK(channel.send_text(R"({"type":"hello","version":1})"));
    hears("welcome");
    CHECK(viewer.rumble({2, 0.25f, 0.5f, 0.75f, 1, 300}));
    hears(R"("rumble","pad":2,"strong":0.25,"weak":0.5,"left_trigger":0.75,"right_trigger":1.0,"ms":300})");
    viewer.set_cursor("crosshair");
    hears("crosshair");
    viewer.freeze(true);
    hears(R"({"type":"freeze","on":true})");
    CHECK(viewer.set_clipboard("a text"));
    hears("a text");
    CHECK(viewer.kick("that is all"));
    hears("that is all");
}

} // namespace

void try_viewers() {
    try_nobody();
    try_peers();
    try_page();
}
