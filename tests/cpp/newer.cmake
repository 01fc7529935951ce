# A program that wants a version which this is not.
find_package(rendercast 99.0 REQUIRED)
