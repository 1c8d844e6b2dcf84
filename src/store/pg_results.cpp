#include "store/detail/pg_connection.hpp"

/// How results come back: one step of libpq's pipeline after the other, in the order of queueing.
namespace obscura::store {
namespace {

std::string field(PGresult const* result, int code) {
    char const* text = PQresultErrorField(result, code);
    return text != nullptr ? text : "";
}

/// 57P0x: the server goes or is not yet there; 08: the connection; 25P03: idle for too long.
bool means_lost(std::string_view sqlstate, std::string_view severity) {
    return sqlstate.empty() || severity == "FATAL" || severity == "PANIC" ||
           sqlstate.starts_with("57P0") || sqlstate.starts_with("08");
}

/// The plan or the name of a prepared statement no longer fits: another connection will do.
bool means_stale(std::string_view sqlstate) {
    return sqlstate == "0A000" || sqlstate == "26000" || sqlstate == "42P05";
}

}  // namespace

std::string safe_message(std::string_view sqlstate, std::string_view message) {
    // Class 22 (data exceptions) quotes the value: 'invalid input syntax for type uuid: "..."'.
    if (sqlstate.starts_with("22")) message = message.substr(0, message.find('"'));
    while (message.ends_with(' ') || message.ends_with(':')) message.remove_suffix(1);
    return std::string(message);
}

void PgConnection::read_results() {
    while (!broken_ && !items_.empty() && PQisBusy(conn_) == 0) {
        if (PGresult* result = PQgetResult(conn_); result != nullptr) {
            take(std::make_shared<PgResultData>(result));
        } else {
            end_of_results();
        }
    }
    if (!broken_ && PQstatus(conn_) == CONNECTION_BAD) lose(PQerrorMessage(conn_));
}

void PgConnection::take(std::shared_ptr<PgResultData> data) {
    auto const& item = items_.front();
    switch (PQresultStatus(data->result)) {
        case PGRES_PIPELINE_SYNC:
            if (item.kind == Kind::sync)
                pop();
            else
                lose("results came out of step");
            return;
        case PGRES_PIPELINE_ABORTED:
            if (item.kind == Kind::prepare) prepared_.erase(item.series->name);
            return;
        case PGRES_EMPTY_QUERY:
        case PGRES_COMMAND_OK:
        case PGRES_TUPLES_OK:
            // PostgreSQL answers COMMIT of a failed transaction with success and this tag.
            if (item.kind == Kind::commit && !failure_ &&
                std::string_view(PQcmdStatus(data->result)) == "ROLLBACK") {
                failure_ = std::make_exception_ptr(
                    PgError("commit: the transaction was rolled back", "25P02", ""));
            }
            if (auto const wanted = wanted_.find(completed_ + 1); wanted != wanted_.end())
                wanted->second = std::move(data);
            return;
        default:
            fail(data->result);
    }
}

void PgConnection::end_of_results() {
    auto& item = items_.front();
    if (item.kind != Kind::sync) {
        if (item.kind != Kind::prepare) {
            item.series->seconds->observe(std::chrono::steady_clock::now() - item.queued_at);
        }
        pop();
    } else if (item.ended_once) {
        lose("results came out of step");
    } else {
        item.ended_once = true;
    }
}

void PgConnection::pop() {
    // Only these two end with the server saying whether a transaction is open.
    auto const kind = items_.front().kind;
    at_rest_ = kind == Kind::sync || kind == Kind::script;
    items_.pop_front();
    ++completed_;
}

void PgConnection::fail(PGresult const* result) {
    auto const& item = items_.front();
    auto const state = field(result, PG_DIAG_SQLSTATE);
    auto const message =
        item.series->name + ": " + safe_message(state, field(result, PG_DIAG_MESSAGE_PRIMARY));
    metrics_.count_error(*item.series, state.empty() ? "lost" : state);
    if (item.kind == Kind::prepare) prepared_.erase(item.series->name);
    if (means_stale(state)) stale_ = true;
    if (means_lost(state, field(result, PG_DIAG_SEVERITY_NONLOCALIZED))) {
        lose(state.empty() ? PQresultErrorMessage(result) : message);
    } else if (!failure_ && state == "57014") {
        // Cancelled by statement_timeout: a deadline passed.
        failure_ = std::make_exception_ptr(PgUnavailable(message));
    } else if (!failure_) {
        failure_ = std::make_exception_ptr(
            PgError(message, state, field(result, PG_DIAG_CONSTRAINT_NAME)));
    }
}

void PgConnection::lose(std::string const& why) {
    broken_ = true;
    if (failure_) return;
    std::string text = why;
    while (text.ends_with('\n')) text.pop_back();
    failure_ = std::make_exception_ptr(PgUnavailable("PostgreSQL: " + text));
}

}  // namespace obscura::store
