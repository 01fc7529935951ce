/* The one object: it streams pictures and sound to viewers and brings back what they do.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rendercast/channel.hpp"
#include "rendercast/config.hpp"
#include "rendercast/event.hpp"
#include "rendercast/frame.hpp"
#include "rendercast/graphics.hpp"
#include "rendercast/input.hpp"
#include "rendercast/peer.hpp"
#include "rendercast/picture.hpp"
#include "rendercast/received.hpp"
#include "rendercast/source.hpp"
#include "rendercast/stats.hpp"
#include "rendercast/viewer.hpp"

namespace rendercast {

/// A streamer. It stops when it ends; what was made of it (frames, sources, viewers, channels) may end later.
///
/// Functions may be called on any thread, several at once; those that say so not on the render or the audio thread. Every one throws
/// StatusCode::invalid_handle when moved from, poisoned after a defect, panic for the defect itself.
class Streamer {
public:
    /// Nothing runs yet: `start` does that. Throws StatusCode::invalid_config, whose text names the setting and its range;
    /// too_many (64 are alive); no_resources.
    explicit Streamer(const Config &config = {}) : Streamer(from(config)) {}

    /// Of a JSON text, which can say everything Config can and more: {"video":{"fps":30},"server":{"address":"0.0.0.0:8080"}}.
    static Streamer from_json(std::string_view json) {
        return Streamer(detail::Core(detail::call([&] { return bridge::create_json(detail::bytes(json)); })));
    }

    Streamer(Streamer &&) noexcept = default;
    Streamer &operator=(Streamer &&other) noexcept {
        if (this != &other) {
            end();
            core_ = std::move(other.core_);
        }
        return *this;
    }
    Streamer(const Streamer &) = delete;
    Streamer &operator=(const Streamer &) = delete;
    /// Blocks as `stop` does.
    ~Streamer() { end(); }

    /// Starts the workers, the search for an encoder, the embedded server and signaling, and returns before they are ready: events
    /// tell how it goes, EventKind::server_listening brings the link. Throws StatusCode::already_started, no_resources. Takes
    /// some milliseconds.
    void start() {
        detail::call([&] { return core().start(); });
    }
    /// Closes every connection and ends every thread; events and figures can still be read. Blocks at most about two seconds.
    void stop() {
        detail::call([&] { return core().stop(); });
    }
    /// The link to open in a browser, once the embedded server listens. It may contain the token: it is a secret then.
    std::optional<std::string> link() const {
        const auto link = detail::call([&] { return core().link(); });
        if (link.empty()) return std::nullopt;
        return std::string(link);
    }
    /// Bounds what the encoders may spend, in kbit/s, within the configuration's; `fps` is what to expect, 1 to 240. 0: the
    /// configuration's own. Throws StatusCode::invalid_config. Never blocks.
    void set_video_rate(std::uint32_t min_kbps, std::uint32_t max_kbps, std::uint32_t fps) {
        detail::call([&] { return core().set_video_rate(min_kbps, max_kbps, fps); });
    }

    /// Copies a picture in and hands it to the encoders. The newest wins: one that still waits is replaced. False: every buffer is in
    /// use, it was dropped and counted.
    ///
    /// Throws StatusCode::null_pointer (a plane is missing), picture_size, pixel_format, stride, invalid_argument (a plane is too
    /// short). Never blocks or locks; allocates only for the first pictures of a size.
    bool push(const Picture &picture) {
        const auto &streamer = core();
        const auto frame = detail::frame_of(picture, 0);
        return detail::call([&] { return streamer.push_video(frame); });
    }
    /// Lends a buffer to write a picture into, which saves the copy. Empty: every buffer is in use, skip this picture.
    ///
    /// Throws StatusCode::too_many (8 are lent already), picture_size. Never blocks; allocates only for the first pictures of a
    /// size.
    std::optional<Frame> acquire(PixelFormat format, std::uint32_t width, std::uint32_t height) {
        return Frame::acquire(core_, NAME, 0, format, width, height);
    }
    /// Streams a texture: records its conversion and returns; a worker waits for the GPU. False: the GPU or the encoder is behind, it
    /// was dropped and counted. With OpenGL and Direct3D 11 push each frame: a finished picture is found by a later push.
    ///
    /// Throws StatusCode::device_lost (make another device), texture_format, picture_size, graphics_failed, no_source.
    /// The thread that the device belongs to.
    bool push_texture(const GraphicsDevice &device, const Texture &texture) { return device.push(core(), texture); }

    /// Copies a block of sound in: interleaved floats, -1 to 1, of up to 200 ms; 10 to 20 ms are best. 1 to 8 channels in WAVE order
    /// are mixed down to stereo; `sample_rate` is in Hz, 8000 to 192000; `host_time_ns` is that of the first sample, as in
    /// Picture. False: 200 ms are waiting, it was dropped and counted.
    ///
    /// Throws StatusCode::audio_block, invalid_argument (the samples are no whole number of frames). Made for the host's audio
    /// thread: never blocks or locks; allocates only for the first blocks of a length.
    bool push_audio(Span<const float> samples, std::uint32_t channels, std::uint32_t sample_rate, std::uint64_t host_time_ns = 0) {
        const auto &streamer = core();
        if (channels != 0 && samples.size() % channels != 0) {
            throw Error(StatusCode::invalid_argument, std::to_string(samples.size()) + " samples are no multiple of " +
                                                          std::to_string(channels) + " channels");
        }
        return detail::call([&] {
            return streamer.push_audio({samples.data(), samples.size()}, channels, sample_rate, host_time_ns);
        });
    }

    /// Makes one more source of pictures. Throws StatusCode::too_many (15 are alive), invalid_config, invalid_text.
    Source create_source(const SourceOptions &options = {}) {
        auto c = detail::sized<rendercast_source_options>();
        c.label = detail::c_text(options.label);
        c.max_bitrate_kbps = options.max_bitrate_kbps;
        c.fps = options.fps;
        return {core_, detail::call([&] { return core().source_create(c); })};
    }

    /// The oldest unread event: call it until it is empty, about once a picture. 64 wait at most. Never blocks.
    std::optional<Event> poll_event() {
        auto event = detail::sized<rendercast_event>();
        if (!detail::call([&] { return core().poll_event(event); })) return std::nullopt;
        return detail::event_of(event);
    }
    /// The oldest unread input: call it until it is empty, once a picture, on one thread at a time. 256 wait at most: moves are
    /// merged before anything is dropped, and a released key is never lost. Never blocks.
    std::optional<Input> poll_input() {
        auto input = detail::sized<rendercast_input>();
        if (!detail::call([&] { return core().poll_input(input); })) return std::nullopt;
        ::rust::Vec<std::uint8_t> data;
        if (input.data_len != 0) detail::call([&] { return core().input_data(data); });
        return detail::input_of(input, detail::text_of(data));
    }
    /// What `poll_input` returned last, as one JSON object; see rendercast_input_json.
    std::optional<std::string> input_json() const {
        const auto json = detail::call([&] { return core().input_json(); });
        if (json.empty()) return std::nullopt;
        return std::string(json);
    }
    /// Takes a picture of a camera, of this viewer or, with 0, of all, into `into`, whose memory is used again. False: there is
    /// none. Only where `peer.receive.video` of the configuration is on.
    bool poll_received_video(ReceivedPicture &into, ViewerId viewer = 0) {
        return detail::call([&] { return core().poll_received_video(viewer, into.about_, into.pixels_); });
    }
    /// Takes a piece of sound of a microphone, as `poll_received_video`; at least every 50 ms. Only with `peer.receive.audio`.
    bool poll_received_audio(ReceivedSound &into, ViewerId viewer = 0) {
        return detail::call([&] { return core().poll_received_audio(viewer, into.about_, into.samples_); });
    }

    /// The viewers that are here, by number. It may allocate: not on the render or the audio thread, as what follows.
    std::vector<ViewerEntry> viewers() const {
        std::vector<rendercast_viewer> here(16);
        for (std::uint32_t count = 0;; here.resize(count)) {
            here[0].size = static_cast<std::uint32_t>(sizeof here[0]);
            count = detail::call([&] { return core().list_viewers({here.data(), here.size()}); });
            if (count <= here.size()) {
                here.resize(count);
                break;
            }
        }
        std::vector<ViewerEntry> entries;
        for (const auto &one : here) {
            entries.push_back({one.viewer, static_cast<ViewerState>(one.state), std::string(detail::field(one.connection)),
                               static_cast<Role>(one.role), one.player});
        }
        return entries;
    }
    /// A viewer by the number that events and input carry. Whether it is here is not asked.
    Viewer viewer(ViewerId number) const { return {shared(), number}; }
    /// All viewers, for what can be told to all at once; settings count for those to come too.
    Viewer everybody() const { return {shared(), 0}; }
    /// A data channel by the number that events and MessageInput carry.
    Channel channel(std::uint32_t number) const { return {shared(), number}; }

    /// The figures of the moment; about once a second is enough.
    Stats stats() const {
        Stats stats{};
        stats.size = static_cast<std::uint32_t>(sizeof(rendercast_stats));
        detail::call([&] { return core().get_stats(stats); });
        return stats;
    }
    /// One after the other, the best first.
    std::vector<LayerStats> layers() const {
        std::vector<LayerStats> layers;
        for (LayerStats one{};; layers.push_back(one)) {
            one.size = static_cast<std::uint32_t>(sizeof(rendercast_layer_stats));
            const auto index = static_cast<std::uint32_t>(layers.size());
            if (!detail::call([&] { return core().get_layer_stats(index, one); })) return layers;
        }
    }
    /// Every figure; see rendercast_stats_json.
    std::string stats_json() const { return std::string(detail::call([&] { return core().stats_json(); })); }
    /// What can be sent or received (W3C getCapabilities), as JSON: Direction::sendonly or Direction::recvonly.
    std::string capabilities(Media media, Direction direction) const {
        return std::string(detail::call([&] {
            return core().get_capabilities(static_cast<std::uint32_t>(media), static_cast<std::uint32_t>(direction));
        }));
    }

    /// Makes a viewer whose connection the host negotiates; `configuration` is a W3C RTCConfiguration as JSON, or empty: the
    /// streamer's. Throws StatusCode::not_started, too_many, would_block (call again later), invalid_config.
    Peer create_peer(std::string_view configuration = {}) {
        return {core_, detail::call([&] { return core().peer_create(detail::bytes(configuration)); })};
    }
    /// The oldest unread event of those connections: call it until it is empty, about once a picture.
    std::optional<PeerEvent> poll_peer_event() {
        auto event = detail::sized<rendercast_peer_event>();
        ::rust::String text;
        if (!detail::call([&] { return core().poll_peer_event(event, text); })) return std::nullopt;
        return detail::peer_event_of(event, std::string(text));
    }
    /// Tells what the other side of a connection said, where the host carries signaling and the library negotiates. False: 256
    /// wait; call it again later. Throws StatusCode::not_started, invalid_argument.
    [[nodiscard]] bool push_signal(const Signal &signal) {
        const auto c = detail::c_signal(signal);
        return detail::call([&] { return core().push_signal(c); });
    }
    /// The oldest message for the other side: call it until it is empty, about once a picture.
    std::optional<Signal> poll_signal() {
        auto signal = detail::sized<rendercast_signal_out>();
        ::rust::String text;
        if (!detail::call([&] { return core().poll_signal(signal, text); })) return std::nullopt;
        return detail::signal_of(signal, std::string(text));
    }

    /// Asks a user to watch, where users call each other; see rendercast_call_start. False: earlier messages still wait.
    [[nodiscard]] bool call_start(std::string_view user) {
        return detail::call([&] { return core().call_start(detail::bytes(user)); });
    }
    /// Grants what EventKind::call_requested told of; `user` is the event's message.
    [[nodiscard]] bool call_accept(std::string_view user) {
        return detail::call([&] { return core().call_accept(detail::bytes(user)); });
    }
    [[nodiscard]] bool call_decline(std::string_view user) {
        return detail::call([&] { return core().call_decline(detail::bytes(user)); });
    }
    [[nodiscard]] bool call_end(std::string_view user) {
        return detail::call([&] { return core().call_end(detail::bytes(user)); });
    }

private:
    static constexpr const char *NAME = "rendercast::Streamer";

    explicit Streamer(detail::Core core) noexcept : core_(std::move(core)) {}

    static detail::Core from(const Config &config) {
        const auto c = config.c();
        return detail::Core(detail::call([&] { return bridge::create(c); }));
    }
    const bridge::Streamer &core() const { return core_.get(NAME); }
    detail::Core shared() const {
        core();
        return core_;
    }
    void end() noexcept {
        if (!core_) return;
        try {
            core().stop();
        } catch (const std::exception &) {
            // One that hit a defect ends with what was made of it.
        }
        core_ = {};
    }

    detail::Core core_;
};

} // namespace rendercast
