#include "net/runtime.hpp"

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

namespace asio = boost::asio;

namespace obscura::net {

namespace {

/// `finish(exception, ran)` posts to the event loop of the coroutine that waits.
struct Job {
    std::function<void()> work;
    std::move_only_function<void(std::exception_ptr, bool)> finish;
};

}  // namespace

struct CpuPool::State {
    explicit State(std::size_t max) : max_queued(max) {}

    std::size_t max_queued;
    std::mutex mutex;
    std::condition_variable wake;
    std::deque<Job> queue;
    bool stopped = false;
    std::vector<std::thread> threads;

    /// False when the job was not taken.
    bool push(Job& job) {
        {
            std::lock_guard const lock(mutex);
            if (stopped || queue.size() >= max_queued) return false;
            queue.push_back(std::move(job));
        }
        wake.notify_one();
        return true;
    }

    void work() {
        while (true) {
            std::unique_lock lock(mutex);
            wake.wait(lock, [this] { return stopped || !queue.empty(); });
            if (stopped) return;
            auto job = std::move(queue.front());
            queue.pop_front();
            lock.unlock();
            std::exception_ptr failure;
            try {
                job.work();
            } catch (...) {
                failure = std::current_exception();
            }
            job.finish(failure, true);
        }
    }
};

CpuPool::CpuPool(std::size_t threads, std::size_t max_queued)
    : state_(std::make_unique<State>(max_queued)) {
    for (std::size_t i = 0; i < threads; ++i) {
        state_->threads.emplace_back([state = state_.get()] { state->work(); });
    }
}

CpuPool::~CpuPool() { stop(); }

Task<bool> CpuPool::run(std::function<void()> work) {
    // Deaf to cancellation: `work` may use what lives in the frame of the coroutine that waits.
    auto const start = [state = state_.get()](auto handler, std::function<void()> body) {
        auto guard = asio::make_work_guard(handler);
        auto finish = [done = std::move(handler), guard = std::move(guard)](
                          std::exception_ptr failure, bool ran) mutable {
            auto const executor = guard.get_executor();
            asio::post(executor, [done = std::move(done), failure, ran]() mutable {
                std::move(done)(failure, ran);
            });
            guard.reset();
        };
        Job job{std::move(body), std::move(finish)};
        if (!state->push(job)) job.finish(nullptr, false);
    };
    return asio::async_initiate<asio::use_awaitable_t<> const, void(std::exception_ptr, bool)>(
        start, asio::use_awaitable, std::move(work));
}

void CpuPool::stop() {
    std::deque<Job> dropped;
    {
        std::lock_guard const lock(state_->mutex);
        state_->stopped = true;
        dropped.swap(state_->queue);
    }
    state_->wake.notify_all();
    for (auto& thread : state_->threads) thread.join();
    state_->threads.clear();
    for (auto& job : dropped) job.finish(nullptr, false);
}

}  // namespace obscura::net
