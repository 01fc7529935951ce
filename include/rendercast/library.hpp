/* What concerns the whole library: its version, names of keys, certificates.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rendercast/detail.hpp"
#include "rendercast/keys.hpp"

namespace rendercast {

/// "major.minor.patch", of the library that is linked.
inline const char *version() noexcept { return rendercast_version(); }

/// The same as a number: major * 65536 + minor * 256 + patch. Compare it with RENDERCAST_VERSION_NUMBER, the headers' own.
inline std::uint32_t version_number() noexcept { return rendercast_version_number(); }

/// Streamers and lent frames that are alive in this process: a test finds leaks with it.
inline std::uint32_t live_object_count() noexcept { return rendercast_live_object_count(); }

/// The W3C UI Events code of a key, such as "KeyA". Throws StatusCode::invalid_argument for a number that is no key with a code.
inline std::string key_code(Key key) {
    return std::string(detail::call([&] { return bridge::key_code(static_cast<std::uint32_t>(key)); }));
}

/// The key of a W3C UI Events code, if any key has it.
inline std::optional<Key> key_from_code(std::string_view code) {
    const auto key = detail::call([&] { return bridge::key_from_code(detail::bytes(code)); });
    if (key == 0) return std::nullopt;
    return static_cast<Key>(key);
}

/// The USB HID usage of a key: page in the upper 16 bits, usage in the lower; 0 for none.
inline std::uint32_t to_usb_hid(Key key) noexcept { return rendercast_key_to_usb_hid(static_cast<std::uint32_t>(key)); }
/// The Windows virtual key (VK_*) of a key, on the US layout; 0 for none.
inline std::uint32_t to_windows_vk(Key key) noexcept { return rendercast_key_to_windows_vk(static_cast<std::uint32_t>(key)); }
/// Godot 4's `Key` of a key; 0 for none.
inline std::uint32_t to_godot(Key key) noexcept { return rendercast_key_to_godot(static_cast<std::uint32_t>(key)); }
/// Unity's `UnityEngine.InputSystem.Key` of a key; 0 for none.
inline std::uint32_t to_unity(Key key) noexcept { return rendercast_key_to_unity(static_cast<std::uint32_t>(key)); }

/// Makes a certificate with its key and keeps it in a file, PEM (W3C generateCertificate); `options_json` is W3C's algorithm, or
/// empty. Throws StatusCode::certificate, not_supported, invalid_config. Blocks until the disk has the file.
inline void generate_certificate(std::string_view path, std::string_view options_json = {}) {
    detail::call([&] { return bridge::certificate_generate(detail::bytes(path), detail::bytes(options_json)); });
}

/// What a file's certificate is known by, as JSON: its end and its fingerprints. Throws StatusCode::certificate.
inline std::string certificate_info(std::string_view path) {
    return std::string(detail::call([&] { return bridge::certificate_info(detail::bytes(path)); }));
}

} // namespace rendercast
