/// Measures a `bootstrap` beside the limit program and plain C; `scripts/bench` builds and calls it.
///
///     measure table LIMIT PLAIN INLET SCRATCH [quick] [free] [delay-ms N] [zip BYTES]
///     measure quota LIMIT PLAIN INLET SCRATCH [quick]
///     measure tls LIMIT PLAIN INLET SCRATCH [quick] [free]
///
/// For TLS, SCRATCH has the stand-in's `certificate.pem` and `key.pem`, the `authority.pem` that has
/// signed it, and `authorities.pem`, which has the system's too.
///     measure soak COUNT COMMAND…
///     measure serve EVENT COUNT SETTING SETTING COMMAND…     EVENT: no-op, track, batch-10, batch-100
///
/// Results go to standard output, progress to standard error.
#define _GNU_SOURCE
#include "events.h"
#include "quota.h"
#include "stage.h"

#include <ctype.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/// How much is measured.
static struct {
    /// Of events handed to one program and then to the other; the median of a round counts.
    int rounds;
    /// Starts of each program.
    int starts;
    /// Nanoseconds that one round's events take about.
    uint64_t round_time;
    /// Nanoseconds of each measurement of throughput.
    uint64_t throughput_time;
} effort = {.rounds = 40, .starts = 100, .round_time = 40000000, .throughput_time = 2000000000};

static const char *limit_path, *plain_path, *inlet_path, *scratch;

/// Whether the scheduler places programs and stand-ins as it likes.
static bool is_free;
static cpu_set_t cores;

/// Puts the calling thread, and what it starts, on one core; `place` counts around them.
///
/// A function below 1,769 MB has less than one. With two, each round trip would be as long as an
/// idle core happens to take to wake up.
static void use_one_core(int place) {
    if (is_free) return;
    int all[CPU_SETSIZE], count = 0;
    for (int core = 0; core < CPU_SETSIZE; core++) {
        if (CPU_ISSET(core, &cores)) all[count++] = core;
    }
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(all[count - 1 - place % count], &one);
    if (sched_setaffinity(0, sizeof one, &one)) die("cannot use one core");
}

static void progress(const char *text) { fprintf(stderr, "bench: %s\n", text); }

// MARK: - Numbers and rows

static int by_size(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_size);
    return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/// A time for people.
static const char *time_text(double nanoseconds) {
    static char texts[8][32];
    static int next;
    char *text = texts[next++ % 8];
    if (nanoseconds < 1e6) {
        snprintf(text, sizeof texts[0], "%.0f µs", nanoseconds / 1e3);
    } else {
        snprintf(text, sizeof texts[0], "%.2f ms", nanoseconds / 1e6);
    }
    return text;
}

/// The programs that are measured, in the order of their turns and columns.
enum who { limit, plain, inlet, contender_count };

/// What Inlet's figure is divided by for its goal.
static const char *const goal_names[] = {[limit] = "", [plain] = " of plain C"};

/// Writes the figures of a row, and the ratios of each two of them.
static void write_figures(const double figures[contender_count]) {
    printf("| %s | %s | %s | %.2f | %.2f | %.2f |", time_text(figures[limit]),
           time_text(figures[plain]), time_text(figures[inlet]), figures[plain] / figures[limit],
           figures[inlet] / figures[limit], figures[inlet] / figures[plain]);
}

/// A goal: Inlet's figure is at most so many times another's. 0 is none.
struct goal {
    double ratio;
    enum who of;
};

static void ratio_row(const char *name, const double figures[contender_count], struct goal goal) {
    char wanted[32] = "–";
    const char *verdict = "";
    if (goal.ratio > 0) {
        snprintf(wanted, sizeof wanted, "≤ %g%s", goal.ratio, goal_names[goal.of]);
        verdict = figures[inlet] / figures[goal.of] <= goal.ratio ? "met" : "**not met**";
    }
    printf("| %s ", name);
    write_figures(figures);
    printf(" %s | %s |\n", wanted, verdict);
    fflush(stdout);
}

static void size_row(const char *name, double size, const char *unit, double goal) {
    printf("| %s | – | – | %.1f %s | – | – | – | ≤ %g %s | %s |\n", name, size, unit, goal, unit,
           size <= goal ? "met" : "**not met**");
    fflush(stdout);
}

// MARK: - Programs

/// A program in its environment.
struct contender {
    const char *command[3];
    const char *settings[4];
    struct stage stage;
};

static void start(struct contender *contender) {
    stage_start(&contender->stage, (char *const *)(uintptr_t)contender->command,
                contender->settings);
}

/// Opens the stage of one; `prepared` is what the limit program sends.
static void open_contender(struct contender *contender, enum who who, const char *prepared) {
    const char *const paths[] = {[limit] = limit_path, [plain] = plain_path, [inlet] = inlet_path};
    *contender = (struct contender){.command = {paths[who], who == limit ? prepared : NULL}};
    stage_open(&contender->stage);
}

static void open_all(struct contender all[contender_count], const char *prepared) {
    for (int who = 0; who < contender_count; who++) open_contender(&all[who], who, prepared);
}

static void save(FILE *file, const struct message *message) {
    uint32_t size = (uint32_t)message->count;
    if (fwrite(&size, sizeof size, 1, file) != 1
        || fwrite(message->bytes, 1, message->count, file) != message->count) {
        die("cannot write what was recorded");
    }
}

/// Records what a program sends for an event.
static struct stage record(enum who who, const struct event *event) {
    struct contender contender;
    open_contender(&contender, who, NULL);
    start(&contender);
    contender.stage.is_recording = true;
    stage_event(&contender.stage, event);
    stage_stop(&contender.stage, false);
    return contender.stage;
}

/// Records what Inlet sends for an event, for the limit program to send the same.
static char *recorded(const char *name, const struct event *event) {
    char *path;
    if (asprintf(&path, "%s/%s.prepared", scratch, name) < 0) die("no memory");
    struct stage stage = record(inlet, event);
    FILE *file = fopen(path, "w");
    if (!file) die("cannot write %s", path);
    save(file, &stage.reply);
    for (int place = 0; place < stage.recorded_count; place++) save(file, &stage.recorded[place]);
    if (fclose(file)) die("cannot write %s", path);
    return path;
}

/// Whether two texts are the same but for the digits of times and hashes.
static bool is_same(const char *one, const char *other) {
    while (*one && (*one == *other
                    || (isxdigit((unsigned char)*one) && isxdigit((unsigned char)*other)))) {
        one++;
        other++;
    }
    return !*one && !*other;
}

/// More than ten messages with seven attributes have.
enum { maximum_fields = 512 };

/// The fields of a form in an order of their own, as attributes have none: without their numbers.
struct fields {
    char *texts[maximum_fields];
    int count;
};

static int by_text(const void *one, const void *other) {
    return strcmp(*(char *const *)one, *(char *const *)other);
}

/// Splits a form, which is written over.
static struct fields fields_of(char *form) {
    static const char mark[] = ".entry.";
    struct fields fields = {0};
    for (char *text = strtok(form, "&"); text; text = strtok(NULL, "&")) {
        if (fields.count == maximum_fields) die("a form has too many fields");
        char *number = strstr(text, mark);
        if (number) {
            number += sizeof mark - 1;
            size_t length = strspn(number, "0123456789");
            memmove(number, number + length, strlen(number + length) + 1);
        }
        fields.texts[fields.count++] = text;
    }
    qsort(fields.texts, (size_t)fields.count, sizeof *fields.texts, by_text);
    return fields;
}

/// Ends the run unless two requests or replies are the same, but for times, hashes, and the order of
/// attributes.
static void compare(const struct message *one, const struct message *other) {
    char *copies[] = {strndup(one->bytes, one->count), strndup(other->bytes, other->count)};
    struct fields fields[2];
    for (int who = 0; who < 2; who++) fields[who] = fields_of(copies[who]);
    bool is_equal = fields[0].count == fields[1].count;
    for (int place = 0; is_equal && place < fields[0].count; place++) {
        is_equal = is_same(fields[0].texts[place], fields[1].texts[place]);
    }
    for (int who = 0; who < 2; who++) free(copies[who]);
    if (is_equal) return;
    die("plain C does not send what Inlet sends:\n%.*s\n%.*s", (int)one->count, one->bytes,
        (int)other->count, other->bytes);
}

/// The id of a batch's first message; requests may come in any order.
static int first_id(const struct message *message) {
    const char *at = memmem(message->bytes, message->count, ".1.Id=", 6);
    return at ? atoi(at + 6) : 0;
}

static int by_first_id(const void *one, const void *other) {
    return first_id(one) - first_id(other);
}

/// Makes sure that plain C does the whole job for an event.
static void compare_plain(const struct event *event) {
    struct stage ours = record(inlet, event), theirs = record(plain, event);
    compare(&ours.reply, &theirs.reply);
    if (ours.recorded_count != theirs.recorded_count) {
        die("plain C makes %d requests, and Inlet %d", theirs.recorded_count, ours.recorded_count);
    }
    size_t count = (size_t)ours.recorded_count;
    qsort(ours.recorded, count, sizeof *ours.recorded, by_first_id);
    qsort(theirs.recorded, count, sizeof *theirs.recorded, by_first_id);
    for (size_t place = 0; place < count; place++) {
        compare(&ours.recorded[place], &theirs.recorded[place]);
    }
}

// MARK: - Cases

/// What an event takes.
struct cost {
    /// From handing it out to its answer, the median of a round.
    double time;
    /// Of the processor, by the program and by the kernel for it; the mean of a round.
    double processor;
};

/// One round: events for about the round's time.
static struct cost round_of(struct contender *contender, const struct event *event) {
    enum { maximum = 1000, least = 5 };
    static double times[maximum];
    struct stage *stage = &contender->stage;
    // The first ones find cold caches: others have used them.
    stage_event(stage, event);
    stage_event(stage, event);
    stage_await_next(stage);
    uint64_t end = now() + effort.round_time, before = stage_processor_time(stage);
    int count = 0;
    while (count < maximum && (count < least || now() < end)) {
        times[count++] = (double)stage_event(stage, event);
    }
    stage_await_next(stage);
    double processor = (double)(stage_processor_time(stage) - before) / count;
    return (struct cost){.time = median(times, count), .processor = processor};
}

/// A case of events that are handed to each program in turns.
struct round_trip {
    const char *name, *prepared;
    const struct event *event;
    /// Nanoseconds that SNS takes.
    uint64_t delay;
    struct goal goal;
    /// A further setting of Inlet's.
    const char *setting;
    /// The name and the goal of a further row, for the processor time.
    const char *processor_name;
    struct goal processor_goal;
};

static void round_trips(const struct round_trip *trip) {
    progress(trip->name);
    struct contender all[contender_count];
    open_all(all, trip->prepared);
    all[inlet].settings[0] = trip->setting;
    // The row with the line has its metrics too, as Lambda runs it.
    all[inlet].settings[1] = trip->setting ? "INLET_METRICS=on" : NULL;
    double times[contender_count][effort.rounds], processor[contender_count][effort.rounds];
    for (int who = 0; who < contender_count; who++) {
        all[who].stage.delay = trip->delay;
        start(&all[who]);
        for (int warm = 0; warm < 3; warm++) stage_event(&all[who].stage, trip->event);
    }
    for (int round = 0; round < effort.rounds; round++) {
        for (int who = 0; who < contender_count; who++) {
            struct cost cost = round_of(&all[who], trip->event);
            times[who][round] = cost.time;
            processor[who][round] = cost.processor;
        }
    }
    double time[contender_count], work[contender_count];
    for (int who = 0; who < contender_count; who++) {
        stage_stop(&all[who].stage, false);
        time[who] = median(times[who], effort.rounds);
        work[who] = median(processor[who], effort.rounds);
    }
    ratio_row(trip->name, time, trip->goal);
    if (trip->processor_name) ratio_row(trip->processor_name, work, trip->processor_goal);
}

/// Starts of each program in turns: to the first call for an event, or the first event's time.
static void starts(const char *name, const char *prepared, const struct event *first,
                   const char *setting, double goal) {
    progress(name);
    struct contender all[contender_count];
    open_all(all, prepared);
    double times[contender_count][effort.starts], time[contender_count];
    // The first start reads the file.
    for (int round = -2; round < effort.starts; round++) {
        for (int who = 0; who < contender_count; who++) {
            struct stage *stage = &all[who].stage;
            all[who].settings[0] = setting;
            start(&all[who]);
            stage_await_next(stage);
            uint64_t time = first ? stage_event(stage, first) : stage->first_next - stage->started;
            if (round >= 0) times[who][round] = (double)time;
            stage_stop(stage, false);
        }
    }
    for (int who = 0; who < contender_count; who++) time[who] = median(times[who], effort.starts);
    ratio_row(name, time, (struct goal){goal, limit});
}

static void memory(void) {
    progress("memory");
    struct event large = large_event(500000);
    struct contender contender;
    open_contender(&contender, inlet, NULL);
    start(&contender);
    stage_await_next(&contender.stage);
    double rest = (double)stage_memory(&contender.stage, "VmRSS") / 1024;
    for (int count = 0; count < 5; count++) stage_event(&contender.stage, &large);
    double peak = (double)stage_memory(&contender.stage, "VmHWM") / 1024;
    stage_stop(&contender.stage, false);
    size_row("memory at rest, after the first `/next`", rest, "MiB", 8);
    size_row("memory at its peak, batches of 500 KB", peak, "MiB", 16);
}

/// What each further message of a batch costs, from small batches to the largest.
static void further_messages(void) {
    static const int sizes[] = {10, 100, 500, 1000, 2500};
    enum { count = sizeof sizes / sizeof *sizes };
    progress("further messages in a batch");
    struct contender contender;
    open_contender(&contender, inlet, NULL);
    start(&contender);
    struct event events[count];
    double times[count][effort.rounds];
    for (int size = 0; size < count; size++) {
        events[size] = short_batch_event(sizes[size]);
        stage_event(&contender.stage, &events[size]);
    }
    for (int round = 0; round < effort.rounds; round++) {
        for (int size = 0; size < count; size++) {
            times[size][round] = round_of(&contender, &events[size]).time;
        }
    }
    stage_stop(&contender.stage, false);
    printf("\n| batch of | whole event | per further message |\n|---|---|---|\n");
    double before = 0;
    for (int size = 0; size < count; size++) {
        double time = median(times[size], effort.rounds);
        printf("| %d | %s | ", sizes[size], time_text(time));
        if (size) {
            printf("%.1f µs |\n", (time - before) / (sizes[size] - sizes[size - 1]) / 1e3);
        } else {
            printf("– |\n");
        }
        before = time;
    }
    fflush(stdout);
}

// MARK: - Throughput

struct environment {
    struct contender contender;
    const struct event *event;
    pthread_barrier_t *ready;
    pthread_t thread;
    int place;
    double rate;
};

static void *run_environment(void *context) {
    struct environment *environment = context;
    struct stage *stage = &environment->contender.stage;
    use_one_core(environment->place);
    start(&environment->contender);
    for (int warm = 0; warm < 100; warm++) stage_event(stage, environment->event);
    pthread_barrier_wait(environment->ready);
    uint64_t begin = now(), end = begin + effort.throughput_time, last;
    int count = 0;
    do {
        stage_event(stage, environment->event);
        count++;
        last = now();
    } while (last < end);
    // Nobody stops while others measure: that would leave them more of the machine.
    pthread_barrier_wait(environment->ready);
    stage_stop(stage, false);
    environment->rate = (double)count * 1e9 / (double)(last - begin);
    return NULL;
}

/// Events in a second of so many environments at once.
///
/// Each has a thread that plays Lambda, and shares a core with it.
static double rate(int count, enum who who, const char *prepared, const struct event *event) {
    struct environment environments[count];
    pthread_barrier_t ready;
    pthread_barrier_init(&ready, NULL, (unsigned)count);
    for (int place = 0; place < count; place++) {
        struct environment *one = &environments[place];
        *one = (struct environment){.event = event, .ready = &ready, .place = place};
        open_contender(&one->contender, who, prepared);
        if (pthread_create(&one->thread, NULL, run_environment, one)) die("cannot start a thread");
    }
    double sum = 0;
    for (int place = 0; place < count; place++) {
        pthread_join(environments[place].thread, NULL);
        sum += environments[place].rate;
    }
    pthread_barrier_destroy(&ready);
    return sum;
}

static void throughput(const char *prepared, const struct event *event) {
    enum { rounds = 3 };
    printf("\n| environments at once | limit | plain C | Inlet | limit ÷ Inlet |"
           "\n|---|---|---|---|---|\n");
    for (int count = 1; count <= 4; count *= 2) {
        progress("throughput");
        double rates[contender_count][rounds], rate_of[contender_count];
        for (int round = 0; round < rounds; round++) {
            for (int who = 0; who < contender_count; who++) {
                rates[who][round] = rate(count, who, prepared, event);
            }
        }
        printf("| %d |", count);
        for (int who = 0; who < contender_count; who++) {
            rate_of[who] = median(rates[who], rounds);
            printf(" %.0f tracks/s |", rate_of[who]);
        }
        printf(" %.2f |\n", rate_of[limit] / rate_of[inlet]);
        fflush(stdout);
    }
}

// MARK: - Quotas

/// The parts of a core that Lambda gives to some sizes of memory.
static const struct {
    double share;
    const char *name;
} quotas[] = {{0.07, "7 %, 128 MB"}, {0.29, "29 %, 512 MB"}, {1, "100 %, 1769 MB"}};

/// Waits until a quota is full again after so many nanoseconds of the processor.
static void rest(double share, double used) {
    double nanoseconds = used / share + 1000.0 * quota_period;
    struct timespec time = {.tv_sec = (time_t)(nanoseconds / 1e9),
                            .tv_nsec = (long)nanoseconds % 1000000000};
    nanosleep(&time, NULL);
}

/// What a program does within a quota, and how often that is measured.
struct quota_case {
    const char *name;
    /// Measures once; returns nanoseconds.
    double (*measure)(struct contender *contender, const struct event *event, double share);
    const char *prepared;
    const struct event *event;
    /// Whether each measurement starts the program itself.
    bool starts;
    int rounds;
};

/// A start with a full quota, to the first call for an event.
static double rested_start(struct contender *contender, const struct event *event, double share) {
    struct stage *stage = &contender->stage;
    (void)event;
    start(contender);
    stage_await_next(stage);
    double time = (double)(stage->first_next - stage->started);
    double used = (double)stage_processor_time(stage);
    stage_stop(stage, false);
    rest(share, used);
    return time;
}

/// An event with a full quota: nobody has asked for a while.
static double rested_event(struct contender *contender, const struct event *event, double share) {
    struct stage *stage = &contender->stage;
    uint64_t before = stage_processor_time(stage);
    double time = (double)stage_event(stage, event);
    stage_await_next(stage);
    rest(share, (double)(stage_processor_time(stage) - before));
    return time;
}

/// Events one after the other, for ten periods at least: the whole time, by event.
static double busy_event(struct contender *contender, const struct event *event, double share) {
    enum { least = 5 };
    struct stage *stage = &contender->stage;
    (void)share;
    stage_await_next(stage);
    uint64_t begin = now(), end = begin + 10 * 1000 * quota_period;
    int count = 0;
    while (count < least || now() < end) {
        stage_event(stage, event);
        stage_await_next(stage);
        count++;
    }
    return (double)(now() - begin) / count;
}

/// Puts each program into a group of its own.
static void limit_all(struct contender all[contender_count], double share) {
    for (int who = 0; who < contender_count; who++) {
        const char *reason;
        all[who].stage.quota = quota_open(share, &reason);
        if (all[who].stage.quota < 0) die("%s", reason);
    }
}

static void quota_row(const struct quota_case *what, const char *quota, double share) {
    struct contender all[contender_count];
    double times[contender_count][what->rounds], time[contender_count];
    open_all(all, what->prepared);
    limit_all(all, share);
    for (int who = 0; who < contender_count; who++) {
        if (what->starts) continue;
        start(&all[who]);
        for (int warm = 0; warm < 3; warm++) stage_event(&all[who].stage, what->event);
        rest(share, (double)stage_processor_time(&all[who].stage));
    }
    for (int round = 0; round < what->rounds; round++) {
        for (int who = 0; who < contender_count; who++) {
            times[who][round] = what->measure(&all[who], what->event, share);
        }
    }
    for (int who = 0; who < contender_count; who++) {
        if (!what->starts) stage_stop(&all[who].stage, false);
        close(all[who].stage.quota);
        time[who] = median(times[who], what->rounds);
    }
    quota_remove_all();
    printf("| %s | %s ", quota, what->name);
    write_figures(time);
    printf("\n");
    fflush(stdout);
}

/// Rows under quotas, if the machine lets programs have them.
static void quota_table(void) {
    struct event health = health_event(), track = track_event(1), hundred = batch_event(100);
    char *health_calls = recorded("health", &health), *track_calls = recorded("track", &track);
    char *hundred_calls = recorded("batch-100", &hundred);
    int few = effort.rounds / 4;
    const struct quota_case cases[] = {
        {"cold start", rested_start, health_calls, NULL, true, effort.rounds},
        {"one track after a pause", rested_event, track_calls, &track, false, effort.rounds},
        {"tracks without a pause, each", busy_event, track_calls, &track, false, few},
        {"batch of 100 after a pause", rested_event, hundred_calls, &hundred, false, effort.rounds},
        {"batches of 100 without a pause, each", busy_event, hundred_calls, &hundred, false, few},
    };
    const char *reason;
    if (quota_open(1, &reason) < 0) {
        printf("\nThere are no rows under a quota, because this machine lets no control group be "
               "made: %s.\n", reason);
        return;
    }
    quota_remove_all();
    printf("\n| quota | case | limit | plain C | Inlet | plain C ÷ limit | Inlet ÷ limit "
           "| Inlet ÷ plain C |\n|---|---|---|---|---|---|---|---|\n");
    for (size_t quota = 0; quota < sizeof quotas / sizeof *quotas; quota++) {
        progress(quotas[quota].name);
        for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) {
            quota_row(&cases[place], quotas[quota].name, quotas[quota].share);
        }
    }
}

// MARK: - TLS

/// A file of SCRATCH.
static const char *scratch_file(const char *name) {
    char *path;
    if (asprintf(&path, "%s/%s", scratch, name) < 0) die("no memory");
    return path;
}

/// A case of Inlet without and with TLS to SNS.
struct tls_case {
    const char *name;
    const struct event *event;
    /// Whether SNS closes the connection after each answer.
    bool is_closing;
    /// Whether the event is the first one of a process.
    bool is_first;
    /// The file that Inlet trusts.
    const char *authorities;
};

/// Opens Inlet without TLS and with it.
static void open_both(struct contender both[2], const struct tls_case *what) {
    static char setting[4096];
    snprintf(setting, sizeof setting, "SSL_CERT_FILE=%s", scratch_file(what->authorities));
    for (int has_tls = 0; has_tls < 2; has_tls++) {
        open_contender(&both[has_tls], inlet, NULL);
        both[has_tls].stage.is_closing = what->is_closing;
    }
    both[1].settings[0] = setting;
    stage_use_tls(&both[1].stage, scratch_file("certificate.pem"), scratch_file("key.pem"));
}

/// What the first event of a process takes.
static struct cost first_event(struct contender *contender, const struct event *event) {
    struct stage *stage = &contender->stage;
    start(contender);
    stage_await_next(stage);
    uint64_t before = stage_processor_time(stage);
    struct cost cost = {.time = (double)stage_event(stage, event)};
    stage_await_next(stage);
    cost.processor = (double)(stage_processor_time(stage) - before);
    stage_stop(stage, false);
    return cost;
}

static void write_tls_row(const char *name, struct cost without, struct cost with,
                          const struct stage *stage) {
    double requests = (double)stage->requests;
    printf("| %s | %s | %s | %.2f | %s | %s | %.2f | %.2f |\n", name, time_text(without.time),
           time_text(with.time), with.time / without.time, time_text(without.processor),
           time_text(with.processor), (double)stage->full_handshakes / requests,
           (double)stage->resumed_handshakes / requests);
    fflush(stdout);
}

static void tls_row(const struct tls_case *what) {
    progress(what->name);
    struct contender both[2];
    int rounds = what->is_first ? effort.starts : effort.rounds;
    double times[2][rounds], processor[2][rounds];
    open_both(both, what);
    for (int who = 0; who < 2 && !what->is_first; who++) start(&both[who]);
    for (int round = 0; round < rounds; round++) {
        for (int who = 0; who < 2; who++) {
            struct cost cost = what->is_first ? first_event(&both[who], what->event)
                                              : round_of(&both[who], what->event);
            times[who][round] = cost.time;
            processor[who][round] = cost.processor;
        }
    }
    struct cost costs[2];
    for (int who = 0; who < 2; who++) {
        if (!what->is_first) stage_stop(&both[who].stage, false);
        costs[who].time = median(times[who], rounds);
        costs[who].processor = median(processor[who], rounds);
    }
    write_tls_row(what->name, costs[0], costs[1], &both[1].stage);
}

/// What TLS to SNS adds for Inlet.
static void tls_table(void) {
    struct event track = track_event(1), hundred = batch_event(100);
    static const char all[] = "authorities.pem", one[] = "authority.pem";
    const struct tls_case cases[] = {
        {.name = "one track, TLS", .event = &track, .authorities = all},
        {.name = "batch of 100, TLS", .event = &hundred, .authorities = all},
        {.name = "one track, SNS closes after each",
         .event = &track,
         .is_closing = true,
         .authorities = all},
        {.name = "first track after a start, TLS",
         .event = &track,
         .is_first = true,
         .authorities = all},
        {.name = "the same, with one authority",
         .event = &track,
         .is_first = true,
         .authorities = one},
    };
    printf("\n| Inlet, SNS answers at once | without TLS | with TLS | ÷ without "
           "| processor time without | with | whole handshakes a request | resumed ones |"
           "\n|---|---|---|---|---|---|---|---|\n");
    for (size_t place = 0; place < sizeof cases / sizeof *cases; place++) tls_row(&cases[place]);
}

// MARK: - Commands

static void table(uint64_t delay, long zip) {
    progress("recording what Inlet sends, for the limit program");
    struct event health = health_event(), track = track_event(1);
    struct event ten = batch_event(10), hundred = batch_event(100);
    char *health_calls = recorded("health", &health), *track_calls = recorded("track", &track);
    char *ten_calls = recorded("batch-10", &ten), *hundred_calls = recorded("batch-100", &hundred);
    compare_plain(&track);
    compare_plain(&ten);
    compare_plain(&hundred);
    char delayed[64];
    snprintf(delayed, sizeof delayed, "batch of 100, SNS answers in %g ms", (double)delay / 1e6);
    const struct round_trip trips[] = {
        {.name = "no-op round trip: `GET /health`",
         .prepared = health_calls,
         .event = &health,
         .goal = {1.5, limit}},
        {.name = "one track, SNS answers at once",
         .prepared = track_calls,
         .event = &track,
         .goal = {1.8, limit}},
        {.name = "the same with its line in the log",
         .prepared = track_calls,
         .event = &track,
         .setting = "INLET_LOG_LEVEL=INFO"},
        {.name = "batch of 10, SNS answers at once",
         .prepared = ten_calls,
         .event = &ten,
         .goal = {2.8, limit}},
        {.name = "batch of 100, SNS answers at once",
         .prepared = hundred_calls,
         .event = &hundred,
         .goal = {4, limit},
         .processor_name = "the same, processor time",
         .processor_goal = {1.2, plain}},
        {.name = delayed,
         .prepared = hundred_calls,
         .event = &hundred,
         .delay = delay,
         .goal = {1.2, limit}},
    };
    printf("| case | limit | plain C | Inlet | plain C ÷ limit | Inlet ÷ limit | Inlet ÷ plain C "
           "| goal | |\n|---|---|---|---|---|---|---|---|---|\n");
    starts("cold start: exec to the first `/next`", health_calls, NULL, NULL, 2);
    starts("the same with `INLET_GRACEFUL_SHUTDOWN=off`", health_calls, NULL,
           "INLET_GRACEFUL_SHUTDOWN=off", 0);
    for (size_t trip = 0; trip < sizeof trips / sizeof *trips; trip++) round_trips(&trips[trip]);
    starts("the first track after a start", track_calls, &track, NULL, 2.5);
    memory();
    if (zip) {
        size_row("zip", (double)zip / 1e6, "MB", 5);
    } else {
        printf("| zip | – | – | not built | – | – | – | ≤ 5 MB | |\n");
    }
    further_messages();
    throughput(track_calls, &track);
    // Throughput has moved it.
    use_one_core(0);
    tls_table();
    quota_table();
}

/// Hands out very many events; memory and descriptors must not grow. Returns the exit status.
static int soak(long count, char *const command[]) {
    enum { kinds = 20 };
    struct event events[kinds];
    for (int kind = 0; kind < kinds; kind++) {
        switch (kind) {
        case 5: events[kind] = batch_event(3); break;
        case 11: events[kind] = batch_event(10); break;
        case 14: events[kind] = invalid_event(); break;
        case 17: events[kind] = health_event(); break;
        default: events[kind] = track_event(kind);
        }
    }
    struct stage stage = {0};
    stage_open(&stage);
    stage_start(&stage, command, NULL);
    long mark = count / 10 < 10000 ? count / 10 : 10000, resident = 0;
    int descriptors = 0;
    uint64_t begin = now();
    for (long number = 0; number < count; number++) {
        if (number == mark) {
            stage_await_next(&stage);
            resident = stage_memory(&stage, "VmRSS");
            descriptors = stage_descriptors(&stage);
        }
        stage_event(&stage, &events[number % kinds]);
        if ((number + 1) % (count / 10 > 0 ? count / 10 : 1) == 0) {
            fprintf(stderr, "bench: %ld of %ld events, %.0f s\n", number + 1, count,
                    (double)(now() - begin) / 1e9);
        }
    }
    stage_await_next(&stage);
    long resident_end = stage_memory(&stage, "VmRSS");
    int descriptors_end = stage_descriptors(&stage);
    stage_stop(&stage, true);
    bool is_good = resident_end - resident <= 1024 && descriptors_end <= descriptors;
    printf("| events | messages | resident memory | open descriptors | |\n|---|---|---|---|---|\n"
           "| %ld | | %ld KiB | %d | |\n| %ld | %llu | %ld KiB | %d | %s |\n",
           mark, resident, descriptors, count, (unsigned long long)stage.entries, resident_end,
           descriptors_end, is_good ? "met" : "**not met**");
    return is_good ? 0 : 1;
}

static struct event named_event(const char *name) {
    if (!strcmp(name, "no-op")) return health_event();
    if (!strcmp(name, "track")) return track_event(1);
    if (!strcmp(name, "batch-10")) return batch_event(10);
    if (!strcmp(name, "batch-100")) return batch_event(100);
    if (!strcmp(name, "batch-1000")) return batch_event(1000);
    die("there is no event %s", name);
}

/// Hands out an event so often, and ends the program as Lambda does.
static void serve(const char *name, long count, char *const settings[2], char *const command[]) {
    struct event event = named_event(name);
    struct stage stage = {.patience = 60000000000};
    stage_open(&stage);
    stage_start(&stage, command, (const char *const[]){settings[0], settings[1], NULL});
    for (long number = 0; number < count; number++) stage_event(&stage, &event);
    stage_await_next(&stage);
    stage_stop(&stage, true);
}

/// What is left of the arguments of a table.
struct options {
    uint64_t delay;
    long zip;
};

/// Reads the programs and the options of a table.
static struct options read_options(int count, char **arguments) {
    struct options options = {.delay = 3000000};
    limit_path = arguments[0];
    plain_path = arguments[1];
    inlet_path = arguments[2];
    scratch = arguments[3];
    for (int place = 4; place < count; place++) {
        const char *value = place + 1 < count ? arguments[place + 1] : "";
        if (!strcmp(arguments[place], "quick")) {
            effort.rounds = 9;
            effort.starts = 21;
            effort.round_time = 20000000;
            effort.throughput_time = 300000000;
        } else if (!strcmp(arguments[place], "free")) {
            is_free = true;
        } else if (!strcmp(arguments[place], "delay-ms")) {
            options.delay = (uint64_t)(atof(value) * 1e6);
            place++;
        } else if (!strcmp(arguments[place], "zip")) {
            options.zip = atol(value);
            place++;
        } else {
            die("there is no option %s", arguments[place]);
        }
    }
    return options;
}

/// Prints one of the tables, or all; false if there is none of this name.
static bool print_table(const char *name, struct options options) {
    if (sched_getaffinity(0, sizeof cores, &cores)) die("the cores are not known");
    use_one_core(0);
    if (!strcmp(name, "table")) {
        table(options.delay, options.zip);
    } else if (!strcmp(name, "quota")) {
        quota_table();
    } else if (!strcmp(name, "tls")) {
        tls_table();
    } else {
        return false;
    }
    return true;
}

int main(int count, char **arguments) {
    const char *command = count > 1 ? arguments[1] : "";
    if (count >= 4 && !strcmp(command, "soak")) return soak(atol(arguments[2]), arguments + 3);
    if (count >= 7 && !strcmp(command, "serve")) {
        serve(arguments[2], atol(arguments[3]), arguments + 4, arguments + 6);
        return 0;
    }
    if (count >= 6 && print_table(command, read_options(count - 2, arguments + 2))) return 0;
    fprintf(stderr, "measure: see the top of measure.c\n");
    return 2;
}
