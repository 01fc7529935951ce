/* What goes wrong.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstdlib>
#include <stdexcept>
#include <string>

#include "rendercast/bridge.h"
#include "rendercast/status.hpp"
#include "rust/cxx.h"

namespace rendercast {

/// A failed call: `what()` says which one and why, in English, on one line; `code()` is its status. A moved-from object throws
/// StatusCode::invalid_handle. What "not now" means to a function (a queue is full, nothing has come) is no error.
class Error : public std::runtime_error {
public:
    Error(StatusCode code, const std::string &text) : std::runtime_error(text), code_(code) {}

    StatusCode code() const noexcept { return code_; }

private:
    StatusCode code_;
};

namespace detail {

/// The bridge tells the status in front of the text.
[[noreturn]] inline void throw_error(const char *told) {
    char *text = nullptr;
    const long code = std::strtol(told, &text, 10);
    if (text == told || *text != ' ') throw Error(StatusCode::panic, told);
    throw Error(static_cast<StatusCode>(code), text + 1);
}

/// Runs what calls the bridge: its exceptions become ours.
template <typename Body>
auto call(Body &&body) -> decltype(body()) {
    try {
        return body();
    } catch (const ::rust::Error &error) {
        throw_error(error.what());
    }
}

} // namespace detail

} // namespace rendercast
