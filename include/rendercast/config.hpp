/* What a streamer is told at its creation.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "rendercast/detail.hpp"
#include "rendercast/enums.hpp"

namespace rendercast {

/// Settings of a streamer: `Config().fps(30).server_address("0.0.0.0:8080")`. What is not set has its default, 0 and empty texts
/// too. Values are checked when a streamer is made of it: the error names the setting and its range. There are more settings
/// than these: `Streamer::from_json` takes all of them.
class Config {
public:
    /// Expected pictures a second, 1 to 240. Default 60. For rate control; the host may push at any rate.
    Config &fps(std::uint32_t value) noexcept { return set(c_.fps, value); }
    /// Where the sender starts, in kbit/s, 100 to 1000000. Default 16000.
    Config &start_bitrate_kbps(std::uint32_t value) noexcept { return set(c_.start_bitrate_kbps, value); }
    /// Never more than this, in kbit/s, 100 to 1000000. Default 160000.
    Config &max_bitrate_kbps(std::uint32_t value) noexcept { return set(c_.max_bitrate_kbps, value); }
    /// Never less than this, in kbit/s, 50 to 1000000. Default 300.
    Config &min_bitrate_kbps(std::uint32_t value) noexcept { return set(c_.min_bitrate_kbps, value); }
    /// Whether an audio track is offered. Default on.
    Config &audio(bool on) noexcept { return set(c_.audio, on); }
    /// Opus rate in kbit/s, 6 to 510. Default 128.
    Config &audio_bitrate_kbps(std::uint32_t value) noexcept { return set(c_.audio_bitrate_kbps, value); }
    /// Default MediaStreams::automatic.
    Config &media_streams(MediaStreams value) noexcept { return set(c_.media_streams, value); }
    /// "auto", or one encoder that is tried first: "h264_nvenc", "libx264", "openh264", ... Default "auto".
    Config &encoder(std::string name) { return set(encoder_, std::move(name)); }
    /// Codecs to offer, best first, with commas between. Default "h264,vp8,vp9,av1".
    Config &codecs(std::string names) { return set(codecs_, std::move(names)); }
    /// Viewers at most, 1 to 1000. Default 64.
    Config &max_viewers(std::uint32_t value) noexcept { return set(c_.max_viewers, value); }

    /// The embedded signaling server with its player page. Default on.
    Config &server(bool on) noexcept { return set(c_.server, on); }
    /// Address and port the embedded server listens on; port 0 takes a free one. Default "127.0.0.1:8080".
    Config &server_address(std::string address) { return set(server_address_, std::move(address)); }
    /// What a viewer must know, at least 8 characters. Default: nothing on a loopback address, generated on any other.
    Config &server_token(std::string token) { return set(server_token_, std::move(token)); }

    /// "http://", "https://", "ws://" or "wss://" address of a signaling server. Default none.
    Config &signaling_url(std::string url) { return set(signaling_url_, std::move(url)); }
    /// What that server speaks. Default SignalingProtocol::automatic.
    Config &signaling_protocol(SignalingProtocol value) noexcept { return set(c_.signaling_protocol, value); }
    /// The connection that both sides name in the private mode of Unity Render Streaming, at most 256 bytes. Default none.
    Config &signaling_connection_id(std::string id) { return set(signaling_connection_id_, std::move(id)); }
    /// Our name where users call each other, 1 to 128 bytes. Default "rendercast".
    Config &signaling_user_name(std::string name) { return set(signaling_user_name_, std::move(name)); }
    /// We make the first offer, for pages that wait for one. Default off.
    Config &signaling_offers_first(bool on) noexcept { return set(c_.signaling_offers_first, on); }
    /// EventKind::call_requested asks the host before a user gets the stream. Default off.
    Config &signaling_asks_host(bool on) noexcept { return set(c_.signaling_asks_host, on); }
    /// Longest time between polls of an HTTP signaling server while nothing happens, in ms, 100 to 8000. Default 500.
    Config &signaling_idle_poll_ms(std::uint32_t value) noexcept { return set(c_.signaling_idle_poll_ms, value); }
    /// The same while something is negotiated, in ms, 10 to 5000. Default 250.
    Config &signaling_busy_poll_ms(std::uint32_t value) noexcept { return set(c_.signaling_busy_poll_ms, value); }
    /// Do not check the signaling server's TLS certificate. Default off.
    Config &accept_invalid_certificates(bool on) noexcept { return set(c_.accept_invalid_certificates, on); }

    /// IP addresses to gather host candidates on, with commas between. Default every address of this machine.
    Config &bind_addresses(std::string addresses) { return set(bind_addresses_, std::move(addresses)); }
    /// Addresses of one STUN or TURN server, with commas between: "stun:host:port", "turn:host:port?transport=udp"; and its
    /// user name and password. Default none.
    Config &ice_server(std::string urls, std::string username = {}, std::string credential = {}) {
        return set(ice_urls_, std::move(urls)).set(ice_username_, std::move(username)).set(ice_credential_, std::move(credential));
    }

    /// Who is a player, and who watches only. Default Players::everyone.
    Config &players(Players value) noexcept { return set(c_.players, value); }
    /// What a page has to know with Players::token, 8 to 256 bytes: its link carries it as `player=`. Default none.
    Config &player_token(std::string token) { return set(player_token_, std::move(token)); }
    /// Players at once, 1 to 1000. Default: one with Players::first, else as many as there are viewers.
    Config &max_players(std::uint32_t value) noexcept { return set(c_.max_players, value); }
    /// A spectator may ask for control. Default on.
    Config &player_asking(bool on) noexcept { return set(c_.player_asking, on); }
    /// Texts of the clipboard go from the host to pages, and from players to the host. Default off.
    Config &clipboard(bool on) noexcept { return set(c_.clipboard, on); }
    /// Longest text of the clipboard, in bytes of UTF-8, 1 to 65536. Default 65536.
    Config &clipboard_max_bytes(std::uint32_t value) noexcept { return set(c_.clipboard_max_bytes, value); }
    /// Input events of one viewer in the long run, per second, 10 to 100000; a second's worth may come at once. What lets a key
    /// or button go is never dropped. Default 1000.
    Config &max_events_per_second(std::uint32_t value) noexcept { return set(c_.max_events_per_second, value); }

private:
    friend class Streamer;

    Config &set(std::uint32_t &field, std::uint32_t value) noexcept {
        field = value;
        return *this;
    }
    Config &set(std::uint32_t &field, bool on) noexcept { return set(field, std::uint32_t{on ? 1u : 2u}); }
    template <typename Enum, typename = std::enable_if_t<std::is_enum_v<Enum>>>
    Config &set(std::uint32_t &field, Enum value) noexcept {
        return set(field, static_cast<std::uint32_t>(value));
    }
    Config &set(std::string &field, std::string value) {
        field = std::move(value);
        return *this;
    }

    /// Its texts are this object's.
    rendercast_config c() const {
        static_assert(RENDERCAST_ON == 1 && RENDERCAST_OFF == 2, "switches");
        rendercast_config config = c_;
        config.size = static_cast<std::uint32_t>(sizeof config);
        config.encoder = detail::c_text(encoder_);
        config.codecs = detail::c_text(codecs_);
        config.server_address = detail::c_text(server_address_);
        config.server_token = detail::c_text(server_token_);
        config.signaling_url = detail::c_text(signaling_url_);
        config.signaling_connection_id = detail::c_text(signaling_connection_id_);
        config.signaling_user_name = detail::c_text(signaling_user_name_);
        config.bind_addresses = detail::c_text(bind_addresses_);
        config.ice_urls = detail::c_text(ice_urls_);
        config.ice_username = detail::c_text(ice_username_);
        config.ice_credential = detail::c_text(ice_credential_);
        config.player_token = detail::c_text(player_token_);
        return config;
    }

    rendercast_config c_{};
    std::string encoder_, codecs_, server_address_, server_token_, signaling_url_, signaling_connection_id_, signaling_user_name_,
        bind_addresses_, ice_urls_, ice_username_, ice_credential_, player_token_;
};

} // namespace rendercast
