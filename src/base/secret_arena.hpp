#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <vector>

namespace obscura::base {

/// Memory for secrets, apart from everything else: never written to swap (mlock), left out of core
/// dumps and of children (MADV_DONTDUMP, MADV_DONTFORK), between two pages that nobody may touch.
/// Blocks are powers of two, halved and joined again (a buddy system), and zeroed when they come
/// back. Any thread.
class SecretArena {
public:
    static constexpr std::size_t min_block = 32;

    /// What the kernel granted. A process may lock 8 MiB by default (RLIMIT_MEMLOCK).
    struct Granted {
        bool locked = false;
        bool not_dumped = false;
    };

    /// `size` is a power of two, at least a page. Throws std::bad_alloc where there is no memory.
    explicit SecretArena(std::size_t size);
    ~SecretArena();
    SecretArena(SecretArena const&) = delete;
    SecretArena& operator=(SecretArena const&) = delete;

    [[nodiscard]] Granted granted() const { return granted_; }
    /// nullptr when no block of that size is free.
    [[nodiscard]] void* allocate(std::size_t size) noexcept;
    /// `size` as it was asked for.
    void deallocate(void* block, std::size_t size) noexcept;
    [[nodiscard]] bool owns(void const* block) const noexcept;
    /// Bytes of blocks that are out.
    [[nodiscard]] std::size_t used() const;
    /// How often there was no block.
    [[nodiscard]] std::uint64_t exhausted() const;

private:
    struct Free {  ///< at the start of every free block
        Free* next = nullptr;
        Free* previous = nullptr;
    };
    static constexpr std::size_t max_orders = 32;

    [[nodiscard]] static std::size_t order_of(std::size_t size);
    [[nodiscard]] std::size_t index_of(void const* block, std::size_t order) const;
    [[nodiscard]] void* block_at(std::size_t index, std::size_t order) const;
    void put(void* block, std::size_t order);
    void take(void* block, std::size_t order);

    std::size_t size_;
    std::size_t orders_;  ///< blocks of min_block << 0 to min_block << (orders_ - 1)
    std::byte* mapped_ = nullptr;
    std::byte* begin_ = nullptr;
    Granted granted_;
    mutable std::mutex mutex_;
    std::array<Free*, max_orders> free_{};
    std::vector<std::vector<bool>> is_free_;  ///< by order and index
    std::size_t used_ = 0;
    std::uint64_t exhausted_ = 0;
};

/// From here on every Secret is kept in `arena`, which is never destroyed; beyond it on the heap.
/// Called once, before there are threads. Without it Secrets are on the heap, as in services that
/// hold none but their own keys.
void keep_secrets_in(SecretArena& arena) noexcept;
/// Where they are kept, or nullptr.
[[nodiscard]] SecretArena const* arena_of_secrets() noexcept;

/// What Secret allocates with.
[[nodiscard]] void* allocate_secret(std::size_t size);
void deallocate_secret(void* block, std::size_t size) noexcept;

template <class T>
struct SecretAllocator {
    using value_type = T;
    SecretAllocator() = default;
    template <class U>
    // NOLINTNEXTLINE(google-explicit-constructor): what the standard asks of an allocator
    SecretAllocator(SecretAllocator<U> const&) noexcept {}
    [[nodiscard]] T* allocate(std::size_t n) {
        return static_cast<T*>(allocate_secret(n * sizeof(T)));
    }
    void deallocate(T* block, std::size_t n) noexcept { deallocate_secret(block, n * sizeof(T)); }
    friend bool operator==(SecretAllocator, SecretAllocator) { return true; }
};

}  // namespace obscura::base
