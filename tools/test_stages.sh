# Sourced by ./test: stages with their times, and the count of what passed and failed.
# shellcheck shell=bash disable=SC2034
passed=0 failed=0 skipped=0
failures=()  # what failed, by name
times=()     # "seconds stage"
begun_pid='' # of the test that runs beside the stages
before_us=() # processes of this tree that ran before: somebody's ./run, none of our business

# stage NAME COMMAND...: runs and times one part.
stage() {
    local name=$1 begin=$SECONDS
    shift
    say "$name"
    "$@"
    times+=("$((SECONDS - begin)) $name")
}

pass() { ((passed += $1)) || true; }
fail() {
    ((failed += 1))
    failures+=("$1")
    echo "FAIL $1"
}

# step NAME COMMAND...: one thing that holds or not.
step() {
    local name=$1
    shift
    if "$@"; then pass 1; else fail "$name"; fi
}

# limited SECONDS COMMAND...: in a process group of its own, ended whole when the time is over.
limited() {
    timeout --kill-after=10 "$@" </dev/null
}

# counted NAME COMMAND...: a test that prints "ok ..." and "FAIL ..." lines of its own.
counted() {
    local name=$1 log=$results/$1.log
    shift
    limited "${STAGE_LIMIT:-1200}" "$@" 2>&1 | tee "$log"
    count_lines "$name" "${PIPESTATUS[0]}"
}

# count_lines NAME STATUS: what such a test has printed into its log, and how it ended.
count_lines() {
    local name=$1 status=$2 log=$results/$1.log oks fails
    oks=$(grep -c '^ok ' "$log")
    fails=$(grep -c '^FAIL ' "$log")
    pass "$oks"
    while read -r line; do
        ((failed += 1))
        failures+=("$name: ${line#FAIL }")
    done < <(grep '^FAIL ' "$log")
    if ((status != 0 && fails == 0)); then fail "$name (exit status $status)"; fi
    if ((status == 0 && oks + fails == 0)); then fail "$name (it tested nothing)"; fi
}

# begin NAME COMMAND...: such a test beside the stages that follow; `await NAME` counts it. One at a time.
begin() {
    local name=$1
    shift
    limited "${STAGE_LIMIT:-1200}" "$@" >"$results/$name.log" 2>&1 &
    begun_pid=$!
}
await() {
    local status=0
    wait "$begun_pid" || status=$?
    begun_pid=''
    cat "$results/$1.log"
    count_lines "$1" "$status"
}

# gtest PRESET EXECUTABLE
gtest() {
    local preset=$1 executable=$2 name report status tests failures_in skips
    name=$preset/$(basename "$executable")
    report=$results/$preset-$(basename "$executable").json
    ASAN_OPTIONS=detect_stack_use_after_return=1 UBSAN_OPTIONS=print_stacktrace=1 \
        limited "${GTEST_LIMIT:-600}" "$executable" --gtest_brief=1 --gtest_output="json:$report" >"$report.log" 2>&1
    status=$?
    if [[ ! -s $report ]]; then
        tail -n 30 "$report.log"
        fail "$name (exit status $status, no report)"
        return
    fi
    # The first of each are the totals of the whole run.
    tests=$(grep -m1 -o '"tests": [0-9]*' "$report" | grep -o '[0-9]*$')
    failures_in=$(grep -m1 -o '"failures": [0-9]*' "$report" | grep -o '[0-9]*$')
    skips=$(grep -c '"result": "SKIPPED"' "$report")
    pass $((tests - failures_in - skips))
    ((skipped += skips)) || true
    if ((failures_in > 0)); then
        grep -v '^Running main\|^\[  PASSED' "$report.log" | head -n 100
        ((failed += failures_in))
        while read -r case; do failures+=("$name: $case"); done < <(sed -n 's/^\[  FAILED  \] \([^ (]*\).*(.* ms)$/\1/p' "$report.log")
    elif ((status != 0)); then
        tail -n 30 "$report.log"
        fail "$name (exit status $status after its tests)"
    elif ((tests == 0)); then
        fail "$name (no tests in it)"
    fi
    printf '   %-32s %4d tests, %d failed, %d skipped\n' "$name" "$tests" "$failures_in" "$skips"
}

# gtest_executables PRESET KIND...: every executable <kind>_* that was built.
gtest_executables() {
    local preset=$1 kind executable found=0
    shift
    for kind in "$@"; do
        for executable in "$root/build/$preset/bin/${kind}_"*; do
            [[ -x $executable && -f $executable ]] || continue
            found=1
            gtest "$preset" "$executable"
        done
    done
    ((found)) || fail "$preset: no test executables"
}

# What gtest_executables of asan leaves out without --full: slower by far, and so with as many seeds as
# without it.
sanitized_tests() {
    local -x OBSCURA_TEST_FULL='' GTEST_LIMIT=3600
    gtest_executables asan contract simulation integration
}

# e2e_script FILE [PREFIX]: one of tests/e2e, which starts what it needs, on free ports, and ends it.
e2e_script() {
    local script=$1 begin=$SECONDS name
    name=${2-}e2e/$(basename "$script")
    mkdir -p "$results/${2-}e2e"
    echo "-- $name"
    case $script in
        *.sh) counted "$name" bash "$script" ;;
        *.mjs) counted "$name" "$node" "$script" ;;
    esac
    times+=("$((SECONDS - begin)) .. $name")
}
e2e_scripts() {
    local script found=0
    for script in "$root"/tests/e2e/*_test.sh "$root"/tests/e2e/*_test.mjs; do
        [[ -f $script ]] || continue
        found=1
        e2e_script "$script"
    done
    ((found)) || fail "e2e: no scripts"
}

# The programs themselves with sanitizers, by those end-to-end tests that do not look at memory or at time. A
# report of any process fails, whatever became of it; citadel lets nobody trace, so nobody looks for its leaks.
sanitized_e2e() {
    local -x OBSCURA_TEST_FULL='' OBSCURA_BIN=$root/build/asan/bin OBSCURA_TEST_BIN=$root/build/asan/test-bin
    local -x OBSCURA_CHAOS=$OBSCURA_TEST_BIN/obscura
    local reports=$results/sanitizers script report
    mkdir -p "$reports"
    chmod 1777 "$reports" # citadel may run under an account of its own
    local -x ASAN_OPTIONS="detect_stack_use_after_return=1:detect_leaks=0:log_path=$reports/report"
    local -x UBSAN_OPTIONS="print_stacktrace=1:log_path=$reports/report"
    step "a report of any process is found" planted_reports "$reports"
    for script in "$root"/tests/e2e/*_test.sh "$root"/tests/e2e/*_test.mjs; do
        case $(basename "$script") in
            bench_test.sh | canary_test.mjs | trend_test.mjs) ;;
            *) e2e_script "$script" asan/ ;;
        esac
    done
    for report in "$reports"/*; do
        [[ -f $report ]] || continue
        head -n 40 "$report"
        fail "end to end with sanitizers: $(basename "$report")"
    done
}

# planted_reports FOLDER: each service is hurt and its report comes into the folder; then they are taken away.
planted_reports() {
    local state pid missing=0 name
    state=$(mktemp -d)/state
    chmod 711 "$(dirname "$state")" # so that citadel does
    "$OBSCURA_BIN/obscura" up --state "$state" --bare --free-ports --until-pid $$ >"$state.log" 2>&1 || missing=1
    for name in citadel sentinel conductor alchemist gateway; do
        pid=$("$OBSCURA_BIN/obscura" status --state "$state" --json | tr '{}' '\n\n' |
            sed -n "/\"name\":\"$name\"/s/.*\"pid\":\([0-9]*\).*/\1/p")
        kill -SEGV "$pid" || missing=1
        timeout 30 tail --pid "$pid" -f /dev/null
        [[ -s $1/report.$pid ]] || { echo "no report of $name"; missing=1; }
        rm -f "$1/report.$pid"
    done
    "$OBSCURA_BIN/obscura" down --state "$state" >/dev/null
    [[ ! -f $state/postgres.location ]] || rm -rf "$(cat "$state/postgres.location")"
    rm -rf "$(dirname "$state")"
    return "$missing"
}

check_scripts() {
    local file bad=0
    while read -r file; do
        bash -n "$root/$file" || bad=1
    done < <(cd "$root" && git ls-files -co --exclude-standard -z |
        xargs -0 grep -lsIE '^#!.*bash|^# shellcheck shell=bash')
    return "$bad"
}

# Processes that run a program of this tree's build folders, or data servers under them: "pid command".
leftovers() {
    local link pid
    for link in /proc/[0-9]*/exe; do
        [[ $(readlink "$link" 2>/dev/null) == "$root"/build/* ]] || continue
        pid=${link#/proc/} pid=${pid%/exe}
        [[ " ${before_us[*]-} " != *" $pid "* ]] || continue
        echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline" 2>/dev/null)"
    done
}
nothing_left() {
    local left
    left=$(leftovers)
    [[ -n $left ]] || return 0
    printf 'left running:\n%s\n' "$left"
    return 1
}
end_leftovers() {
    local pid _
    [[ -z $begun_pid ]] || kill -TERM "$begun_pid" 2>/dev/null
    while read -r pid _; do kill -TERM "$pid" 2>/dev/null; done < <(leftovers)
    return 0
}

summary() {
    echo
    echo "where the time went:"
    printf '%s\n' "${times[@]}" | awk '{ s = $1; $1 = ""; printf "  %5d s %s\n", s, $0 }'
    if ((${#failures[@]})); then
        echo
        echo "what failed:"
        printf '  %s\n' "${failures[@]}"
    fi
    echo
    local line="$passed passed, $failed failed"
    ((skipped == 0)) || line+=", $skipped skipped"
    echo "$line"
    ((failed == 0))
}
