// What the tests say with: a check that fails is printed, and counts.
#pragma once

#include <cstdio>
#include <string>

#include <rendercast.hpp>

inline int failures = 0;

#define CHECK(what) \
    do { \
        if (!(what)) failures++, std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #what); \
    } while (0)

/// `body` throws an error of ours with this code, whose text has this in it.
template <typename Body>
void throws(int line, rendercast::StatusCode code, const std::string &text, Body &&body) {
    try {
        body();
    } catch (const rendercast::Error &error) {
        if (error.code() == code && std::string(error.what()).find(text) != std::string::npos) return;
        failures++;
        std::fprintf(stderr, "line %d: %s: %s\n", line, rendercast::name_of(error.code()), error.what());
        return;
    }
    failures++;
    std::fprintf(stderr, "line %d: nothing was thrown, not %s\n", line, text.c_str());
}

#define THROWS(code, text, ...) throws(__LINE__, rendercast::StatusCode::code, text, [&] { __VA_ARGS__; })

/// No embedded server, so that no port is needed.
inline rendercast::Config offline() { return rendercast::Config().server(false); }
