/*
 * What both limits have in common: where events go, what stands before the extension of an event, and the command line. Each
 * has `prepare` and `convert`. Copies may take whole vectors: OVER bytes may be read and written behind what is copied.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "limit-mapping.h"

typedef unsigned char byte;

enum { MOST_COLUMNS = 64, OUT_BYTES = 1 << 20, MOST_EVENT_BYTES = 1 << 18, SLOTS = 1024, OVER = 64 };

static byte out_buffer[OUT_BYTES + OVER];
static byte *out = out_buffer;
static int out_file = STDOUT_FILENO;
/* ` HOST `, as it stands in an event. */
static char host[300];
static size_t host_length;

static void fail(const char *what) { perror(what); exit(1); }
static void unfit(const char *what) { fprintf(stderr, "not for these rows: %s\n", what); exit(1); }

static void flush(void) {
  for (byte *from = out_buffer; from < out;) {
    ssize_t written = write(out_file, from, out - from);
    if (written < 0) fail("write");
    from += written;
  }
  out = out_buffer;
}

/* Event ids and versions are few: what stands before the extension is kept for each pair, where its hash says. */
struct header { byte key[128], text[256], priority[OVER]; uint32_t key_lengths, length, priority_length; };
static struct header headers[SLOTS];
/* Of the log, for rows that have none of their own. */
static char version[32] = "unknown";

/* Takes the line `#Version: …`. */
static void read_version(const byte *line) {
  line += strlen("#Version: ");
  snprintf(version, sizeof version, "%.*s", (int)strcspn((const char *)line, "\r\n"), line);
  memset(headers, 0, sizeof headers);
}

static struct header *make_header(struct header *header, const byte *event, uint32_t length, const byte *schema, uint32_t shown) {
  if (length + shown > sizeof header->key) unfit("an event id that is too long");
  char id[sizeof header->key + 3], text[64];
  snprintf(id, sizeof id, " %.*s ", (int)length, event);
  snprintf(text, sizeof text, "%.*s", (int)shown, schema);
  int severity = 3;
  for (size_t i = 0; i < sizeof levels / sizeof *levels; i++) if (strstr(levels[i].ids, id)) severity = levels[i].severity;
  const char *name = length > 0 ? strtok(id, " ") : "UNKNOWN";
  memcpy(memcpy(header->key, event, length) + length, schema, shown);
  header->key_lengths = length << 16 | shown;
  header->priority_length = sprintf((char *)header->priority, "<%d>", 16 * 8 + syslog_severities[severity]);
  header->length = snprintf((char *)header->text, sizeof header->text, "CEF:0|Microsoft|Exchange Server|%s|%s|%s|%d|",
                            shown > 0 ? text : version, name, name, severity);
  return header;
}

/* `hash`: of both, the same for the same. */
static inline struct header *header_at(uint32_t hash, const byte *event, uint32_t length, const byte *schema, uint32_t shown) {
  struct header *header = &headers[hash % SLOTS];
  if (__builtin_expect(header->length > 0 && header->key_lengths == (length << 16 | shown) &&
                       !memcmp(header->key, event, length) && !memcmp(header->key + length, schema, shown), 1)) return header;
  return make_header(header, event, length, schema, shown);
}

/* Before the first log. */
static void prepare(void);
/* Not within `main`, which compilers take for cold. */
static __attribute__((noinline)) void convert(int file);

int main(int count, char **arguments) {
  if (count < 3) return fprintf(stderr, "%s HOST [--to PORT] FILE...\n", arguments[0]), 2;
  host_length = snprintf(host, sizeof host - OVER, " %s ", arguments[1]);
  prepare();
  int first = 2;
  if (strcmp(arguments[2], "--to") == 0) {
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(atoi(arguments[3]))};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    out_file = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(out_file, (struct sockaddr *)&to, sizeof to) < 0) fail("connect");
    first = 4;
  }
  for (int i = first; i < count; i++) {
    int file = open(arguments[i], O_RDONLY);
    if (file < 0) fail(arguments[i]);
    convert(file);
    close(file);
  }
  flush();
  return 0;
}
