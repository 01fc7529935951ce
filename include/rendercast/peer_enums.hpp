/* States and words of connections that the host negotiates.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>

#include "rendercast.h"

namespace rendercast {

/// What two sides of a connection tell each other.
enum class SignalKind : std::uint32_t {
    /// A session description of the type "offer".
    offer = RENDERCAST_SIGNAL_OFFER,
    /// A session description of the type "answer".
    answer = RENDERCAST_SIGNAL_ANSWER,
    /// An ICE candidate; an empty text is the end of candidates.
    candidate = RENDERCAST_SIGNAL_CANDIDATE,
    /// The connection is over.
    disconnect = RENDERCAST_SIGNAL_DISCONNECT,
    /// The other side waits for our offer. Only to rendercast_push_signal.
    invite = RENDERCAST_SIGNAL_INVITE,
};

/// W3C RTCSignalingState.
enum class SignalingState : std::uint32_t {
    /// W3C "stable".
    stable = RENDERCAST_SIGNALING_STATE_STABLE,
    /// W3C "have-local-offer".
    have_local_offer = RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_OFFER,
    /// W3C "have-remote-offer".
    have_remote_offer = RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_OFFER,
    /// W3C "have-local-pranswer".
    have_local_pranswer = RENDERCAST_SIGNALING_STATE_HAVE_LOCAL_PRANSWER,
    /// W3C "have-remote-pranswer".
    have_remote_pranswer = RENDERCAST_SIGNALING_STATE_HAVE_REMOTE_PRANSWER,
    /// W3C "closed".
    closed = RENDERCAST_SIGNALING_STATE_CLOSED,
};

/// W3C RTCIceGatheringState; `fresh` is W3C's "new".
enum class IceGatheringState : std::uint32_t {
    /// W3C "new".
    fresh = RENDERCAST_ICE_GATHERING_STATE_NEW,
    /// W3C "gathering".
    gathering = RENDERCAST_ICE_GATHERING_STATE_GATHERING,
    /// W3C "complete".
    complete = RENDERCAST_ICE_GATHERING_STATE_COMPLETE,
};

/// W3C RTCIceConnectionState; `fresh` is W3C's "new".
enum class IceConnectionState : std::uint32_t {
    /// W3C "new".
    fresh = RENDERCAST_ICE_CONNECTION_STATE_NEW,
    /// W3C "checking".
    checking = RENDERCAST_ICE_CONNECTION_STATE_CHECKING,
    /// W3C "connected".
    connected = RENDERCAST_ICE_CONNECTION_STATE_CONNECTED,
    /// W3C "completed".
    completed = RENDERCAST_ICE_CONNECTION_STATE_COMPLETED,
    /// W3C "disconnected".
    disconnected = RENDERCAST_ICE_CONNECTION_STATE_DISCONNECTED,
    /// W3C "failed".
    failed = RENDERCAST_ICE_CONNECTION_STATE_FAILED,
    /// W3C "closed".
    closed = RENDERCAST_ICE_CONNECTION_STATE_CLOSED,
};

/// W3C RTCPeerConnectionState; `fresh` is W3C's "new".
enum class ConnectionState : std::uint32_t {
    /// W3C "new".
    fresh = RENDERCAST_CONNECTION_STATE_NEW,
    /// W3C "connecting".
    connecting = RENDERCAST_CONNECTION_STATE_CONNECTING,
    /// W3C "connected".
    connected = RENDERCAST_CONNECTION_STATE_CONNECTED,
    /// W3C "disconnected".
    disconnected = RENDERCAST_CONNECTION_STATE_DISCONNECTED,
    /// W3C "failed".
    failed = RENDERCAST_CONNECTION_STATE_FAILED,
    /// W3C "closed".
    closed = RENDERCAST_CONNECTION_STATE_CLOSED,
};

/// W3C RTCSdpType.
enum class SdpType : std::uint32_t {
    /// A session description's type, W3C "offer".
    offer = RENDERCAST_SDP_OFFER,
    /// W3C "pranswer": a provisional answer.
    pranswer = RENDERCAST_SDP_PRANSWER,
    /// W3C "answer".
    answer = RENDERCAST_SDP_ANSWER,
    /// W3C "rollback": the offer that is not answered yet is taken back.
    rollback = RENDERCAST_SDP_ROLLBACK,
};

/// One of a connection's session descriptions.
enum class WhichDescription : std::uint32_t {
    /// W3C localDescription: the pending one, else the current one.
    local = RENDERCAST_DESCRIPTION_LOCAL,
    /// W3C currentLocalDescription: as negotiated last.
    current_local = RENDERCAST_DESCRIPTION_CURRENT_LOCAL,
    /// W3C pendingLocalDescription: being negotiated.
    pending_local = RENDERCAST_DESCRIPTION_PENDING_LOCAL,
    /// W3C remoteDescription: the pending one, else the current one.
    remote = RENDERCAST_DESCRIPTION_REMOTE,
    /// W3C currentRemoteDescription: as negotiated last.
    current_remote = RENDERCAST_DESCRIPTION_CURRENT_REMOTE,
    /// W3C pendingRemoteDescription: being negotiated.
    pending_remote = RENDERCAST_DESCRIPTION_PENDING_REMOTE,
};

/// W3C canTrickleIceCandidates.
enum class Trickle : std::uint32_t {
    /// W3C canTrickleIceCandidates is null: the other side has not described itself.
    unknown = RENDERCAST_TRICKLE_UNKNOWN,
    /// W3C canTrickleIceCandidates is false: the other side wants all candidates in the description.
    no = RENDERCAST_TRICKLE_NO,
    /// W3C canTrickleIceCandidates is true: candidates may follow the description one by one.
    yes = RENDERCAST_TRICKLE_YES,
};

/// What happened to a connection that the host negotiates. A newer library may report others: pass them over.
enum class PeerEventKind : std::uint32_t {
    /// An operation has come to its end: `request`, `status`; the text is its result, or the reason why there is none.
    operation_done = RENDERCAST_PEER_EVENT_OPERATION_DONE,
    /// W3C signalingstatechange: `state` is one of RENDERCAST_SIGNALING_STATE_*. It comes before the end of the
    /// operation that caused it.
    signaling_state = RENDERCAST_PEER_EVENT_SIGNALING_STATE,
    /// W3C icegatheringstatechange: `state` is one of RENDERCAST_ICE_GATHERING_STATE_*.
    ice_gathering_state = RENDERCAST_PEER_EVENT_ICE_GATHERING_STATE,
    /// W3C iceconnectionstatechange: `state` is one of RENDERCAST_ICE_CONNECTION_STATE_*.
    ice_connection_state = RENDERCAST_PEER_EVENT_ICE_CONNECTION_STATE,
    /// W3C connectionstatechange: `state` is one of RENDERCAST_CONNECTION_STATE_*.
    connection_state = RENDERCAST_PEER_EVENT_CONNECTION_STATE,
    /// W3C negotiationneeded: make an offer. It comes once until a negotiation has ended.
    negotiation_needed = RENDERCAST_PEER_EVENT_NEGOTIATION_NEEDED,
    /// W3C icecandidate: the text, `sdp_mid` and `sdp_mline_index` are for the other side. An empty text is the end of
    /// candidates.
    ice_candidate = RENDERCAST_PEER_EVENT_ICE_CANDIDATE,
    /// W3C icecandidateerror: `url`, `error_code`, `address` and `port`; the text is W3C errorText.
    ice_candidate_error = RENDERCAST_PEER_EVENT_ICE_CANDIDATE_ERROR,
    /// W3C track: `state` is RENDERCAST_TRACK_AUDIO or RENDERCAST_TRACK_VIDEO, `sdp_mid` its section; the text is the
    /// ids of its streams, one a line. Only where `peer.receive` is on; what comes is polled with
    /// rendercast_poll_received_video and rendercast_poll_received_audio.
    track = RENDERCAST_PEER_EVENT_TRACK,
    /// The last event of a connection; the text says why.
    closed = RENDERCAST_PEER_EVENT_CLOSED,
    /// W3C removetrack: nothing comes any more in a section that RENDERCAST_PEER_EVENT_TRACK told of, whose page has
    /// stopped its track, removed it, or stopped the transceiver, or because of the direction that the host has set.
    /// `state`, `sdp_mid` and the text are as they were then. The same section may bring a track again.
    track_removed = RENDERCAST_PEER_EVENT_TRACK_REMOVED,
};

} // namespace rendercast
