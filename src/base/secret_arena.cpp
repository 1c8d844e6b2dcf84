#include "base/secret_arena.hpp"

#include "base/secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <bit>
#include <cassert>
#include <new>

namespace obscura::base {
namespace {

std::atomic<SecretArena*> current{nullptr};

std::size_t page_size() { return static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)); }

}  // namespace

SecretArena::SecretArena(std::size_t size)
    : size_(size), orders_(static_cast<std::size_t>(std::bit_width(size / min_block))) {
    assert(std::has_single_bit(size) && size >= page_size() && orders_ <= max_orders);
    auto const page = page_size();
    auto* const mapped = ::mmap(nullptr, size + 2 * page, PROT_NONE,
                                MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (mapped == MAP_FAILED) throw std::bad_alloc();
    mapped_ = static_cast<std::byte*>(mapped);
    begin_ = mapped_ + page;
    if (::mprotect(begin_, size, PROT_READ | PROT_WRITE) != 0) throw std::bad_alloc();
    granted_.locked = ::mlock(begin_, size) == 0;
    granted_.not_dumped =
        ::madvise(begin_, size, MADV_DONTDUMP) == 0 && ::madvise(begin_, size, MADV_DONTFORK) == 0;
    for (std::size_t order = 0; order < orders_; ++order)
        is_free_.emplace_back(size / (min_block << order), false);
    put(begin_, orders_ - 1);
}

SecretArena::~SecretArena() {
    cleanse(begin_, size_);
    ::munmap(mapped_, size_ + 2 * page_size());
}

std::size_t SecretArena::order_of(std::size_t size) {
    auto const blocks = (std::max(size, std::size_t{1}) + min_block - 1) / min_block;
    return static_cast<std::size_t>(std::bit_width(blocks - 1));
}

std::size_t SecretArena::index_of(void const* block, std::size_t order) const {
    auto const offset = static_cast<std::size_t>(static_cast<std::byte const*>(block) - begin_);
    return offset / (min_block << order);
}

void* SecretArena::block_at(std::size_t index, std::size_t order) const {
    return begin_ + index * (min_block << order);
}

void SecretArena::put(void* block, std::size_t order) {
    auto* const entry = ::new (block) Free{.next = free_[order]};
    if (entry->next != nullptr) entry->next->previous = entry;
    free_[order] = entry;
    is_free_[order][index_of(block, order)] = true;
}

void SecretArena::take(void* block, std::size_t order) {
    auto* const entry = static_cast<Free*>(block);
    if (entry->next != nullptr) entry->next->previous = entry->previous;
    (entry->previous != nullptr ? entry->previous->next : free_[order]) = entry->next;
    is_free_[order][index_of(block, order)] = false;
    cleanse(block, sizeof(Free));
}

void* SecretArena::allocate(std::size_t size) noexcept {
    std::lock_guard const lock(mutex_);
    auto const wanted = order_of(size);
    auto order = wanted;
    while (order < orders_ && free_[order] == nullptr) ++order;
    if (order >= orders_) {
        ++exhausted_;
        return nullptr;
    }
    void* const block = free_[order];
    take(block, order);
    while (order > wanted) {
        --order;
        put(static_cast<std::byte*>(block) + (min_block << order), order);
    }
    used_ += min_block << wanted;
    return block;
}

void SecretArena::deallocate(void* block, std::size_t size) noexcept {
    auto order = order_of(size);
    cleanse(block, min_block << order);
    std::lock_guard const lock(mutex_);
    used_ -= min_block << order;
    auto index = index_of(block, order);
    for (; order + 1 < orders_ && is_free_[order][index ^ 1]; ++order, index /= 2)
        take(block_at(index ^ 1, order), order);
    put(block_at(index, order), order);
}

bool SecretArena::owns(void const* block) const noexcept {
    auto const* const byte = static_cast<std::byte const*>(block);
    return byte >= begin_ && byte < begin_ + size_;
}

std::size_t SecretArena::used() const {
    std::lock_guard const lock(mutex_);
    return used_;
}

std::uint64_t SecretArena::exhausted() const {
    std::lock_guard const lock(mutex_);
    return exhausted_;
}

void keep_secrets_in(SecretArena& arena) noexcept { current = &arena; }

SecretArena const* arena_of_secrets() noexcept { return current.load(std::memory_order_acquire); }

void* allocate_secret(std::size_t size) {
    if (auto* const arena = current.load(std::memory_order_acquire))
        if (auto* const block = arena->allocate(size)) return block;
    return ::operator new(size);
}

void deallocate_secret(void* block, std::size_t size) noexcept {
    auto* const arena = current.load(std::memory_order_acquire);
    if (arena != nullptr && arena->owns(block)) return arena->deallocate(block, size);
    cleanse(block, size);
    ::operator delete(block, size);
}

}  // namespace obscura::base
