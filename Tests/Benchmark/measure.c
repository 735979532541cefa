/// Measures a `bootstrap` beside the limit program and plain C; `scripts/bench` builds and calls it.
///
///     measure table LIMIT PLAIN INLET SCRATCH [quick] [free] [delay-ms N] [zip BYTES]
///     measure soak COUNT COMMAND…
///     measure serve EVENT COUNT SETTING SETTING COMMAND…     EVENT: no-op, track, batch-10, batch-100
///
/// Results go to standard output, progress to standard error.
#define _GNU_SOURCE
#include "events.h"
#include "stage.h"

#include <ctype.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
    printf("| %s | %s | %s | %s | %.2f | %.2f | %.2f | %s | %s |\n", name,
           time_text(figures[limit]), time_text(figures[plain]), time_text(figures[inlet]),
           figures[plain] / figures[limit], figures[inlet] / figures[limit],
           figures[inlet] / figures[plain], wanted, verdict);
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

/// Ends the run unless two messages have the same bytes, but for the digits of times and hashes.
static void compare(const struct message *one, const struct message *other) {
    bool is_same = one->count == other->count;
    for (size_t place = 0; is_same && place < one->count; place++) {
        char a = one->bytes[place], b = other->bytes[place];
        is_same = a == b || (isxdigit((unsigned char)a) && isxdigit((unsigned char)b));
    }
    if (is_same) return;
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

// MARK: - Commands

static void table(uint64_t delay, long zip) {
    if (sched_getaffinity(0, sizeof cores, &cores)) die("the cores are not known");
    use_one_core(0);
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

int main(int count, char **arguments) {
    if (count >= 6 && !strcmp(arguments[1], "table")) {
        limit_path = arguments[2];
        plain_path = arguments[3];
        inlet_path = arguments[4];
        scratch = arguments[5];
        uint64_t delay = 3000000;
        long zip = 0;
        for (int place = 6; place < count; place++) {
            const char *value = place + 1 < count ? arguments[place + 1] : "";
            if (!strcmp(arguments[place], "quick")) {
                effort.rounds = 9;
                effort.starts = 21;
                effort.round_time = 20000000;
                effort.throughput_time = 300000000;
            } else if (!strcmp(arguments[place], "free")) {
                is_free = true;
            } else if (!strcmp(arguments[place], "delay-ms")) {
                delay = (uint64_t)(atof(value) * 1e6);
                place++;
            } else if (!strcmp(arguments[place], "zip")) {
                zip = atol(value);
                place++;
            }
        }
        table(delay, zip);
        return 0;
    }
    if (count >= 4 && !strcmp(arguments[1], "soak")) return soak(atol(arguments[2]), arguments + 3);
    if (count >= 7 && !strcmp(arguments[1], "serve")) {
        serve(arguments[2], atol(arguments[3]), arguments + 4, arguments + 6);
        return 0;
    }
    fprintf(stderr, "measure: see the top of measure.c\n");
    return 2;
}
