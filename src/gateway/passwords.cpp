#include "gateway/passwords.hpp"

#include "crypto/password.hpp"

namespace obscura::gateway {
namespace {

/// Shared with the worker thread: the coroutine that waits may be gone before the thread is done.
struct Job {
    base::Secret password;
    std::string hash;
    bool matches = false;
};

std::unexpected<base::Error> too_busy() {
    return std::unexpected(base::Error{.code = base::Errc::unavailable,
                                       .reason = "busy",
                                       .detail = "Too many logins at once; try again.",
                                       .retry_after = std::chrono::seconds(1)});
}

}  // namespace

PasswordFunctions PasswordFunctions::argon2id() {
    return {.hash = [](std::string_view password) { return crypto::hash_password(password); },
            .verify =
                [](std::string const& hash, std::string_view password) {
                    return crypto::verify_password(hash, password);
                }};
}

Passwords::Passwords(net::CpuPool& cpu, PasswordFunctions functions)
    : cpu_(cpu),
      functions_(std::make_shared<PasswordFunctions const>(std::move(functions))),
      nobodys_hash_(functions_->hash("nobody has this password")) {}

Task<base::Result<std::string>> Passwords::hash(base::Secret password) {
    auto const job = std::make_shared<Job>(Job{.password = std::move(password)});
    auto work = [job, functions = functions_] {
        job->hash = functions->hash(job->password.reveal());
    };
    bool const done = co_await cpu_.run(std::move(work));
    if (!done) co_return too_busy();
    co_return job->hash;
}

Task<base::Result<bool>> Passwords::verify(std::optional<std::string> hash, base::Secret password) {
    bool const exists = hash.has_value();
    auto const job = std::make_shared<Job>(
        Job{.password = std::move(password), .hash = exists ? std::move(*hash) : nobodys_hash_});
    auto work = [job, functions = functions_] {
        job->matches = functions->verify(job->hash, job->password.reveal());
    };
    bool const done = co_await cpu_.run(std::move(work));
    if (!done) co_return too_busy();
    co_return exists && job->matches;
}

}  // namespace obscura::gateway
