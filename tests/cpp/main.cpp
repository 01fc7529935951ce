// The C++ API, class by class: what it does, what its errors say, and that everything ends with its object.
#include <cstdio>

#include "check.hpp"

void try_configurations();
void try_pictures();
void try_what_is_polled();
void try_viewers();
void try_lives();

int main() try {
    try_configurations();
    try_pictures();
    try_what_is_polled();
    try_viewers();
    try_lives();
    CHECK(rendercast::live_object_count() == 0);
    if (failures == 0) std::puts("passed");
    return failures == 0 ? 0 : 1;
} catch (const std::exception &error) {
    std::fprintf(stderr, "not caught: %s\n", error.what());
    return 1;
}
