//! The C ABI as C sees it: the library exports what src/ffi says and nothing else, and a C host that uses it compiles as C99 and
//! C++17 and runs clean under AddressSanitizer; the example of README.md compiles too. The C++ API leaves nothing of it out.

#[cfg(feature = "webrtc")]
mod cpp;
#[cfg(feature = "webrtc")]
#[path = "../support/exported.rs"]
mod exported;
mod library;
mod readme;

#[cfg(all(feature = "webrtc", target_os = "linux"))]
mod exports;
#[cfg(all(feature = "webrtc", target_os = "linux"))]
mod python;
#[cfg(all(feature = "webrtc", target_os = "linux"))]
mod sample;
