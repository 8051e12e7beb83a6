/*
 * The limit with AVX2: the work of limit.c, its bytes, by the widest means that most servers have. Rows are found by masks of
 * 64 bytes with the quotes' parity, text is copied and searched for what has to be escaped 32 bytes at a time, labels and the
 * header of an event are copied as one piece. Ends at rows that need care: stray quotes, other columns.
 *
 *   limit-simd HOST [--to PORT] FILE...
 */
#define _GNU_SOURCE
#include "limit-program.h"
#include "limit-simd.h"

enum { IN_BYTES = 256 << 10, LABELS_BYTES = 640 + OVER };

static int columns, event_column, version_column, time_column;
static byte in[IN_BYTES + OVER];

/* Offsets of the separators of a chunk, and for each row which one is its line feed. */
static uint32_t separators[IN_BYTES + OVER], row_ends[IN_BYTES];
static uint32_t rows;

/* Prefixes with room behind them, and the labels of each set of labelled values that are present. */
static byte prefixes[ALL][64];
static int label_bits[ALL];
static byte (*labels)[LABELS_BYTES];
static uint32_t *label_lengths;

/* Fills `separators` and `row_ends` with those of whole lines. */
static void split(const byte *bytes, size_t length) {
  uint64_t inside = 0, odd = 0, after_separator = 1, after_close = 0;
  uint32_t count = 0;
  rows = 0;
  for (size_t at = 0; at < length; at += 64) {
    __m256i low = _mm256_loadu_si256((const __m256i *)(bytes + at));
    __m256i high = _mm256_loadu_si256((const __m256i *)(bytes + at + 32));
    uint64_t there = at + 64 > length ? (1ull << (length - at)) - 1 : ~0ull;
    uint64_t quotes = equal(low, high, '"') & there, commas = equal(low, high, ',') & there;
    uint64_t feeds = equal(low, high, '\n') & there, returns = equal(low, high, '\r') & there;
    uint64_t quoted = between_quotes(quotes) ^ inside;
    inside = (uint64_t)((int64_t)quoted >> 63);
    uint64_t found = (commas | feeds) & ~quoted, opens = quotes & quoted, closes = quotes & ~quoted;
    odd |= opens & ~((found | closes) << 1 | after_separator | after_close);
    odd |= (closes << 1 | after_close) & ~(commas | feeds | returns | quotes);
    after_separator = found >> 63, after_close = closes >> 63;
    for (uint64_t left = feeds & found; left != 0; left &= left - 1)
      row_ends[rows++] = count + __builtin_popcountll(found & ((left & -left) - 1));
    uint32_t *to = separators + count;
    count += __builtin_popcountll(found);
    /* Four without asking how many there are; what is too much is written over. */
    for (int i = 0; i < 4; i++, found &= found - 1) *to++ = at + (found ? __builtin_ctzll(found) : 0);
    for (; found != 0; found &= found - 1) *to++ = at + __builtin_ctzll(found);
  }
  if (odd != 0 || inside != 0) unfit("stray quotes");
}

static inline byte *put_integer(byte *to, const byte *from, const byte *end, size_t digits, const byte *overflow[2]) {
  while (end - from > 1 && *from == '0') from++;
  size_t length = end - from;
  if (length < digits || (length == digits && (digits != 10 || memcmp(from, "2147483647", 10) <= 0))) return put(to, from, length);
  overflow[0] = from, overflow[1] = end;
  return (byte *)memcpy(to, "2147483647", 10) + 10;
}

static inline struct header *header_of(const byte *event, uint32_t length, const byte *schema, uint32_t shown) {
  uint64_t first, last;
  memcpy(&first, event, 8), memcpy(&last, schema + (shown >= 8 ? shown - 8 : 0), 8);
  if (length < 8) first &= (1ull << 8 * length) - 1;
  uint64_t hash = first * 0x9e3779b97f4a7c15ull ^ last * 0xc2b2ae3d27d4eb4full ^ length;
  return header_at(hash >> 40, event, length, schema, shown);
}

/* Text that may be too long only as it is written; valid until the next call. Returns its end. */
static const byte *with_single_quotes(const byte **from, const byte *end) {
  static byte text[IN_BYTES + OVER];
  byte *to = text;
  for (const byte *at = *from; at < end; at++) {
    *to++ = *at;
    at += *at == '"';
  }
  *from = text;
  return to;
}

/* Writes ` key=value`, or nothing for a value that is empty or not of its type. */
static inline byte *put_value(byte *to, int i, const byte *from, const byte *end, const byte *overflow[2]) {
  const struct value *value = &values[i];
  int is_quoted = *from == '"';
  if (is_quoted) from++, end--;
  while (from < end && (*from == ' ' || *from == '\t')) from++;
  while (from < end && (end[-1] == ' ' || end[-1] == '\t')) end--;
  if (from == end) return to;
  byte *start = put(to, prefixes[i], value->prefix_length);
  switch (value->kind) {
    case TEXT:
      if ((size_t)(end - from) > value->limit && is_quoted) end = with_single_quotes(&from, end), is_quoted = 0;
      if ((size_t)(end - from) > value->limit) {
        for (end = from + value->limit; end > from && (*end & 0xc0) == 0x80;) end--;
      }
      return put_text(start, from, end, is_quoted);
    case INTEGER:
      for (const byte *at = from; at < end; at++) if ((byte)(*at - '0') > 9) return to;
      return put_integer(start, from, end, value->limit, overflow);
    case TIME: return put_time(start, from);
    case IPV4: return is_ipv4(from, end - from) ? put(start, from, end - from) : to;
    case IPV6: {
      const byte *zone = from;
      int has_colon = 0;
      for (; zone < end && *zone != '%'; zone++) has_colon |= *zone == ':';
      return has_colon && is_ipv6(from, zone) ? put(start, from, zone - from) : to;
    }
  }
  return to;
}

static inline void write_event(const byte **starts, const byte **ends) {
  static const char months[] = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec ";
  if (out > out_buffer + OUT_BYTES - MOST_EVENT_BYTES) flush();
  const byte *time = starts[time_column], *event = starts[event_column], *overflow[2] = {NULL, NULL};
  uint32_t length = ends[event_column] - event, shown = version_column < 0 ? 0 : ends[version_column] - starts[version_column];
  struct header *header = header_of(event, length, version_column < 0 ? time : starts[version_column], shown);
  int is_receive = length == 7 && memcmp(event, "RECEIVE", 7) == 0;
  byte *to = put(out, header->priority, header->priority_length);
  memcpy(to, months + 4 * ((time[5] - '0') * 10 + time[6] - '1'), 4);
  to[4] = time[8] == '0' ? ' ' : time[8], to[5] = time[9], to[6] = ' ';
  memcpy(to + 7, time + 11, 8);
  to = put(put(to + 15, host, host_length), header->text, header->length);
  uint32_t present = 0;
  for (int i = 0; i < ALL; i++) {
    if (i == FIELDS) to = put(to, labels[present], label_lengths[present]);
    if (i == DEVICE) to = (byte *)memcpy(to, " _cefVer=0.1", 12) + 12;
    int column = values[i].index;
    if (column < 0 || starts[column] == ends[column]) continue;
    if (values[i].when != ALWAYS && (values[i].when == IF_RECEIVE) != is_receive) continue;
    byte *before = to;
    to = put_value(to, i, starts[column], ends[column], overflow);
    if (to > before && label_bits[i] >= 0) present |= 1u << label_bits[i];
  }
  if (overflow[0]) to = put((byte *)memcpy(to, " ad.total-bytes=", 16) + 16, overflow[0], overflow[1] - overflow[0]);
  *to++ = '\n';
  out = to;
}

static void convert_lines(const byte *bytes, size_t length) {
  const byte *starts[MOST_COLUMNS], *ends[MOST_COLUMNS];
  split(bytes, length);
  uint32_t first = 0, start = 0;
  for (uint32_t row = 0; row < rows; row++) {
    uint32_t last = row_ends[row], end = separators[last];
    if (last - first + 1 == (uint32_t)columns) {
      uint32_t at = start;
      for (int i = 0; i < columns; i++) starts[i] = bytes + at, ends[i] = bytes + separators[first + i], at = separators[first + i] + 1;
      if (end > start && bytes[end - 1] == '\r') ends[columns - 1]--;
      write_event(starts, ends);
    } else if (last != first || end > start + 1) unfit("other columns");
    start = end + 1, first = last + 1;
  }
}

static int column_named(const byte *line, const char *name) {
  size_t length = strlen(name);
  for (int i = 0;; i++) {
    size_t found = strcspn((const char *)line, ",\r\n");
    if (found == length && memcmp(line, name, length) == 0) return i;
    if (line[found] != ',') return -1;
    line += found + 1;
  }
}

/* Takes a header line; returns what is behind it. */
static const byte *read_header(const byte *line) {
  const byte *end = (const byte *)rawmemchr(line, '\n') + 1;
  if (*line == 0xef) line += 3;
  if (memcmp(line, "#Version: ", 10) == 0) {
    read_version(line);
  } else if (memcmp(line, "#Fields: ", 9) == 0) {
    line += 9, columns = 1;
    for (const byte *at = line; *at != '\r' && *at != '\n'; at++) columns += *at == ',';
    for (int i = 0; i < ALL; i++) values[i].index = column_named(line, values[i].column);
    event_column = column_named(line, "event-id"), time_column = column_named(line, "date-time");
    version_column = column_named(line, "schema-version");
    if (event_column < 0 || time_column < 0 || columns > MOST_COLUMNS) unfit("other columns");
  }
  return end;
}

static void convert(int file) {
  off_t at = 0;
  for (ssize_t got; (got = pread(file, in, IN_BYTES, at)) > 0;) {
    const byte *end = memrchr(in, '\n', got), *from = in;
    if (end++ == NULL) return;
    while (from < end && (*from == '#' || *from == 0xef)) from = read_header(from);
    convert_lines(from, end - from);
    at += end - in;
  }
}

/* The labels of every set of labelled values, each to be copied as one piece. */
static void join_labels(void) {
  int count = 0;
  for (int i = 0; i < ALL; i++) label_bits[i] = values[i].label ? count++ : -1;
  labels = calloc(1 << count, sizeof *labels), label_lengths = calloc(1 << count, sizeof *label_lengths);
  for (uint32_t set = 0; set < 1u << count; set++)
    for (int i = 0; i < ALL; i++)
      if (label_bits[i] >= 0 && set >> label_bits[i] & 1)
        label_lengths[set] = stpcpy((char *)labels[set] + label_lengths[set], values[i].label) - (char *)labels[set];
}

static void prepare(void) {
  for (int i = 0; i < ALL; i++) values[i].prefix_length = stpcpy((char *)prefixes[i], values[i].prefix) - (char *)prefixes[i];
  join_labels();
}
