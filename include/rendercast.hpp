/* rendercast for C++17: streams a game engine's picture and sound to browsers over WebRTC, with input coming back.
 * SPDX-License-Identifier: MIT OR Apache-2.0
 *
 *     rendercast::Streamer streamer(rendercast::Config().fps(60).server_address("127.0.0.1:8080"));
 *     streamer.start();
 *     for (;;) {                                                        // once a picture
 *         if (auto frame = streamer.acquire(rendercast::PixelFormat::rgba8, 1280, 720)) {
 *             for (std::uint32_t y = 0; y < frame->height(); y++) draw(frame->row(y));
 *             frame->commit();
 *         }
 *         while (auto event = streamer.poll_event()) { ... }
 *         while (auto input = streamer.poll_input()) {
 *             if (auto *key = input->as<rendercast::KeyInput>()) { ... }
 *         }
 *     }
 *
 * - A call that fails throws rendercast::Error, with a text and a code. "Not now" is no failure: `false`, or an empty std::optional.
 * - Everything that is held ends with its object: a streamer stops, a frame that is not committed goes back, a source ends.
 *   Who was moved from throws; nothing refers to freed memory.
 * - The library never calls the host. Events and input are polled. No defect of the library's unwinds into the host.
 * - Link librendercast_cpp.a (CMake: rendercast::cpp, pkg-config: rendercast-cpp), not the shared library: each has a library of
 *   its own in it, and they do not know of each other's streamers.
 */
#pragma once

#include "rendercast/library.hpp"
#include "rendercast/streamer.hpp"
