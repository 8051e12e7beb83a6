/*
 * The limit: how little CPU the work of `msgtrk convert --syslog rfc3164` can cost, written by hand for one mapping
 * (exchange-2013.v1) and one syslog header. The same bytes come out for well-formed rows. Left out is what such rows
 * don't need: checks for invalid UTF-8, stray quotes, other layouts, header fields to be escaped, and all care about
 * delivery. Plain C, byte by byte, built with -O2 for any CPU.
 *
 *   limit HOST FILE...             to standard output
 *   limit HOST --to PORT FILE...   to a TCP port of 127.0.0.1
 */
#define _GNU_SOURCE
#include <time.h>
#include "limit-program.h"

enum { IN_BYTES = 1 << 20 };

/* What a byte is; ESCAPE has to be 1. */
enum { ESCAPE = 1, CONTROL = 2, COMMA = 4, QUOTE = 8, CR = 16, LF = 32, DOUBLED = 64 };
/* The row that is worked on. */
struct field { const byte *start, *end; unsigned flags; };
static struct field row[MOST_COLUMNS];
/* The columns of the header in force; rows with others are passed over. */
static int columns, event_column, version_column, time_column;

static byte class_of[256];
static byte in[IN_BYTES];

static byte *put(byte *to, const void *from, size_t length) { return (byte *)memcpy(to, from, length) + length; }

/* Splits the row at `at`; returns what is behind its line feed. `count`: its fields, -1 when its quotes are odd. */
static const byte *split(const byte *at, int *count) {
  for (int index = 0;;) {
    struct field field = {at, at, 0};
    unsigned flags = 0;
    if (*at == '"') {
      for (field.start = ++at;; at += 2) {
        while (!((flags |= class_of[*at]) & (QUOTE | LF))) at++;
        if (at[0] != '"' || at[1] != '"') break;
        flags = (flags | DOUBLED) & ~QUOTE;
      }
      field.end = at;
      if (*at == '"') at++;
    } else {
      for (;; at++) {
        while (!((flags |= class_of[*at]) & (COMMA | QUOTE | CR | LF))) at++;
        if (*at != '\r' || at[1] == '\n') break;
        flags = (flags | CONTROL) & ~CR;
      }
      field.end = at;
    }
    field.flags = flags;
    if (index < MOST_COLUMNS) row[index] = field;
    index++;
    if (*at == ',') { at++; continue; }
    if (*at == '\r') at++;
    *count = *at == '\n' && index <= MOST_COLUMNS ? index : -1;
    return (const byte *)rawmemchr(at, '\n') + 1;
  }
}

static void trim(struct field *field) {
  while (field->start < field->end && (*field->start == ' ' || *field->start == '\t')) field->start++;
  while (field->start < field->end && (field->end[-1] == ' ' || field->end[-1] == '\t')) field->end--;
}

/* With doubled quotes made single and control characters replaced; valid until the next call. */
static struct field normalised(struct field field) {
  static byte text[3 * IN_BYTES];
  byte *to = text;
  for (const byte *from = field.start; from < field.end; from++) {
    if (*from == '"') from++;
    if ((class_of[*from] & CONTROL) && *from != '\r') to = put(to, "\xef\xbf\xbd", 3);
    else *to++ = *from;
  }
  return (struct field){text, to, field.flags};
}

static byte *put_text(byte *to, struct field field, size_t limit) {
  if (field.flags & (DOUBLED | CONTROL)) field = normalised(field);
  trim(&field);
  if ((size_t)(field.end - field.start) > limit) {
    field.end = field.start + limit;
    while (field.end > field.start && (*field.end & 0xc0) == 0x80) field.end--;
  }
  const byte *from = field.start;
  if (!(field.flags & (ESCAPE | CONTROL))) return put(to, from, field.end - from);
  for (; from < field.end; from++) {
    *to = '\\';
    to += class_of[*from] & ESCAPE;
    if (*from == '\r') to = put(to, "\\r", 2);
    else *to++ = *from;
  }
  return to;
}

/* Writes at most 2147483647 or 18 digits; `overflow` is the true number when that is less. NULL for no number. */
static byte *put_integer(byte *to, struct field field, size_t digits, struct field *overflow) {
  for (const byte *at = field.start; at < field.end; at++) if (*at < '0' || *at > '9') return NULL;
  while (field.end - field.start > 1 && *field.start == '0') field.start++;
  size_t length = field.end - field.start;
  int is_over = length > digits || (length == 10 && digits == 10 && memcmp(field.start, "2147483647", 10) > 0);
  if (!is_over) return put(to, field.start, length);
  *overflow = field;
  return put(to, "2147483647", 10);
}

/* Writes epoch milliseconds; the calendar is asked once a day. */
static byte *put_time(byte *to, struct field field) {
  static byte day[10];
  static int64_t day_ms;
  const byte *at = field.start;
  if (field.end - at != 24) return NULL;
  if (memcmp(day, at, 10) != 0) {
    struct tm tm = {0};
    char text[11] = {0};
    if (strptime(memcpy(text, at, 10), "%Y-%m-%d", &tm) == NULL) return NULL;
    memcpy(day, at, 10);
    day_ms = (int64_t)timegm(&tm) * 1000;
  }
#define DIGITS(i) (10 * (at[i] - '0') + at[(i) + 1] - '0')
  int64_t ms = day_ms + ((DIGITS(11) * 60 + DIGITS(14)) * 60 + DIGITS(17)) * 1000 + DIGITS(20) * 10 + at[22] - '0';
  for (byte *digit = to + 12; digit >= to; digit--, ms /= 10) *digit = '0' + ms % 10;
  return to + 13;
}

static byte *put_ipv4(byte *to, struct field field) {
  int parts = 1, value = 0, digits = 0;
  for (const byte *at = field.start; at < field.end; at++) {
    if (*at == '.') {
      if (digits == 0) return NULL;
      parts++, value = digits = 0;
    } else {
      if (*at < '0' || *at > '9' || (digits > 0 && value == 0)) return NULL;
      if ((value = value * 10 + *at - '0') > 255) return NULL;
      digits++;
    }
  }
  return parts == 4 && digits > 0 ? put(to, field.start, field.end - field.start) : NULL;
}

static byte *put_ipv6(byte *to, struct field field) {
  size_t length = field.end - field.start;
  if (memchr(field.start, ':', length) == NULL) return NULL;
  const byte *zone = memchr(field.start, '%', length);
  if (zone != NULL) length = zone - field.start;
  char text[INET6_ADDRSTRLEN] = {0};
  byte address[16];
  if (length >= sizeof text) return NULL;
  return inet_pton(AF_INET6, memcpy(text, field.start, length), address) == 1 ? put(to, text, length) : NULL;
}

/* Writes ` key=value`, or nothing for a value that is empty or not of its type. */
static byte *put_value(byte *to, struct value *value, int is_receive, struct field *overflow) {
  if (value->index < 0) return to;
  struct field field = row[value->index];
  if (field.start == field.end || (value->when != ALWAYS && (value->when == IF_RECEIVE) != is_receive)) return to;
  byte *start = put(to, value->prefix, value->prefix_length), *end;
  if (value->kind == TEXT) {
    end = put_text(start, field, value->limit);
  } else {
    trim(&field);
    end = value->kind == INTEGER ? put_integer(start, field, value->limit, overflow)
        : value->kind == TIME ? put_time(start, field)
        : value->kind == IPV4 ? put_ipv4(start, field) : put_ipv6(start, field);
  }
  return end == NULL || end == start ? to : end;
}

static struct header *header_of(struct field event, struct field schema) {
  uint32_t hash = 2166136261u;
  for (const byte *at = event.start; at < event.end; at++) hash = (hash ^ *at) * 16777619u;
  for (const byte *at = schema.start; at < schema.end; at++) hash = (hash ^ *at) * 16777619u;
  return header_at(hash ^ hash >> 8, event.start, event.end - event.start, schema.start, schema.end - schema.start);
}

/* Writes `<PRI>Mmm dd hh:mm:ss host `. */
static byte *put_syslog(byte *to, const struct header *header, const byte *time) {
  to = put(to, header->priority, header->priority_length);
  int month = (time[5] - '0') * 10 + time[6] - '0';
  to = put(to, &"JanFebMarAprMayJunJulAugSepOctNovDec"[3 * (month - 1)], 3);
  *to++ = ' ';
  *to++ = time[8] == '0' ? ' ' : time[8];
  *to++ = time[9];
  *to++ = ' ';
  return put(put(to, time + 11, 8), host, host_length);
}

static void write_event(void) {
  static const struct field none;
  struct header *header = header_of(row[event_column], version_column < 0 ? none : row[version_column]);
  struct field time = row[time_column], overflow = none;
  if (time.end - time.start != 24) return;
  if (out > out_buffer + OUT_BYTES - MOST_EVENT_BYTES) flush();
  byte *to = put_syslog(out, header, time.start);
  to = put(to, header->text, header->length);
  const struct field *event = &row[event_column];
  int is_receive = event->end - event->start == 7 && memcmp(event->start, "RECEIVE", 7) == 0;
  for (int i = 0; i < FIELDS; i++) {
    byte *before = to;
    to = put_value(to, &values[i], is_receive, &overflow);
    values[i].is_present = to > before;
  }
  for (int i = 0; i < FIELDS; i++) if (values[i].is_present) to = put(to, values[i].label, values[i].label_length);
  for (int i = FIELDS; i < DEVICE; i++) to = put_value(to, &values[i], is_receive, &overflow);
  to = put(to, " _cefVer=0.1", 12);
  for (int i = DEVICE; i < ALL; i++) to = put_value(to, &values[i], is_receive, &overflow);
  if (overflow.start) to = put(put(to, " ad.total-bytes=", 16), overflow.start, overflow.end - overflow.start);
  *to++ = '\n';
  out = to;
}

static int column_named(const char *name) {
  size_t length = strlen(name);
  for (int i = 0; i < columns; i++)
    if ((size_t)(row[i].end - row[i].start) == length && memcmp(row[i].start, name, length) == 0) return i;
  return -1;
}

/* Takes a header line; returns what is behind it. */
static const byte *read_header(const byte *line) {
  const byte *end = (const byte *)rawmemchr(line, '\n') + 1;
  if (*line == 0xef) line += 3;
  if (memcmp(line, "#Version: ", 10) == 0) {
    read_version(line);
  } else if (memcmp(line, "#Fields: ", 9) == 0) {
    split(line + 9, &columns);
    for (struct value *value = values; value < values + ALL; value++) value->index = column_named(value->column);
    event_column = column_named("event-id"), time_column = column_named("date-time");
    version_column = column_named("schema-version");
    if (event_column < 0 || time_column < 0) columns = 0;
  }
  return end;
}

static void convert(int file) {
  size_t kept = 0;
  ssize_t got;
  while ((got = read(file, in + kept, IN_BYTES - kept)) > 0) {
    const byte *end = memrchr(in, '\n', kept += got), *at = in;
    if (end == NULL) continue;
    while (at <= end) {
      if (*at == '#' || *at == 0xef) { at = read_header(at); continue; }
      int count;
      at = split(at, &count);
      if (count == columns) write_event();
    }
    memmove(in, at, kept -= at - in);
  }
  if (got < 0) fail("read");
}

static void prepare(void) {
  for (int c = 0; c < 32; c++) class_of[c] = CONTROL;
  class_of['\t'] = 0, class_of[127] = CONTROL, class_of['\n'] = LF, class_of['\r'] = CR;
  class_of[','] = COMMA, class_of['"'] = QUOTE, class_of['\\'] = class_of['='] = ESCAPE;
  for (struct value *value = values; value < values + ALL; value++) {
    value->prefix_length = strlen(value->prefix);
    value->label_length = value->label ? strlen(value->label) : 0;
  }
}
