/* Connections that the host negotiates itself, as a web page does with `new RTCPeerConnection`, and signaling that it carries.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "rendercast/peer_enums.hpp"
#include "rendercast/viewer.hpp"

namespace rendercast {

/// A session description (W3C RTCSessionDescription).
struct Description {
    SdpType type{};
    std::string sdp;
};

/// The states of a connection at one moment.
struct PeerStates {
    SignalingState signaling{};
    IceGatheringState ice_gathering{};
    IceConnectionState ice_connection{};
    ConnectionState connection{};
    Trickle can_trickle{};
};

/// Something that happened to a connection that the host negotiates. What a kind does not name is 0 or empty.
struct PeerEvent {
    PeerEventKind kind{};
    /// Of Peer::number.
    ViewerId viewer = 0;
    /// Of an operation: the number that its call gave, and what it came to.
    std::uint32_t request = 0;
    StatusCode status{};
    /// The new state, of the enumeration that the kind names, or of a track its Media.
    std::uint32_t state = 0;
    /// Of a candidate: the media section it belongs to.
    std::uint32_t sdp_mline_index = 0;
    /// Of a candidate error: W3C errorCode, and the local port.
    std::uint32_t error_code = 0, port = 0;
    /// W3C sdpMid; of a candidate error the server's URL and the local address.
    std::string sdp_mid, url, address;
    /// The result of an operation or the reason why there is none, a candidate, ids of streams.
    std::string text;
};

/// What a track is added with.
struct TrackOptions {
    /// Whose pictures it shows: Source::number. 0 is the source that is always there.
    std::uint32_t source = 0;
    /// Default Direction::sendonly, of sound Direction::recvonly.
    std::optional<Direction> direction;
    /// The id of its MediaStream. Default "rendercast-video-" and the sender's number.
    std::string stream_id;
};

/// A connection whose offers, answers and candidates the host carries (Streamer::create_peer). It is a viewer in every other way.
/// Operations are done one after the other; each gives the number by which its end is told: PeerEventKind::operation_done. A copy
/// is the same connection, which stays until `close`, PeerEventKind::closed, or the streamer stops.
///
/// Besides what Viewer says: StatusCode::would_block where 64 operations wait (call again later), invalid_argument, invalid_text.
class Peer : public Viewer {
public:
    /// W3C createOffer; `options` is an RTCOfferOptions as JSON, or empty.
    std::uint32_t create_offer(std::string_view options = {}) {
        return detail::call([&] { return core().peer_create_offer(number(), detail::bytes(options)); });
    }
    /// W3C createAnswer.
    std::uint32_t create_answer(std::string_view options = {}) {
        return detail::call([&] { return core().peer_create_answer(number(), detail::bytes(options)); });
    }
    /// W3C setLocalDescription: without a type what the state implies, with an empty text what was created last.
    std::uint32_t set_local_description(std::optional<SdpType> type = std::nullopt, std::string_view sdp = {}) {
        const auto kind = type ? static_cast<std::uint32_t>(*type) : 0;
        return detail::call([&] { return core().peer_set_local_description(number(), kind, detail::bytes(sdp)); });
    }
    /// W3C setRemoteDescription.
    std::uint32_t set_remote_description(SdpType type, std::string_view sdp) {
        const auto kind = static_cast<std::uint32_t>(type);
        return detail::call([&] { return core().peer_set_remote_description(number(), kind, detail::bytes(sdp)); });
    }
    /// W3C addIceCandidate; an empty candidate is their end. Where `sdp_mid` is empty, `sdp_mline_index` counts.
    std::uint32_t add_ice_candidate(std::string_view candidate, std::string_view sdp_mid, std::uint32_t sdp_mline_index = 0) {
        return detail::call([&] {
            return core().peer_add_ice_candidate(number(), detail::bytes(candidate), detail::bytes(sdp_mid), sdp_mline_index);
        });
    }

    PeerStates states() const {
        auto c = detail::sized<rendercast_peer_states>();
        detail::call([&] { return core().peer_get_states(number(), c); });
        return {static_cast<SignalingState>(c.signaling), static_cast<IceGatheringState>(c.ice_gathering),
                static_cast<IceConnectionState>(c.ice_connection), static_cast<ConnectionState>(c.connection),
                static_cast<Trickle>(c.can_trickle)};
    }
    /// Empty where there is none, or the connection was too busy for 250 ms, for which this may block.
    std::optional<Description> description(WhichDescription which) const {
        std::uint32_t kind = 0;
        auto sdp = text([&] { return core().peer_description(number(), static_cast<std::uint32_t>(which), kind); });
        if (!sdp) return std::nullopt;
        return Description{static_cast<SdpType>(kind), std::move(*sdp)};
    }
    /// W3C RTCConfiguration as JSON; credentials of TURN servers are in it.
    std::string configuration() const {
        return std::string(detail::call([&] { return core().peer_get_configuration(number()); }));
    }
    void set_configuration(std::string_view json) {
        detail::call([&] { return core().peer_set_configuration(number(), detail::bytes(json)); });
    }
    [[nodiscard]] bool restart_ice() {
        return detail::call([&] { return core().peer_restart_ice(number()); });
    }
    /// Ends the connection (W3C close).
    [[nodiscard]] bool close() {
        return detail::call([&] { return core().peer_close(number()); });
    }

    /// Adds a video track (W3C addTrack).
    Sender add_track(const TrackOptions &options = {}) {
        const auto c = track_options(options);
        return static_cast<Sender>(detail::call([&] { return core().peer_add_track(number(), c); }));
    }
    /// Adds a section (W3C addTransceiver).
    Sender add_transceiver(Media media, const TrackOptions &options = {}) {
        const auto c = track_options(options);
        const auto kind = static_cast<std::uint32_t>(media);
        return static_cast<Sender>(detail::call([&] { return core().peer_add_transceiver(number(), kind, c); }));
    }
    /// W3C removeTrack.
    [[nodiscard]] bool remove_track(Sender sender) {
        return detail::call([&] { return core().peer_remove_track(number(), static_cast<std::uint32_t>(sender)); });
    }
    /// W3C RTCRtpTransceiver.direction.
    [[nodiscard]] bool set_direction(Sender sender, Direction direction) {
        return detail::call([&] {
            return core().peer_set_direction(number(), static_cast<std::uint32_t>(sender), static_cast<std::uint32_t>(direction));
        });
    }
    /// W3C replaceTrack: whose pictures it shows, by Source::number.
    [[nodiscard]] bool replace_track(Sender sender, std::uint32_t source) {
        return detail::call([&] { return core().peer_replace_track(number(), static_cast<std::uint32_t>(sender), source); });
    }
    /// W3C setStreams.
    [[nodiscard]] bool set_streams(Sender sender, std::string_view stream_id) {
        return detail::call([&] {
            return core().peer_set_streams(number(), static_cast<std::uint32_t>(sender), detail::bytes(stream_id));
        });
    }
    /// W3C getTransceivers, as JSON. Empty: the connection was too busy.
    std::optional<std::string> transceivers() const {
        return text([&] { return core().peer_list_transceivers(number()); });
    }

private:
    friend class Streamer;
    using Viewer::Viewer;

    /// Its text is that of `options`.
    static rendercast_track_options track_options(const TrackOptions &options) {
        auto c = detail::sized<rendercast_track_options>();
        c.source = options.source;
        if (options.direction) c.direction = static_cast<std::uint32_t>(*options.direction);
        c.stream_id = detail::c_text(options.stream_id);
        return c;
    }
};

/// What one side of a connection tells the other, where the host carries signaling and the library negotiates.
struct Signal {
    SignalKind kind{};
    /// The host's own name for the connection, 1 to 256 bytes.
    std::string connection;
    /// The session description (SDP), or the candidate; an empty candidate is their end.
    std::string text;
    /// Of a candidate: its media section.
    std::string sdp_mid;
    std::uint32_t sdp_mline_index = 0;
    /// With an offer to Streamer::push_signal: ours yields when both sides offer at once (W3C "perfect negotiation").
    bool polite = false;
    /// With an offer or an invitation to Streamer::push_signal: the page shows one MediaStream only.
    bool one_stream = false;
};

namespace detail {

inline PeerEvent peer_event_of(const rendercast_peer_event &from, std::string text) {
    PeerEvent event;
    event.kind = static_cast<PeerEventKind>(from.kind);
    event.viewer = from.viewer;
    event.request = from.request;
    event.status = static_cast<StatusCode>(from.status);
    event.state = from.state;
    event.sdp_mline_index = from.sdp_mline_index;
    event.error_code = from.error_code;
    event.port = from.port;
    event.sdp_mid = field(from.sdp_mid);
    event.url = field(from.url);
    event.address = field(from.address);
    event.text = std::move(text);
    return event;
}

/// Its texts are those of `signal`.
inline rendercast_signal c_signal(const Signal &signal) {
    auto c = sized<rendercast_signal>();
    c.kind = static_cast<std::uint32_t>(signal.kind);
    c.flags = (signal.polite ? RENDERCAST_SIGNAL_POLITE : 0) | (signal.one_stream ? RENDERCAST_SIGNAL_ONE_STREAM : 0);
    c.sdp_mline_index = signal.sdp_mline_index;
    c.connection = c_text(signal.connection);
    c.text = c_text(signal.text);
    // An empty candidate is one.
    if (c.text == nullptr && signal.kind == SignalKind::candidate) c.text = "";
    c.sdp_mid = c_text(signal.sdp_mid);
    return c;
}

inline Signal signal_of(const rendercast_signal_out &from, std::string text) {
    Signal signal;
    signal.kind = static_cast<SignalKind>(from.kind);
    signal.connection = field(from.connection);
    signal.text = std::move(text);
    signal.sdp_mid = field(from.sdp_mid);
    signal.sdp_mline_index = from.sdp_mline_index;
    return signal;
}

} // namespace detail

} // namespace rendercast
