/* What the classes share. Nothing in here is for hosts.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "rendercast/error.hpp"
#include "rendercast/span.hpp"

namespace rendercast {

/// The number by which events and input name a viewer. It is not given twice while the process lives; 0 is nobody, and where it
/// is asked for whom, everybody.
using ViewerId = std::uint32_t;

namespace detail {

/// A streamer, shared by what was made of it and freed with the last of them.
class Core {
public:
    Core() noexcept = default;
    explicit Core(::rust::Box<bridge::Streamer> streamer)
        : streamer_(std::make_shared<::rust::Box<bridge::Streamer>>(std::move(streamer))) {}

    explicit operator bool() const noexcept { return streamer_ != nullptr; }

    /// `whose` names the class whose object was moved from.
    const bridge::Streamer &get(const char *whose) const {
        if (!streamer_) throw Error(StatusCode::invalid_handle, std::string(whose) + " is empty: it was moved from");
        return **streamer_;
    }

private:
    std::shared_ptr<::rust::Box<bridge::Streamer>> streamer_;
};

/// A structure of the C ABI's, all defaults.
template <typename T>
T sized() noexcept {
    T value{};
    value.size = static_cast<std::uint32_t>(sizeof value);
    return value;
}

inline ::rust::Slice<const std::uint8_t> bytes(std::string_view text) noexcept {
    return {reinterpret_cast<const std::uint8_t *>(text.data()), text.size()};
}

inline ::rust::Slice<const std::uint8_t> bytes(Span<const std::uint8_t> items) noexcept {
    return {items.data(), items.size()};
}

/// Of a structure's text; NULL stands for an empty one.
inline const char *c_text(const std::string &text) {
    if (text.find('\0') != std::string::npos) throw Error(StatusCode::invalid_text, "a text holds a NUL");
    return text.empty() ? nullptr : text.c_str();
}

/// A text within a structure ends with a NUL.
template <std::size_t N>
std::string_view field(const char (&text)[N]) noexcept {
    return {text, std::char_traits<char>::length(text)};
}

inline std::string text_of(const ::rust::Vec<std::uint8_t> &bytes) {
    return {reinterpret_cast<const char *>(bytes.data()), bytes.size()};
}

} // namespace detail

} // namespace rendercast
