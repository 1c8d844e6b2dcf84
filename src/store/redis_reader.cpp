#include "store/detail/redis_reader.hpp"

#include <hiredis/read.h>

#include <algorithm>
#include <new>
#include <stdexcept>

namespace obscura::store {
namespace {

constexpr std::size_t max_buffered = 64U << 20;
constexpr std::size_t max_items = 1U << 20;  // of all arrays of one reply

/// Where the reader wants the value of `task`: in its parent, or on its own. A nullptr given to
/// hiredis ends the reading as "out of memory", so these functions do not throw.
RedisReply* place(redisReadTask const* task) noexcept {
    if (task->parent == nullptr) return new (std::nothrow) RedisReply;
    auto* parent = static_cast<RedisReply*>(task->parent->obj);
    return &parent->items[static_cast<std::size_t>(task->idx)];
}

RedisReply::Type type_of(int type) {
    switch (type) {
        case REDIS_REPLY_STATUS:
            return RedisReply::Type::status;
        case REDIS_REPLY_ERROR:
            return RedisReply::Type::error;
        default:
            return RedisReply::Type::bulk;
    }
}

void* create_string(redisReadTask const* task, char* text, std::size_t size) {
    auto* reply = place(task);
    if (reply == nullptr) return nullptr;
    reply->type = type_of(task->type);
    reply->text.assign(text, size);
    return reply;
}

void* create_array(redisReadTask const* task, int size) {
    auto& items_left = *static_cast<std::size_t*>(task->privdata);
    auto const items = static_cast<std::size_t>(std::max(size, 0));
    if (items > items_left) return nullptr;
    items_left -= items;
    auto* reply = place(task);
    if (reply == nullptr) return nullptr;
    reply->type = RedisReply::Type::array;
    reply->items.resize(items);  // sized now: the reader keeps pointers to the items
    return reply;
}

void* create_integer(redisReadTask const* task, long long value) {
    auto* reply = place(task);
    if (reply == nullptr) return nullptr;
    reply->type = RedisReply::Type::integer;
    reply->integer = value;
    return reply;
}

void* create_nil(redisReadTask const* task) { return place(task); }

void free_root(void* root) { delete static_cast<RedisReply*>(root); }

redisReplyObjectFunctions functions{create_string, create_array, create_integer, create_nil,
                                    free_root};

}  // namespace

struct RedisReader::State {
    redisReader* reader = redisReaderCreateWithFunctions(&functions);
    std::size_t items_left = max_items;
    State() {
        if (reader == nullptr) throw std::bad_alloc();
        reader->privdata = &items_left;
    }
    ~State() { redisReaderFree(reader); }
    State(State const&) = delete;
    State& operator=(State const&) = delete;
};

RedisReader::RedisReader() : state_(std::make_unique<State>()) {}
RedisReader::~RedisReader() = default;

void RedisReader::feed(std::string_view bytes) {
    auto* reader = state_->reader;
    if (reader->len - reader->pos + bytes.size() > max_buffered) {
        throw std::runtime_error("the reply is too long");
    }
    if (redisReaderFeed(reader, bytes.data(), bytes.size()) != REDIS_OK) {
        throw std::runtime_error(reader->errstr);
    }
}

std::optional<RedisReply> RedisReader::next() {
    void* root = nullptr;
    if (redisReaderGetReply(state_->reader, &root) != REDIS_OK) {
        throw std::runtime_error(state_->reader->errstr);
    }
    if (root == nullptr) return std::nullopt;
    state_->items_left = max_items;
    std::unique_ptr<RedisReply> const reply(static_cast<RedisReply*>(root));
    return std::move(*reply);
}

void append_command(std::string& out, RedisCommand const& command) {
    if (command.empty()) throw std::logic_error("an empty Redis command");
    out += '*';
    out += std::to_string(command.size());
    out += "\r\n";
    for (auto const& part : command) {
        out += '$';
        out += std::to_string(part.size());
        out += "\r\n";
        out += part;
        out += "\r\n";
    }
}

}  // namespace obscura::store
