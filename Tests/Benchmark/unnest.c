// Stores rows in the table `tracks` as Inlet's loader does, with bytes that are prepared: `unnest` of one
// array for each column, in one transaction and one round trip. `scripts/bench --loader` runs it.
//
//     unnest URI FILE
//
// FILE has the statement's text, and then an element of each column's array; `%` in it stands for a number of
// the row's own, in hexadecimal digits. Reads numbers of rows from standard input, a line each. For each it prints the microseconds of
// the whole and of the processor.

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { columns_max = 64, line_max = 1 << 20 };

struct text {
    char *bytes;
    size_t count, room;
};

static void add(struct text *text, const char *bytes, size_t count) {
    if (text->count + count + 1 > text->room) {
        text->room = (text->count + count + 1) * 2;
        text->bytes = realloc(text->bytes, text->room);
        if (text->bytes == NULL) exit(1);
    }
    memcpy(text->bytes + text->count, bytes, count);
    text->count += count;
    text->bytes[text->count] = 0;
}

static double now(clockid_t clock) {
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec * 1e6 + (double)time.tv_nsec / 1e3;
}

static void fail(PGconn *connection, const char *what) {
    fprintf(stderr, "unnest: %s: %s", what, PQerrorMessage(connection));
    exit(1);
}

static void send(PGconn *connection, const char *statement, int count, const char *const *values) {
    if (PQsendQueryParams(connection, statement, count, NULL, values, NULL, NULL, 0) != 1)
        fail(connection, "send");
}

// Sends the rows in one pipeline, and awaits all answers.
static void store(PGconn *connection, const char *statement, int count, const char *const *values) {
    static const char *const timeouts[] = {"10000", "2500"};
    if (PQenterPipelineMode(connection) != 1) fail(connection, "pipeline");
    send(connection, "BEGIN", 0, NULL);
    send(connection,
         "SELECT set_config('statement_timeout', $1, true), set_config('lock_timeout', $2, true)", 2,
         timeouts);
    send(connection, statement, count, values);
    send(connection, "COMMIT", 0, NULL);
    if (PQpipelineSync(connection) != 1) fail(connection, "sync");
    for (int ends = 0; ends < 5;) {
        PGresult *result = PQgetResult(connection);
        if (result == NULL) {
            ends++;
            continue;
        }
        ExecStatusType status = PQresultStatus(result);
        if (status == PGRES_PIPELINE_SYNC) ends++;
        else if (status != PGRES_COMMAND_OK && status != PGRES_TUPLES_OK) fail(connection, "result");
        PQclear(result);
    }
    if (PQexitPipelineMode(connection) != 1) fail(connection, "pipeline's end");
}

static int compare(const void *one, const void *other) {
    long a = *(const long *)one, b = *(const long *)other;
    return a < b ? -1 : a > b;
}

// Numbers that no row has had, sorted: the loader sorts its keys too, and they come in no order.
static long *keys(long rows) {
    long *numbers = calloc((size_t)rows, sizeof *numbers);
    if (numbers == NULL) exit(1);
    for (long row = 0; row < rows; row++) numbers[row] = (lrand48() << 31) | lrand48();
    qsort(numbers, (size_t)rows, sizeof *numbers, compare);
    return numbers;
}

// The array of a column: the same element for each row, but with the row's number for `%`.
static void fill(struct text *array, const char *element, long rows, const long *numbers) {
    array->count = 0;
    add(array, "{", 1);
    const char *place = strchr(element, '%');
    bool is_null = strcmp(element, "NULL") == 0;
    for (long row = 0; row < rows && !is_null; row++) {
        if (row > 0) add(array, ",", 1);
        if (place == NULL) {
            add(array, element, strlen(element));
            continue;
        }
        char digits[40];
        int count = snprintf(digits, sizeof digits, "%032lx", numbers[row]);
        add(array, element, (size_t)(place - element));
        add(array, digits, (size_t)count);
        add(array, place + 1, strlen(place + 1));
    }
    add(array, "}", 1);
}

int main(int argc, char **argv) {
    if (argc != 3) return 2;
    FILE *file = fopen(argv[2], "r");
    if (file == NULL) return 1;
    static char lines[columns_max + 1][8192];
    int count = 0;
    while (count <= columns_max && fgets(lines[count], sizeof lines[0], file) != NULL) {
        lines[count][strcspn(lines[count], "\n")] = 0;
        count++;
    }
    fclose(file);
    int columns = count - 1;
    PGconn *connection = PQconnectdb(argv[1]);
    if (PQstatus(connection) != CONNECTION_OK) fail(connection, "connect");
    static struct text arrays[columns_max];
    const char *values[columns_max];
    long rows;
    srand48(time(NULL));
    while (scanf("%ld", &rows) == 1 && rows > 0) {
        long *numbers = keys(rows);
        for (int column = 0; column < columns; column++) {
            fill(&arrays[column], lines[column + 1], rows, numbers);
            values[column] = arrays[column].bytes;
        }
        double start = now(CLOCK_MONOTONIC), used = now(CLOCK_PROCESS_CPUTIME_ID);
        store(connection, lines[0], columns, values);
        printf("%.0f %.0f\n", now(CLOCK_MONOTONIC) - start, now(CLOCK_PROCESS_CPUTIME_ID) - used);
        fflush(stdout);
        free(numbers);
    }
    PQfinish(connection);
    return 0;
}
