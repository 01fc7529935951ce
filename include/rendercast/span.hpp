/* A view of items that lie one after the other, as C++20's std::span.
 * SPDX-License-Identifier: MIT OR Apache-2.0 */
#pragma once

#include <cstddef>
#include <type_traits>

namespace rendercast {

/// Items of somebody else's: a pointer and a count. Made of anything with `data()` and `size()`: vectors, arrays, std::span.
template <typename T>
class Span {
public:
    using value_type = std::remove_cv_t<T>;

    constexpr Span() noexcept = default;
    constexpr Span(T *data, std::size_t size) noexcept : data_(data), size_(size) {}
    template <std::size_t N>
    constexpr Span(T (&items)[N]) noexcept : data_(items), size_(N) {}
    template <typename C, typename = std::enable_if_t<std::is_convertible_v<
                              std::remove_pointer_t<decltype(std::declval<C &>().data())> (*)[], T (*)[]>>>
    constexpr Span(C &items) noexcept : data_(items.data()), size_(items.size()) {}
    /// What is no longer there after the call may be lent for the call.
    template <typename C, typename = std::enable_if_t<std::is_const_v<T> && std::is_convertible_v<
                              std::remove_pointer_t<decltype(std::declval<const C &>().data())> (*)[], T (*)[]>>>
    constexpr Span(const C &items) noexcept : data_(items.data()), size_(items.size()) {}

    constexpr T *data() const noexcept { return data_; }
    constexpr std::size_t size() const noexcept { return size_; }
    constexpr bool empty() const noexcept { return size_ == 0; }
    constexpr T *begin() const noexcept { return data_; }
    constexpr T *end() const noexcept { return data_ + size_; }
    /// Unchecked, as everywhere.
    constexpr T &operator[](std::size_t index) const noexcept { return data_[index]; }
    /// `offset` and `count` have to lie within.
    constexpr Span subspan(std::size_t offset, std::size_t count) const noexcept { return {data_ + offset, count}; }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

} // namespace rendercast
