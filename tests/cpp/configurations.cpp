// Settings, and what concerns the whole library.
#include <cstdio>
#include <string>

#include "check.hpp"

using namespace rendercast;

void try_configurations() {
    CHECK(std::string(version()) == RENDERCAST_VERSION && version_number() == RENDERCAST_VERSION_NUMBER);

    Streamer plain;
    CHECK(!plain.link());
    Streamer json = Streamer::from_json(R"({"video":{"fps":30}})");
    CHECK(live_object_count() == 2);

    // Each setting reaches the library: its error names it, or its value.
    THROWS(invalid_config, "video.fps = 241 is outside 1 to 240", Streamer(Config().fps(241)));
    THROWS(invalid_config, "start_bitrate_kbps", Streamer(Config().start_bitrate_kbps(1)));
    THROWS(invalid_config, "max_bitrate_kbps", Streamer(Config().max_bitrate_kbps(1)));
    THROWS(invalid_config, "min_bitrate_kbps", Streamer(Config().min_bitrate_kbps(1)));
    THROWS(invalid_config, "bitrate_kbps", Streamer(Config().audio_bitrate_kbps(5)));
    THROWS(invalid_config, "media_streams", Streamer(Config().media_streams(static_cast<MediaStreams>(9))));
    THROWS(invalid_config, "max_viewers", Streamer(Config().max_viewers(1001)));
    THROWS(invalid_config, "idle_poll_ms", Streamer(Config().signaling_idle_poll_ms(1)));
    THROWS(invalid_config, "busy_poll_ms", Streamer(Config().signaling_busy_poll_ms(1)));
    THROWS(invalid_config, "signaling_protocol", Streamer(Config().signaling_protocol(static_cast<SignalingProtocol>(9))));
    THROWS(invalid_config, "\"h265\" is unknown", Streamer(Config().codecs("h265")));
    THROWS(invalid_config, "nowhere", Streamer(Config().server_address("nowhere")));
    THROWS(invalid_config, "token", Streamer(Config().server_token("short")));
    THROWS(invalid_config, "url", Streamer(Config().signaling_url("gopher://x")));
    THROWS(invalid_config, "connection_id", Streamer(Config().signaling_connection_id(std::string(257, 'x'))));
    THROWS(invalid_config, "user_name", Streamer(Config().signaling_user_name(std::string(129, 'x'))));
    THROWS(invalid_config, "bind_addresses", Streamer(Config().bind_addresses("here")));
    THROWS(invalid_config, "urls", Streamer(Config().ice_server("gopher:x")));
    THROWS(invalid_config, "players = 9", Streamer(Config().players(static_cast<Players>(9))));
    THROWS(invalid_config, "player_token", Streamer(Config().player_token("short")));
    THROWS(invalid_config, "max_players", Streamer(Config().max_players(1001)));
    THROWS(invalid_config, "max_bytes", Streamer(Config().clipboard_max_bytes(70000)));
    THROWS(invalid_config, "max_events_per_second", Streamer(Config().max_events_per_second(1)));
    Streamer switches(Config()
                          .audio(false)
                          .server(false)
                          .signaling_offers_first(true)
                          .signaling_asks_host(true)
                          .accept_invalid_certificates(true)
                          .player_asking(false)
                          .clipboard(true)
                          .encoder("openh264"));
    THROWS(invalid_config, "unknown", Streamer::from_json(R"({"vidio":{}})"));
    THROWS(invalid_config, "", Streamer::from_json(""));
    THROWS(invalid_text, "encoder is not UTF-8", Streamer(Config().encoder("\xff")));
    THROWS(invalid_text, "a text holds a NUL", Streamer(Config().encoder(std::string("a\0b", 3))));
    THROWS(invalid_text, "a text holds a NUL", Streamer::from_json(std::string_view("{}\0", 3)));
    CHECK(live_object_count() == 3);

    CHECK(key_code(Key::a) == "KeyA" && key_from_code("ArrowLeft") == Key::arrow_left && !key_from_code("NoKey"));
    CHECK(to_usb_hid(Key::a) == 0x70004 && to_windows_vk(Key::a) == 'A' && to_unity(Key::space) == 1 && to_godot(Key::a) == 'A');
    THROWS(invalid_argument, "key", key_code(static_cast<Key>(9999)));

    const std::string path = std::tmpnam(nullptr);
    generate_certificate(path, R"({"name":"ECDSA","namedCurve":"P-256","expires":86400000})");
    CHECK(certificate_info(path).find("\"sha-256\"") != std::string::npos);
    THROWS(not_supported, "", generate_certificate(path, R"({"name":"RSA-PSS"})"));
    std::remove(path.c_str());
    THROWS(certificate, "", certificate_info(path));
}
