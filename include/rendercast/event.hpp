/* What the host is told, by polling.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"
#include "rendercast/event_kinds.hpp"

namespace rendercast {

/// Something that happened in the library.
struct Event {
    EventKind kind{};
    Severity severity{};
    /// The viewer it is about, 0 for nobody.
    ViewerId viewer = 0;
    /// For people, in English, one line; what else it is says the kind.
    std::string message;
    /// The number of the data channel it is about, 0 for none: Streamer::channel.
    std::uint32_t channel = 0;
    /// Where the event is about a role.
    std::optional<Role> role;
    /// The player's number, from 1; 0 for none.
    std::uint32_t player = 0;
};

/// The name of a kind, such as "viewer connected", for logs.
inline const char *name_of(EventKind kind) noexcept { return rendercast_event_name(static_cast<std::uint32_t>(kind)); }

/// The name of a status, such as "RENDERCAST_WOULD_BLOCK", for logs.
inline const char *name_of(StatusCode code) noexcept { return rendercast_status_name(static_cast<std::int32_t>(code)); }

namespace detail {

inline Event event_of(const rendercast_event &from) {
    Event event;
    event.kind = static_cast<EventKind>(from.kind);
    event.severity = static_cast<Severity>(from.severity);
    event.viewer = from.viewer;
    event.message = field(from.message);
    event.channel = from.channel;
    if (from.role != 0) event.role = static_cast<Role>(from.role);
    event.player = from.player;
    return event;
}

} // namespace detail

} // namespace rendercast
