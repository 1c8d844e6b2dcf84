// Linked into obscura-citadel only: every block of memory is wiped when it is freed. The service
// wipes what it knows to be secret; this is for the copies that parsers, strings and buffers leave
// behind when they grow or end. C++ allocations only: OpenSSL wipes its own.
#include <malloc.h>
#include <string.h>  // explicit_bzero

#include <cstdlib>
#include <new>

namespace {

void* allocate(std::size_t size) {
    void* const block = std::malloc(size == 0 ? 1 : size);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void* allocate(std::size_t size, std::align_val_t alignment) {
    auto const to = static_cast<std::size_t>(alignment);
    void* const block = std::aligned_alloc(to, (size + to - 1) / to * to);
    if (block == nullptr) throw std::bad_alloc();
    return block;
}

void wipe_and_free(void* block) noexcept {
    if (block == nullptr) return;
    ::explicit_bzero(block, ::malloc_usable_size(block));
    std::free(block);
}

}  // namespace

// The array and nothrow forms of the library end in these.
void* operator new(std::size_t size) { return allocate(size); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    return allocate(size, alignment);
}
void operator delete(void* block) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::align_val_t) noexcept { wipe_and_free(block); }
void operator delete(void* block, std::size_t, std::align_val_t) noexcept { wipe_and_free(block); }
